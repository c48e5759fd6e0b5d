"""S-01, S-03, S-04, S-11, S-23: what must not stand in the engine's code does not stand in it."""

import ast
import json
import re
import subprocess
import sys

from .source import calls, imports, trees

UNSAFE = {"pickle", "cPickle", "dill", "jsonpickle", "marshal", "shelve", "yaml", "cloudpickle", "joblib"}
XML = {"xml", "lxml", "defusedxml", "xmltodict"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
MANY = 20
SQL = re.compile(r"^\s*(select|insert|update|delete|with|create|drop|alter)\s", re.IGNORECASE)


def test_s_01_nothing_that_makes_objects_of_bytes_is_imported() -> None:
    assert [each for each in imports() if each[1].partition(".")[0] in UNSAFE] == []


def test_s_03_one_module_reads_xml_and_none_follows_entities() -> None:
    """`expat` alone: it opens nothing by itself, and the one who uses it refuses every DOCTYPE."""
    assert {each for each in imports() if each[1].partition(".")[0] in XML} == {
        ("ayni/vocabulary/fhir/validation/narrative.py", "xml.parsers")
    }


def test_s_04_text_of_sql_is_put_together_in_one_module_and_from_its_own_constants_only() -> None:
    """What a person or a partner says is always bound to a place; `search.py` chooses among constants."""
    built = {
        path
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and SQL.match(_beginning(node))
    }
    assert {each for each in built if each.startswith("ayni/engine/")} == {"ayni/engine/store/search.py"}


def _beginning(text: ast.JoinedStr) -> str:
    first = text.values[0] if text.values else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_s_23_no_text_is_ever_run_as_code() -> None:
    """Channels are code of the deployment, imported from its folder like any module; messages never are.

    `reach` compiles a channel's file to count its lines, and runs nothing of it.
    """
    found = {(path, name) for path, _, name in calls() if name in RUNS_TEXT}
    assert found == {("ayni/engine/tooling/reach.py", "compile")}


SEARCHING = ("search", "sub", "subn", "split", "findall", "finditer")
EVIL = ("a", "1", " ", ".", "|", "^", "\\", "<", "a1", "1.", "\\X0D\\", "é")
"""Each a hundred thousand characters long, with an end that fits nothing."""
READS = ("ayni/engine/", "ayni/wire/", "ayni/vocabulary/", "channels/")
"""Where strangers' text comes."""
PROBE = """
import json, re, sys
for pattern, searches in json.load(sys.stdin):
    print(json.dumps(pattern), flush=True)
    made = re.compile(pattern)
    for each in sys.argv[1:]:
        text = (each * 100_000)[:100_000] + chr(0)
        made.match(text), made.fullmatch(text)
        if searches:
            made.search(text)
print("done")
"""


def test_the_channels_and_the_whole_vocabulary_are_looked_at() -> None:
    places = {path.rpartition("/")[0] for path in trees() if path.startswith(READS)}
    for place in ("channels/intake_to_ehr", "ayni/vocabulary/maps", "ayni/vocabulary/peru"):
        assert place in places


def patterns() -> list[tuple[str, bool]]:
    """Every pattern strangers' text meets, and whether it is looked for anywhere in it."""
    found = set()
    for path, tree in trees().items():
        if not path.startswith(READS):
            continue
        made = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        used = {ast.unparse(node.func) for node in made}
        names = {node.value: _name(node) for node in ast.walk(tree) if isinstance(node, ast.Assign)}
        for node in made:
            name = ast.unparse(node.func)
            if name.partition(".")[0] == "re" and _is_text(node):
                uses = {name, *(each for each in used if each.startswith(f"{names.get(node)}."))}
                searches = any(each.rpartition(".")[2] in SEARCHING for each in uses)
                found.add((str(node.args[0].value), searches))  # type: ignore[attr-defined]
    return sorted(found)


def _name(assigned: ast.Assign) -> str:
    return ast.unparse(assigned.targets[0])


def _is_text(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)


def test_s_11_no_pattern_takes_for_ever_whatever_it_is_given() -> None:
    """One that backtracks would take hours: the minutes are no measure of speed."""
    given = json.dumps(patterns())
    assert len(patterns()) > MANY
    command = [sys.executable, "-S", "-c", PROBE, *EVIL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            said, _ = process.communicate(given, timeout=180)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    assert said.splitlines()[-1] == "done"
