"""Text as it is compared: what people type differs in capitals, accents and blanks and means the same."""

import unicodedata


def without_accents(text: str) -> str:
    """`Peñafiel Ávila` is `Penafiel Avila`: letters without their marks, compatibility forms resolved."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def folded(text: str) -> str:
    """Lower case, no accents, single blanks: `  Fiebre  TIFOIDEA ` is `fiebre tifoidea`."""
    return " ".join(without_accents(text).casefold().split())
