"""Whether a narrative is the small, safe XHTML that FHIR allows.

Source: FHIR R4, section 2.4.1 (Narrative; invariants txt-1 and txt-2).
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

from ayni.vocabulary.fhir.finding import Finding, Phrase

_ELEMENTS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn
        div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q samp small span strong sub sup
        table tbody td tfoot th thead tr tt u ul var
        """,
    )
)
_ATTRIBUTES: Final = frozenset(
    re.findall(
        r"[\w:]+",
        """
        abbr accesskey align alt axis background bgcolor border cellpadding cellspacing char charoff
        charset cite class clear color cols colspan compact coords datetime dir face frame headers
        height href hreflang hspace id lang longdesc name noshade nowrap rel rev rows rowspan rules
        scope shape size span src start style summary tabindex title type usemap valign value vspace
        width xml:lang xml:space xmlns
        """,
    )
)
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_BAD_ADDRESS: Final = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.IGNORECASE)


class _Refused(Exception):
    def __init__(self, expected: Phrase, found: Phrase) -> None:
        super().__init__(expected.english)
        self.expected = expected
        self.found = found


def narrative_findings(div: Any, place: str) -> Iterator[Finding]:
    """The first thing that makes a narrative more than formatted text, or no XHTML at all."""
    if not isinstance(div, str):
        return
    try:
        if not _Reader().read(div):
            raise _Refused(Phrase("text or an image", "texto o una imagen"), Phrase("nothing", "nada"))
    except _Refused as refused:
        yield Finding("invariant", place, refused.expected, refused.found)


class _Reader:
    """Reads XHTML with a parser that knows no entity of its own and looks nothing up."""

    def __init__(self) -> None:
        self._depth = 0
        self._has_content = False

    def read(self, div: str) -> bool:
        """Whether there is content; raises _Refused."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _no_document_type
        try:
            parser.Parse(div.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            raise _Refused(Phrase("well-formed XHTML", "XHTML bien formado"), _BROKEN) from error
        return self._has_content

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth and (name != "div" or attributes.get("xmlns") != _XHTML):
            expected = Phrase("a div in the XHTML namespace", "un div en el espacio de nombres XHTML")
            raise _Refused(expected, Phrase("another root", "otra raíz"))
        self._depth += 1
        if name not in _ELEMENTS:
            raise _Refused(_ALLOWED, Phrase("another element", "otro elemento"))
        for attribute, value in attributes.items():
            if attribute not in _ATTRIBUTES and not attribute.startswith("xmlns:"):
                raise _Refused(_ALLOWED, Phrase("another attribute", "otro atributo"))
            if attribute in ("href", "src") and _BAD_ADDRESS.match(value):
                raise _Refused(
                    _ALLOWED, Phrase("an address that runs a program", "una dirección que ejecuta")
                )
        self._has_content = self._has_content or name == "img"

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        self._has_content = self._has_content or not text.isspace()


_BROKEN: Final = Phrase("what is not", "otra cosa")
_ALLOWED: Final = Phrase(
    "the formatting of HTML 4.0 that FHIR allows", "solo el formato de HTML 4.0 que FHIR permite"
)


def _no_document_type(*_: object) -> None:
    raise _Refused(Phrase("no document type", "ningún tipo de documento"), Phrase("one", "uno"))
