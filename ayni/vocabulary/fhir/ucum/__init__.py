"""Units of measure as UCUM writes them: whether a code is one, and how two compare.

Source: the Unified Code for Units of Measure, its grammar (sections 2 to 4) and case sensitive symbols. The
symbols are the standard's; sizes are written for this project, for the units that health uses.
"""

from ayni.vocabulary.fhir.ucum.reading import (
    CODE_CHARACTERS_MAX,
    UCUM,
    UcumError,
    Unit,
    is_unit,
    ratio,
    read_unit,
)

__all__ = ["CODE_CHARACTERS_MAX", "UCUM", "UcumError", "Unit", "is_unit", "ratio", "read_unit"]
