"""Tokens into a tree.

Source: FHIRPath 2.0 (N1), section 6.8 (operator precedence) and the grammar in its appendix.
"""

from dataclasses import dataclass, field
from typing import Final

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError
from ayni.vocabulary.fhir.fhirpath.lexer import Token, tokens

NESTING_MAX: Final = 100
"""Steps, operators and parentheses one on another. R4's deepest expression has 34; Python's stack ends."""

_WEAKEST: Final = "implies, or xor, and, in contains, = ~ != !~, < > <= >=, |, is as, + - &, * / div mod"
_BINDS: Final = {
    operator: strength
    for strength, operators in enumerate(_WEAKEST.split(", "))
    for operator in operators.split()
}
_LITERAL_NAMES: Final = frozenset({"true", "false"})
_UNITS: Final = frozenset(
    f"{unit}{plural}"
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A node of the tree: what it is, its word, and the expressions it is made of.

    kind: `literal` (word is the text, `type` its type), `this` `index` `total`, `variable`, `name`, `call`
    (parts: the focus or None, then arguments), `index-of`, `operator`, `negative`, `type`.
    """

    kind: str
    word: str = ""
    type: str = ""
    focus: "Expression | None" = None
    parts: tuple["Expression", ...] = field(default=())
    depth: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        inner = [each.depth for each in (*self.parts, *((self.focus,) if self.focus else ()))]
        object.__setattr__(self, "depth", 1 + max(inner, default=0))
        if self.depth > NESTING_MAX:
            raise FhirPathError(f"nested more than {NESTING_MAX} deep")


def parse(expression: str) -> Expression:
    """The tree of an expression; raises FhirPathError."""
    return _Parser(tokens(expression)).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._operators(0)
        if self._token.kind != "end":
            raise self._unexpected()
        return found

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _unexpected(self) -> FhirPathError:
        return FhirPathError(f"no FHIRPath at character {self._token.at + 1}")

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _is(self, *symbols: str) -> bool:
        return self._token.kind in ("symbol", "name") and self._token.text in symbols

    def _expect(self, symbol: str) -> None:
        if not self._is(symbol):
            raise self._unexpected()
        self._next += 1

    def _operators(self, weakest: int) -> Expression:
        left = self._unary()
        while self._token.kind in ("symbol", "name"):
            operator = self._token.text
            strength = _BINDS.get(operator, -1)
            if strength < weakest:
                break
            self._next += 1
            if operator in ("is", "as"):
                left = Expression("call", operator, focus=left, parts=(self._type(),))
            else:
                left = Expression("operator", operator, parts=(left, self._operators(strength + 1)))
        return left

    def _unary(self) -> Expression:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise FhirPathError(f"nested more than {NESTING_MAX} deep")
        if self._is("-", "+"):
            sign = self._take().text
            found = self._unary()
            found = Expression("negative", parts=(found,)) if sign == "-" else found
        else:
            found = self._path()
        self._depth -= 1
        return found

    def _path(self) -> Expression:
        found = self._term()
        while True:
            if self._is("."):
                self._next += 1
                found = self._invocation(found)
            elif self._is("["):
                self._next += 1
                found = Expression("index-of", focus=found, parts=(self._operators(0),))
                self._expect("]")
            else:
                return found

    def _term(self) -> Expression:
        token = self._token
        if token.kind == "string":
            return Expression("literal", self._take().text, "String")
        if token.kind == "number":
            return self._number()
        if token.kind == "time":
            return self._time()
        if token.kind == "variable":
            return Expression("variable", self._take().text)
        if self._is("("):
            self._next += 1
            inner = self._operators(0)
            self._expect(")")
            return inner
        if self._is("{"):
            self._next += 1
            self._expect("}")
            return Expression("empty")
        if token.kind == "name" and token.text in _LITERAL_NAMES:
            return Expression("literal", self._take().text, "Boolean")
        return self._invocation(None)

    def _number(self) -> Expression:
        text = self._take().text
        if self._token.kind == "string" or (self._token.kind == "name" and self._token.text in _UNITS):
            return Expression("literal", f"{text} {self._take().text}", "Quantity")
        return Expression("literal", text, "Decimal" if "." in text else "Integer")

    def _time(self) -> Expression:
        text = self._take().text[1:]
        if text.startswith("T"):
            return Expression("literal", text[1:], "Time")
        return Expression("literal", text.removesuffix("T"), "DateTime" if "T" in text else "Date")

    def _invocation(self, focus: Expression | None) -> Expression:
        token = self._take()
        if token.kind == "name" and token.text.startswith("$"):
            if token.text not in ("$this", "$index", "$total"):
                raise FhirPathError(f"no FHIRPath at character {token.at + 1}")
            return Expression("special", token.text)
        if token.kind not in ("name", "quoted"):
            raise FhirPathError(f"no FHIRPath at character {token.at + 1}")
        if not self._is("("):
            return Expression("name", token.text, focus=focus)
        self._next += 1
        return Expression("call", token.text, focus=focus, parts=self._arguments(token.text))

    def _arguments(self, function: str) -> tuple[Expression, ...]:
        found: list[Expression] = []
        while not self._is(")"):
            is_type = function in ("is", "as", "ofType")
            found.append(self._type() if is_type else self._operators(0))
            if not self._is(","):
                break
            self._next += 1
        self._expect(")")
        return tuple(found)

    def _type(self) -> Expression:
        """A type, with or without its namespace: `Quantity`, `FHIR.Quantity`, `System.String`."""
        names = [self._type_name()]
        if self._is("."):
            self._next += 1
            names.append(self._type_name())
        return Expression("type", names[-1])

    def _type_name(self) -> str:
        if self._token.kind not in ("name", "quoted"):
            raise self._unexpected()
        return self._take().text
