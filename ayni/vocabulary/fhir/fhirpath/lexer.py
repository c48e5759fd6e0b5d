"""FHIRPath text into tokens.

Source: FHIRPath 2.0 (N1), section 10 and the grammar in its appendix.
"""

import re
from typing import Final, Literal, NamedTuple

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError

Kind = Literal["name", "quoted", "string", "number", "time", "variable", "symbol", "end"]

EXPRESSION_CHARACTERS_MAX: Final = 16_384
"""R4's longest invariant has 650; what is longer than this was not written by a person."""

_TOKEN: Final = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
  | (?P<time>@(?:T[0-9:.]+|[0-9]{4}(?:-[0-9]{2}){0,2}(?:T[0-9:.]*(?:Z|[+-][0-9]{2}:[0-9]{2})?)?))
  | (?P<number>[0-9]+(?:\.[0-9]+)?)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | `(?P<quoted>(?:[^`\\]|\\.)*)`
  | %(?P<variable>[A-Za-z_][A-Za-z0-9_\-]*|`[^`]*`|'[^']*')
  | (?P<name>\$?[A-Za-z_][A-Za-z0-9_]*)
  | (?P<symbol><=|>=|!=|!~|[-+*/<>=~&|.,()\[\]{}])
    """,
    re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_ESCAPED: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))")


class Token(NamedTuple):
    kind: Kind
    text: str
    at: int  # characters before it


def tokens(expression: str) -> list[Token]:
    """The tokens, the last one of kind `end`; raises FhirPathError with the place of what is none."""
    if len(expression) > EXPRESSION_CHARACTERS_MAX:
        raise FhirPathError(f"longer than {EXPRESSION_CHARACTERS_MAX} characters")
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise FhirPathError(f"no FHIRPath at character {at + 1}")
        kind = match.lastgroup
        if kind != "space":
            found.append(_token(kind, match[str(kind)], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def _token(kind: str | None, text: str, at: int) -> Token:
    if kind == "string":
        return Token("string", _unescaped(text[1:-1]), at)
    if kind == "quoted":
        return Token("quoted", _unescaped(text), at)
    if kind == "variable":
        return Token("variable", text.strip("`'"), at)
    return Token(kind, text, at)  # type: ignore[arg-type]


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2])

    return _ESCAPED.sub(plain, text)
