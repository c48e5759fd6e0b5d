"""Making a new channel: a folder that passes its test and the check at once, to be changed from there."""

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ayni.engine.errors import ChannelError
from ayni.engine.loading import NAME_HINT, USABLE_NAME, claim_of, load_all
from ayni.engine.tooling.dry_opening import filled
from ayni.engine.tooling.running import SAMPLES, try_channel
from ayni.engine.tooling.starters import DESTINATIONS, SOURCES, DestinationStarter, SourceStarter
from ayni.engine.tooling.translations import CONTENTS, FACTS, Content, Facts
from ayni.wire.settings import Environment

FIRST_PORT = 2601
ENGINE, CONNECTORS = "ayni.engine", "ayni.engine.connectors"
WORD = re.compile(r"\b(NAME|PARTNER|PORT)\b")
CODE = '''"""NAME: say here what it carries, from whom to whom and what for."""

{imports}


def to_partner({parameter}) -> Outgoing:
    """What PARTNER gets. Deliveries with the same key keep their order."""
{body}
    return Outgoing(content=content, control_id=control_id, key={key})


channel = Channel(
    name="NAME",
    title="NAME",
    source={source},
    destinations=(
        Destination(
            partner="PARTNER",
            connector={destination},
            transform=to_partner,
        ),
    ),
)
'''
README = """# NAME

Say here what it carries, from whom to whom and what for.

| | |
|---|---|
| from | {source} |
| to | PARTNER, {destination} |
| answer | what the partner answers ends here |
| order | kept per key of a message |

| to | from |
|---|---|
| say here | which field becomes which |

Before it leaves this machine: every address and port becomes a setting of the deployment, such as
`${{LAB_ADDRESS}}`, and the partner gets the name it has.

Try it: `ayni engine test channels NAME`. A new case is a new pair in `samples/`.
"""
TEST = """from pathlib import Path

import pytest

from ayni.engine.loading import load_channel
from ayni.engine.testing import Sample, run_sample, samples

HERE = Path(__file__).parent
CHANNEL = load_channel(HERE)


@pytest.mark.parametrize("sample", samples(HERE / "samples"), ids=str)
def test_every_sample_becomes_what_stands_beside_it(sample: Sample) -> None:
    run_sample(CHANNEL, sample)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChannel:
    """What was made: the folder, the files in it by their place there, and the port its source listens on."""

    folder: Path
    files: list[str]
    port: int | None


def new_channel(
    folder: Path, name: str, *, source: str, destination: str, environment: Environment
) -> NewChannel:
    """Makes the folder of a channel; raises ChannelError for a name that is taken or that none can have."""
    _check_name(folder, name)
    made_of, made_for = SOURCES[source], DESTINATIONS[destination]
    if (made_of.family, made_for.payload) not in CONTENTS:
        hint = "a tick holds no patient: send it to a file, http, mail or sql"
        raise ChannelError("no-such-pair", name, hint)
    port = _free_port(folder, environment)
    words = {"NAME": name, "PARTNER": f"{name}_partner", "PORT": str(port)}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as scratch:
        made = Path(scratch) / name
        _write(made, made_of, made_for, words)
        trial = try_channel(made, update=True)
        if not trial.is_as_expected:  # such as an extra that is not installed
            raise ChannelError("cannot-be-made", name, trial.error or "its own samples are not as expected")
        made = made.rename(folder / name)
    listens = "PORT" in WORD.findall(made_of.declared)
    return NewChannel(folder=made, files=_files_in(made), port=port if listens else None)


def _files_in(made: Path) -> list[str]:
    found = (path.relative_to(made) for path in made.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.suffix != ".pyc")


def _check_name(folder: Path, name: str) -> None:
    if not USABLE_NAME.fullmatch(name):
        raise ChannelError("unusable-name", name, NAME_HINT)
    if (folder / name).exists():
        raise ChannelError(
            "name-taken", name, "it is there already: take another name", path=str(folder / name)
        )


def _free_port(folder: Path, environment: Environment) -> int:
    """The first one that no channel beside it and no setting of this deployment has."""
    channels = load_all(folder).channels.values()
    expand = partial(filled, environment)
    taken = {claim[0] for each in channels if (claim := claim_of(each, expand))}
    return next(port for port in range(FIRST_PORT, 1 << 16) if str(port) not in taken)


def _write(
    made: Path, source: SourceStarter, destination: DestinationStarter, words: Mapping[str, str]
) -> None:
    facts, content = FACTS[source.family], CONTENTS[source.family, destination.payload]
    (made / SAMPLES).mkdir(parents=True)
    for name, given in facts.samples:
        ending = "hl7" if source.family == "hl7" else "json"
        (made / SAMPLES / f"{name}.in.{ending}").write_text(given, "utf-8")
    (made / "test_channel.py").write_text(TEST, "utf-8")
    (made / "README.md").write_text(_filled(_readme(source, destination), words), "utf-8")
    code = _code(source, destination, facts, content)
    (made / "channel.py").write_text(_filled(code, words), "utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: words[found[0]], text)


def _code(source: SourceStarter, destination: DestinationStarter, facts: Facts, content: Content) -> str:
    connectors = [
        (f"{ENGINE}.connectors.{module}", name) for module, name in (source.connector, destination.connector)
    ]
    own = [(ENGINE, name) for name in ("Channel", "Destination", "Outgoing")]
    imports = _imports([*own, *connectors, *facts.imports, *content.imports])
    lines = [*facts.lines, *content.lines, f"content = {content.value}"]
    body = "\n".join(f"    {line}" for line in lines)
    return CODE.format(
        imports=imports,
        parameter=facts.parameter,
        body=body,
        key=facts.key,
        source=source.declared,
        destination=destination.declared,
    )


def _imports(wanted: Iterable[tuple[str, str]]) -> str:
    """The import lines of (module, name) pairs, the standard library first."""
    names: dict[str, list[str]] = {}
    for module, name in sorted(set(wanted), key=lambda pair: (pair[0], pair[1].lower())):
        names.setdefault(module, []).append(name)
    ours = [module for module in names if module.startswith("ayni")]
    standard = sorted(
        (module for module in names if module not in ours), key=lambda each: names[each] != [""]
    )
    blocks = [[_import(module, names[module]) for module in each] for each in (standard, ours)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _import(module: str, names: list[str]) -> str:
    return f"import {module}" if names == [""] else f"from {module} import {', '.join(names)}"


def _readme(source: SourceStarter, destination: DestinationStarter) -> str:
    return README.format(source=source.told, destination=destination.told)
