"""The page about connectors: each declaration on it is opened, and each connector is on it."""

import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import time
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncssh
import pytest

import ayni.engine.connectors
from ayni.engine.channel import Destination, application_acknowledgements
from ayni.engine.connectors.contract import World
from ayni.wire.failure import NotTaken

from .certificates import Authority
from .conftest import Ports

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "engine" / "connectors.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
SETTING = re.compile(r"\$\{([A-Z_]+)\}")


def declarations() -> dict[str, type]:
    """The connectors by name: what can be opened."""
    modules = [
        import_module(each.name)
        for each in pkgutil.iter_modules(ayni.engine.connectors.__path__, "ayni.engine.connectors.")
    ]
    found = {
        name: kind
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and not name.startswith("_")
    }
    return {name: kind for name, kind in found.items() if not getattr(kind, "_is_protocol", False)}


NAMES = declarations()


@pytest.fixture
def settings(tmp_path: Path, ports: Ports) -> dict[str, str]:
    """A value for every setting on the page, and the files some of them name."""
    authority = Authority(tmp_path)
    own = authority.certifies("engine.red.example")
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "key")
    (tmp_path / "known_hosts").write_text(f"lab.example {key.export_public_key().decode()}")
    for name in SETTING.findall(PAGE):
        if name.endswith(("_TOKEN_FILE", "_PASSWORD_FILE")):
            (tmp_path / name).write_text("one secret for this test")
    special = {
        "OWN_CERTIFICATE": str(own.certificate),
        "OWN_KEY": str(own.key),
        "PARTNERS_CA": str(authority.file),
        "LAB_CA": str(authority.file),
        "LAB_MLLP": "lab.example:2575",
        "HIS_ACKNOWLEDGEMENTS": "his.example:2576",
        "LAB_SFTP": "lab.example:22",
        "LAB_SFTP_KEY": str(tmp_path / "key"),
        "LAB_KNOWN_HOSTS": str(tmp_path / "known_hosts"),
        "STATISTICS_DATABASE": "postgresql://ayni@lab.example/statistics",
        "MAIL_SERVER": "mail.red.example:587",
        "ARCHIVE_URL": "https://archive.example",
        "ASSISTANT_URL": "https://assistant.example",
        "REGISTRY_URL": "https://registry.example/fhir",
    }
    given = {name: str(tmp_path / name) for name in SETTING.findall(PAGE)}
    given |= {name: str(ports.free()) for name in given if name.endswith("_PORT")}
    return given | special


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.partition("(")[0] for each in EXAMPLES])
async def test_a_declaration_on_the_page_can_be_opened(
    example: str, new_world: Callable[..., World], settings: dict[str, str]
) -> None:
    more = {"time": time, "NotTaken": NotTaken, "application_acknowledgements": application_acknowledgements}
    names: dict[str, Any] = more | NAMES
    declared = eval(example, names)
    if isinstance(declared, Destination):
        declared = declared.connector
    assert hash(declared) is not None, "the engine compares declarations"
    opened = declared.open(new_world(**settings), "example")
    if hasattr(opened, "close"):
        await opened.close()


def test_every_connector_is_in_the_table_with_its_file() -> None:
    for name, kind in NAMES.items():
        if hasattr(kind, "open") and not name.endswith("Tls"):
            file = kind.__module__.rpartition(".")[2]
            assert re.search(rf"^\|[^|]*`{name}`.*`{file}\.py`", PAGE, re.MULTILINE), name


def test_the_page_names_only_what_is_there() -> None:
    folder = Path(ayni.engine.connectors.__path__[0])
    for file in set(re.findall(r"`([a-z_]+\.py)`", PAGE)):
        assert (folder / file).exists(), file


@pytest.mark.parametrize(
    ("package", "module"),
    [("asyncssh", "sftp"), ("aiosmtplib", "mail"), ("psycopg", "postgresql")],
)
def test_without_its_package_a_connector_says_what_to_install(package: str, module: str) -> None:
    program = f"import sys; sys.modules['{package}'] = None; import ayni.engine.connectors.{module}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    said = ran.stderr.strip().splitlines()[-1]
    assert said.startswith("ayni.wire.failure.CannotStart: ")
    assert said.endswith(f"needs {package}: install ayni[engine]")


def test_the_engine_starts_without_the_packages_of_connectors_nobody_names() -> None:
    program = "import sys, ayni.engine.process; print(*{'asyncssh', 'aiosmtplib'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
