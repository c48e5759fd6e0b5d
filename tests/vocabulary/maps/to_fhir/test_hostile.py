"""Whatever a message holds, it becomes FHIR R4 or is refused with a place: nothing else, nothing invalid."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import bundle_from

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.hl7"))
MESSAGES = [path.read_bytes().decode() for path in SAMPLES]

Lines = list[str]
Change = Callable[[Lines], Lines]
Problems = Callable[[Resource], list[str]]

WORDS = st.one_of(
    st.text(max_size=12),
    st.text('^&~\\|"0123456789.+-:/ \n\x00\x0bÑ<>', max_size=16),
    st.sampled_from(
        ['""', "^", "&", "~", "^^^", '""^""', " ", "99999999999999999999", "1e9", "0000", "\ud7ff"]
    ),
    st.from_regex(r"[0-9]{4,14}([+-][0-9]{4})?", fullmatch=True),
)


def changes() -> st.SearchStrategy[Change]:
    place = st.integers(0, 60)

    def field(line: int, number: int, word: str) -> Change:
        def change(lines: Lines) -> Lines:
            fields = lines[line % len(lines)].split("|")
            number_ = 1 + number % max(len(fields), 12)
            fields += [""] * (number_ + 1 - len(fields))
            fields[number_] = word.replace("|", "").replace("\r", "")
            return [*lines[: line % len(lines)], "|".join(fields), *lines[line % len(lines) + 1 :]]

        return change

    def component(line: int, number: int, index: int, word: str) -> Change:
        def change(lines: Lines) -> Lines:
            fields = lines[line % len(lines)].split("|")
            number_ = 1 + number % len(fields) if len(fields) > 1 else 0
            if number_ >= len(fields):
                return lines
            parts = fields[number_].split("^") + [""] * (index + 1)
            parts[index] = word.replace("|", "").replace("\r", "")
            fields[number_] = "^".join(parts)
            return [*lines[: line % len(lines)], "|".join(fields), *lines[line % len(lines) + 1 :]]

        return change

    return st.one_of(
        st.builds(field, place, place, WORDS),
        st.builds(component, place, place, st.integers(0, 14), WORDS),
        st.builds(
            lambda line: lambda lines: lines[: line % len(lines)] + lines[line % len(lines) + 1 :], place
        ),
        st.builds(lambda line: lambda lines: [*lines, lines[line % len(lines)]], place),
        st.builds(lambda line: lambda lines: [*lines[:1], *lines[line % len(lines) :], *lines[1:]], place),
        st.builds(lambda other: lambda lines: lines + MESSAGES[other % len(MESSAGES)].split("\r")[1:], place),
    )


def becomes_fhir_or_is_refused(raw: bytes, problems: Problems) -> None:
    try:
        message = parse(raw)
    except Hl7Error:
        return  # no message
    try:
        found = bundle_from(message)
    except Hl7Error as error:
        place, text = error.location, error.text
        assert (bool(place), bool(text)) == (True, True)
        return
    assert problems(found.bundle) == []
    assert all(finding.location and finding.reason and finding.text for finding in found.findings)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(MESSAGES), st.lists(changes(), min_size=1, max_size=6))
def test_a_changed_message(problems: Problems, message: str, each: list[Change]) -> None:
    lines = [line for line in message.split("\r") if line]
    for change in each:
        lines = change(lines) or lines
    raw = "\r".join(lines).encode("utf-8", "replace")
    if raw.startswith(b"MSH|"):
        becomes_fhir_or_is_refused(raw, problems)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(MESSAGES), st.integers(0, 2000), st.binary(max_size=8))
@example(MESSAGES[0], 3, b"#")
@example(MESSAGES[0], 7, b"\xff\xfe")
def test_a_damaged_message(problems: Problems, message: str, place: int, noise: bytes) -> None:
    raw = message.encode()
    place %= len(raw)
    becomes_fhir_or_is_refused(raw[:place] + noise + raw[place + len(noise) :], problems)


def test_a_megabyte_of_separators_is_answered() -> None:
    head = b"MSH|^~\\&|A|B|C|D|20261124||ADT^A01|1|T|2.5.1\rPID|1||"
    for mark in (b"~", b"^", b"&", b"1^~", b"~x"):
        found = bundle_from(parse(head + mark * (300_000 // len(mark))))
        assert len(found.findings) <= 200
