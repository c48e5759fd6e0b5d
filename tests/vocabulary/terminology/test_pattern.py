import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.terminology import InvalidDefinition, TerminologyError, TooCostly
from ayni.vocabulary.terminology.pattern import Pattern

atoms = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[a-c1]", r"\d", r"\D", r"\w", r"\.", "1", "-"])
patterns = st.recursive(
    atoms,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{0}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(patterns, st.text("abc1.-", max_size=8))
def test_a_pattern_matches_what_the_standard_library_matches(pattern, text):
    assert Pattern(pattern).matches(text) == bool(re.fullmatch(pattern, text, re.DOTALL | re.ASCII))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^A0[0-9](\.\d)?$", ["A00", "A01.9"], ["A0", "A00.", "xA00", "A00.12"]),
        ("", [""], ["a"]),
        ("a|", ["a", ""], ["b"]),
        ("[]x]", ["]", "x"], ["["]),
        ("[a-]", ["a", "-"], ["b"]),
        (r"[\d.]+", ["1.2"], ["1,2"]),
        ("ñ+", ["ñ", "ññ"], ["n"]),
    ],
)
def test_patterns_as_lists_of_codes_use_them(pattern, yes, no):
    compiled = Pattern(pattern)
    assert all(compiled.matches(text) for text in yes)
    assert not any(compiled.matches(text) for text in no)


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*a*a*a*b", "((a{0,9}){0,9}){0,9}b"]
)
def test_a_hostile_pattern_takes_no_longer_than_another(pattern):
    compiled = Pattern(pattern)
    assert not compiled.matches("a" * 5_000)  # a backtracking matcher never comes back from this


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("a)", "character 2"),
        ("(a", "character 3"),
        ("*a", "character 1"),
        ("a**", "character 3"),
        ("[a", "character 3"),
        ("a$b", "character 2"),
        (r"\b", "character 2"),
        ("a\\", "character 3"),
        ("(?=a)", "character 2"),
        ("a{3,2}", "character 7"),
        ("[b-a]", "character 5"),
        ("(" * 60 + ")" * 60, "character 52"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_its_place(pattern, place):
    with pytest.raises(InvalidDefinition) as caught:
        Pattern(pattern)
    assert caught.value.place == place


@pytest.mark.parametrize("pattern", ["a{9999}", "((((a{9}){9}){9}){9}){9}", "(){9999}"])
def test_a_pattern_that_writes_out_too_long_is_refused(pattern):
    with pytest.raises(TooCostly):
        Pattern(pattern)


@given(st.text(r"ab\[](){}|*+?^$-.,0129:", max_size=15))
def test_no_text_raises_an_untyped_error(text):
    with suppress(TerminologyError):
        Pattern(text).matches("ab01")
