"""`ayni terminology …`: loads the user's own code lists and asks about codes.

Ends with 0 when it was done, 1 when something was refused, invalid or not found, 2 for a wrong use.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ayni.commands.lists import keep, terminology_in
from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.terminology import (
    CodeSystem,
    ConceptMap,
    Question,
    Terminology,
    TerminologyError,
    ValueSet,
    expand,
    lookup,
    translate,
    validate_code,
    validate_member,
)
from ayni.vocabulary.terminology.loading import LAYOUTS, Loaded, load
from ayni.wire.clock import real_now

Json = dict[str, Any]
Command = Callable[..., None]

FINDINGS_SHOWN = 20
"""Findings on a screen; `--json` has all that are kept."""

LOAD_HELP = """
Reads a list of codes from FILE, as it circulates, and keeps it as a FHIR CodeSystem.

Text files of any separator and encoding are read; workbooks are not: save them as CSV UTF-8. Each row that
was repaired or refused is shown with its line, its column, what was expected and what was found. Ends with 1
when rows were refused; the others are loaded.

\b
Examples:
  ayni terminology load cie10 CIE10_MINSA.csv --version 2019
  ayni terminology load renipress RENIPRESS.csv --version 2026-11 --since 2026-11-01
  ayni terminology load loinc Loinc.csv --version 2.78 --json
"""

LOOKUP_HELP = """
Shows what a code means, on a day.

SYSTEM is an address or a short name, as `ayni terminology list` shows them.

\b
Examples:
  ayni terminology lookup cie10 A01.0
  ayni terminology lookup renipress 00004576 --json
  ayni terminology lookup cie10 A01.0 --system-version 2019 --on 2023-06-30
"""

VALIDATE_HELP = """
Says whether a code counts on a day, in its system or in a value set. Ends with 1 when it does not.

\b
Examples:
  ayni terminology validate his-payer 2
  ayni terminology validate cie10 A01.0 --in https://www.gob.pe/minsa/RENHICE/fhir/ValueSet/CIE10VS
"""

TRANSLATE_HELP = """
Translates a code by a map, and says by which row of which version. Ends with 1 when there is none.

\b
Examples:
  ayni terminology translate document-type-to-sis ce
  ayni terminology translate ubigeo-inei-to-reniec 061103
  ayni terminology translate his-college-to-minsa 1O --reverse
"""

EXPAND_HELP = """
Lists the codes of a value set on a day: those where each word of --filter begins a word.

\b
Examples:
  ayni terminology expand his-profession --filter "enf"
  ayni terminology expand CIE10VS --filter "fiebre" --count 20 --json
"""


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except (TerminologyError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _asking(command: Command) -> Command:
    """The options of every question."""
    day = click.DateTime(["%Y-%m-%d"])
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the FHIR answer."),
        click.option("--on", type=day, help="The day that is asked about; today if not said."),
        _lists_option,
    ):
        command = option(command)
    return command


_lists_option = click.option(
    "--var",
    envvar="AYNI_VAR",
    default="var",
    show_default=True,
    show_envvar=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder whose `terminology` holds the loaded lists.",
)


def _held(var: Path) -> Terminology:
    return terminology_in(var / "terminology")


def _day(on: datetime | None) -> date:
    return on.date() if on else real_now().date()


def _address(terminology: Terminology, word: str, kind: type[CodeSystem | ValueSet | ConceptMap]) -> str:
    """The address of a short name: its last word, or the name of the resource."""
    if ":" in word:
        return word
    for each in terminology.definitions:
        urls = [each.url] if isinstance(each, kind) else []
        if kind is ValueSet and isinstance(each, CodeSystem) and each.value_set:
            urls.append(each.value_set)
        for url in urls:
            if word in (url.rpartition("/")[2], each.name):
                return url
    return word


def _say(answer: Json, as_json: bool, text: str) -> None:
    click.echo(dumps(answer).decode() if as_json else text)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def terminology() -> None:
    """Code lists and crosswalks: load the user's own, ask about codes on a day."""


@terminology.command("load", help=LOAD_HELP)
@click.argument("kind", type=click.Choice(sorted(LAYOUTS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", required=True, help="The version of the list, as its publisher names it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The day from which it counts.")
@click.option("--part", is_flag=True, help="The file has only a part of the list.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@_lists_option
def load_list(
    kind: str, file: Path, version: str, since: datetime | None, part: bool, as_json: bool, var: Path
) -> None:
    with _one_line_errors():
        loaded = load(
            file.read_bytes(),
            LAYOUTS[kind],
            file=file.name,
            version=version,
            since=since.date() if since else None,
            is_complete=not part,
        )
        path = keep(var / "terminology", loaded.code_system)
    _say(_summary(loaded, path), as_json, "\n".join(_summary_lines(loaded, path)))
    raise SystemExit(1 if loaded.refused_count else 0)


def _summary(loaded: Loaded, path: Path) -> Json:
    return {
        "system": loaded.code_system.canonical,
        "file": str(path),
        "loaded": loaded.loaded_count,
        "repaired": dict(loaded.repaired_counts),
        "refused": dict(loaded.refused_counts),
        "findings": [
            {
                "outcome": outcome,
                "line": each.line,
                "column": each.column,
                "reason": each.reason,
                "expected": each.expected,
                "found": each.found,
            }
            for outcome, findings in (("refused", loaded.refused), ("repaired", loaded.repaired))
            for each in findings
        ],
    }


def _summary_lines(loaded: Loaded, path: Path) -> Iterator[str]:
    yield f"{loaded.code_system.canonical}: {loaded.loaded_count} codes loaded into {path}"
    for outcome, counts, findings in (
        ("refused", loaded.refused_counts, loaded.refused),
        ("repaired", loaded.repaired_counts, loaded.repaired),
    ):
        total = sum(counts.values())
        if total:
            reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
            yield f"{total} {outcome}: {reasons}"
            yield from (f"  {finding}" for finding in findings[:FINDINGS_SHOWN])
            if total > FINDINGS_SHOWN:
                yield f"  … and {total - FINDINGS_SHOWN} more"


@terminology.command("list")
@_lists_option
def list_held(var: Path) -> None:
    """Shows what is held: kind, address, version, days, size."""
    with _one_line_errors():
        held = _held(var)
    for each in held.definitions:
        kind = type(each).__name__
        size = f"{len(each.concepts)} codes" if isinstance(each, CodeSystem) else ""
        part = " (a part)" if isinstance(each, CodeSystem) and not each.is_complete else ""
        since = each.effective.since or each.published or ""
        click.echo("\t".join((kind, each.url, each.version, str(since), size + part)).rstrip())


@terminology.command("lookup", help=LOOKUP_HELP)
@click.argument("system")
@click.argument("code")
@click.option("--system-version", default="", help="The version of the system; else the one of the day.")
@_asking
def look_up(
    system: str, code: str, system_version: str, var: Path, on: datetime | None, as_json: bool
) -> None:
    with _one_line_errors():
        held = _held(var)
        url = _address(held, system, CodeSystem)
        answer = lookup(held, system=url, code=code, on=_day(on), version=system_version)
    _say(answer, as_json, "\n".join(_lines(answer)))


@terminology.command("validate", help=VALIDATE_HELP)
@click.argument("system")
@click.argument("code")
@click.option("--in", "value_set", default="", help="A value set; else the whole system.")
@_asking
def validate(system: str, code: str, value_set: str, var: Path, on: datetime | None, as_json: bool) -> None:
    with _one_line_errors():
        held = _held(var)
        url, day = _address(held, system, CodeSystem), _day(on)
        if value_set:
            where = _address(held, value_set, ValueSet)
            answer = validate_member(held, value_set=where, system=url, code=code, on=day)
        else:
            answer = validate_code(held, system=url, code=code, on=day)
    _say(answer, as_json, "\n".join(_lines(answer)))
    raise SystemExit(0 if answer["parameter"][0]["valueBoolean"] else 1)


@terminology.command("translate", help=TRANSLATE_HELP)
@click.argument("map_name", metavar="MAP")
@click.argument("code")
@click.option("--reverse", is_flag=True, help="Read the map from target to source.")
@_asking
def translate_code(
    map_name: str, code: str, reverse: bool, var: Path, on: datetime | None, as_json: bool
) -> None:
    with _one_line_errors():
        held = _held(var)
        url, day = _address(held, map_name, ConceptMap), _day(on)
        group = held.concept_map(url, on=day).groups[0]
        system = group.target if reverse else group.source
        question = Question(system=system, code=code, on=day, concept_map=url, reverse=reverse)
        answer = translate(held, question)
    _say(answer, as_json, "\n".join(_lines(answer)))
    raise SystemExit(0 if answer["parameter"][0]["valueBoolean"] else 1)


@terminology.command("expand", help=EXPAND_HELP)
@click.argument("value_set")
@click.option("--filter", "text_filter", default="", help="Beginnings of words of code or name.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True)
@click.option("--count", type=click.IntRange(0), default=100, show_default=True)
@_asking
def expand_value_set(
    value_set: str,
    text_filter: str,
    offset: int,
    count: int,
    var: Path,
    on: datetime | None,
    as_json: bool,
) -> None:
    with _one_line_errors():
        held = _held(var)
        url = _address(held, value_set, ValueSet)
        answer = expand(held, url, on=_day(on), text_filter=text_filter, offset=offset, count=count)
    contains = answer["expansion"]["contains"]
    lines = [f"{each['code']}\t{each.get('display', '')}" for each in contains]
    _say(answer, as_json, "\n".join([*lines, f"{len(contains)} of {answer['expansion']['total']}"]))


def _lines(answer: Json) -> Iterator[str]:
    """Parameters for a terminal: `name: value`, parts behind one another."""
    for each in answer["parameter"]:
        parts = [_value(part) for part in each.get("part", ())]
        yield f"{each['name']}: {'  '.join(parts) if parts else _value(each)}"


def _value(said: Json) -> str:
    content = next((value for name, value in said.items() if name.startswith("value")), "")
    if isinstance(content, dict):
        return " ".join(str(value) for value in content.values())
    return str(content).lower() if isinstance(content, bool) else str(content)
