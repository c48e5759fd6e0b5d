"""The code of a health facility (IPRESS) in the national register RENIPRESS: eight digits.

The same code circulates as an integer (`6206`), with five digits (SISMED) or with nine (HIS, SISFAC).
"""

import re
import string
from typing import Final

from ayni.vocabulary.peru.errors import InvalidFacilityCode, index_of_first, kind_at

_CODE: Final = re.compile(r"\d{1,9}", re.ASCII)
_CODE_MAX: Final = 99_999_999


def parse_renipress(code: str | int) -> str:
    """The eight-digit form of any of these shapes. Raises `InvalidFacilityCode` `renipress-format`."""
    text = str(code).strip()
    if _CODE.fullmatch(text) is None or not 1 <= int(text) <= _CODE_MAX:
        index = min(index_of_first(text, string.digits), 8)
        raise InvalidFacilityCode(
            "renipress-format",
            "El código RENIPRESS tiene ocho números.",
            expected="a RENIPRESS code of at most eight digits, zero-padded or not",
            found=kind_at(text, index),
            position=index + 1,
        )
    return f"{int(text):08d}"
