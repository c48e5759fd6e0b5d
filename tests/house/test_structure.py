"""The borders and the sizes no other tool watches."""

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES_MAX = 45
FUNCTION_LINES_MEDIAN = 10
FILE_LINES_MAX = 400
NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
SYSTEMS = ("engine", "onevision", "qhali")
TEXTS = {".py", ".html", ".toml", ".txt", ".css", ".js", ".sql"}
CHANNEL_IMPORTS = ("ayni.engine", "ayni.vocabulary")

Sources = dict[Path, ast.Module]


def test_channels_import_only_the_engine_the_vocabulary_and_the_standard_library(sources: Sources) -> None:
    strangers = [
        f"{path}: {module}"
        for path, tree in sources.items()
        if path.parts[0] == "channels"
        for module in _imported(tree)
        if not _is_for_channels(module, is_test=path.name.startswith(("test_", "conftest")))
    ]
    assert strangers == []


def test_a_module_is_named_after_the_thing_in_it(sources: Sources) -> None:
    assert [str(path) for path in sources if NAMES_OF_NOTHING & {*path.parts[:-1], path.stem}] == []


def test_a_system_names_no_other_system(root: Path) -> None:
    """Also not in the strings Django imports by: INSTALLED_APPS, MIDDLEWARE, ROOT_URLCONF, templates."""
    found = [
        f"{path.relative_to(root)}: {name[0]}"
        for system in SYSTEMS
        for path in sorted((root / "ayni" / system).rglob("*"))
        if path.suffix in TEXTS
        for name in re.finditer(_others(system), path.read_text("utf-8"))
    ]
    assert found == []


def test_the_exercise_names_no_system_as_a_module(sources: Sources) -> None:
    found = [
        f"{path}: {module}"
        for path, tree in sources.items()
        if path.parts[:2] == ("ayni", "exercise")
        for module in _imported(tree)
        if re.match(r"ayni\.(engine|onevision|qhali|fhirserver)\b", module)
    ]
    assert found == []


def test_no_function_outgrows_a_screen(sources: Sources) -> None:
    assert [size for size in _function_sizes(sources) if size[0] > FUNCTION_LINES_MAX] == []


def test_the_middle_function_is_short(sources: Sources) -> None:
    assert statistics.median(lines for lines, _ in _function_sizes(sources)) < FUNCTION_LINES_MEDIAN


def test_no_file_needs_a_map(sources: Sources, root: Path) -> None:
    long = [str(path) for path in sources if len((root / path).read_bytes().splitlines()) > FILE_LINES_MAX]
    assert long == []


def test_nothing_names_a_place_outside_the_repository(tracked: tuple[Path, ...], root: Path) -> None:
    places = [b"/" + b"work/", b"../" + b"shared"]
    found = [
        f"{path.relative_to(root)}: {place.decode()}"
        for path in tracked
        for place in places
        if place in path.read_bytes()
    ]
    assert found == []


def test_packages_come_from_the_public_index_and_only_the_lock_says_so(
    tracked: tuple[Path, ...], root: Path
) -> None:
    index = re.compile(rb"(?:pypi\.org|pythonhosted\.org)")
    hosts = set(re.findall(r"https?://([^/\"]+)/", (root / "uv.lock").read_text("utf-8")))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}
    naming = [
        path.name
        for path in tracked
        if path not in (root / "uv.lock", Path(__file__)) and index.search(path.read_bytes())
    ]
    assert naming == []


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def _is_for_channels(module: str, *, is_test: bool) -> bool:
    top = module.partition(".")[0]
    return (
        (module.startswith(".") and not module.startswith(".."))  # another file of its own folder
        or module.startswith(tuple(f"{name}." for name in CHANNEL_IMPORTS))
        or module in CHANNEL_IMPORTS
        or top in sys.stdlib_module_names
        or (is_test and top == "pytest")
    )


def _others(system: str) -> str:
    return r"\bayni[./](?:" + "|".join(other for other in SYSTEMS if other != system) + r")\b"


def _function_sizes(sources: Sources) -> list[tuple[int, str]]:
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.lineno} {node.name}")
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
