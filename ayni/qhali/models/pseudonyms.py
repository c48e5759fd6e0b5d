"""Tokens instead of a citizen's identity before anything leaves, and the identity put back after.

One set for each call: the way back is kept nowhere but in memory, and no longer than the call lasts.
"""

import re
from collections.abc import Iterable

from ayni.qhali.models.identity import identities

_TOKEN = re.compile(r"\[[A-Z]+_\d+\]")


class Pseudonyms:
    """The tokens of one call. `known` are names from the identity form, hidden wherever they stand."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(known)
        self._tokens: dict[tuple[str, str], str] = {}
        self._originals: dict[str, str] = {}

    def hide(self, text: str) -> str:
        """The text with a token for each name, number and address; the same one gets the same token."""
        pieces, end = [], 0
        for each in identities(text, known=self._known):
            pieces += [text[end : each.start], self._token(each.kind, text[each.start : each.end])]
            end = each.end
        return "".join([*pieces, text[end:]])

    def restore(self, text: str) -> str:
        """The text with what each token stands for; a token nobody gave stays as it is."""
        return _TOKEN.sub(lambda found: self._originals.get(found[0], found[0]), text)

    def _token(self, kind: str, original: str) -> str:
        token = self._tokens.get((kind, original))
        if token is None:
            token = f"[{kind}_{len(self._tokens) + 1}]"
            self._tokens[kind, original] = token
            self._originals[token] = original
        return token
