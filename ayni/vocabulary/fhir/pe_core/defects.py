"""The defects of MINSA's guide, each with how to see that it is still there.

A test asks each: when the guide is corrected, that test fails, and the defect is taken out here.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

Guide = dict[str, Any]
"""The resources of the guide by canonical URL."""

_ROOT: Final = "https://www.gob.pe/minsa/RENHICE/fhir"
_FACILITY_TYPES: Final = f"{_ROOT}/ValueSet/IPRESSVS"
_COLLEGES: Final = f"{_ROOT}/CodeSystem/ColegiosProfesionalesSaludCS"


def _nothing(guide: Guide) -> None:
    """What others must write differently; no rule of the guide has to change for it."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect; `mend` changes a copy of the guide so that validation goes on."""

    name: str
    what: str  # what is wrong, and what is done
    is_there: Callable[[Guide], bool]
    mend: Callable[[Guide], None] = _nothing

    def mended(self, guide: Mapping[str, Any]) -> Guide:
        """A guide without the defect; the one given stays as it is."""
        changed = deepcopy(dict(guide))
        if self.is_there(changed):
            self.mend(changed)
        return changed


def _structure(guide: Guide, name: str) -> Any:
    return guide[f"{_ROOT}/StructureDefinition/{name}"]


def _element(guide: Guide, name: str, identity: str) -> Any:
    """An element of a profile's differential, {} for none."""
    elements = _structure(guide, name)["differential"]["element"]
    return next((each for each in elements if each["id"] == identity), {})


def _displays(guide: Guide, system: str) -> dict[str, str]:
    concepts = guide[f"{_ROOT}/CodeSystem/{system}"]["concept"]
    return {each["code"]: each.get("display", "") for each in concepts}


_TYPE_OF_FACILITY: Final = ("OrganizacionPe", "Organization.identifier.type.coding.code")


def _binds_type_to_facilities(guide: Guide) -> bool:
    binding = _element(guide, *_TYPE_OF_FACILITY).get("binding", {})
    return bool(binding == {"strength": "required", "valueSet": _FACILITY_TYPES})


def _unbind_type(guide: Guide) -> None:
    _element(guide, *_TYPE_OF_FACILITY)["binding"]["strength"] = "example"


def _writes_letter_o(guide: Guide) -> bool:
    codes = _displays(guide, "ColegiosProfesionalesSaludCS")
    return "1O" in codes and "10" not in codes


def _add_ten(guide: Guide) -> None:
    concepts = guide[_COLLEGES]["concept"]
    letter = next(each for each in concepts if each["code"] == "1O")
    concepts.append({**letter, "code": "10"})


def _has_no_system(guide: Guide) -> bool:
    names = {"PacientePe": "Patient", "PractitionerPe": "Practitioner", "OrganizacionPe": "Organization"}
    return not any(_element(guide, name, f"{kind}.identifier.system") for name, kind in names.items())


def _is_closed(guide: Guide) -> bool:
    slices = [each.get("sliceName") for each in _structure(guide, "BundlePe")["differential"]["element"]]
    is_closed = _element(guide, "BundlePe", "Bundle.entry").get("slicing", {}).get("rules") == "closed"
    return is_closed and "Encounter" not in slices


def _lacks_icd10(guide: Guide) -> bool:
    return f"{_ROOT}/ValueSet/CIE10VS" not in guide


def _composition_is_optional(guide: Guide) -> bool:
    return bool(_element(guide, "BundlePe", "Bundle.entry:Composition").get("min") == 0)


def _has_no_snapshots(guide: Guide) -> bool:
    structures = [each for each in guide.values() if each["resourceType"] == "StructureDefinition"]
    return not any("snapshot" in each for each in structures)


def _country_is_misspelt(guide: Guide) -> bool:
    return _displays(guide, "PaisesCS").get("ARG") == "Argetina"


def _college_is_misspelt(guide: Guide) -> bool:
    return _displays(guide, "ColegiosProfesionalesSaludCS").get("03") == "Colegio Odontolóico del Perú"


DEFECTS: Final = (
    Defect(
        "ipressvs-type",
        "the type of a facility's identifier must be one of a list of facilities; the list is not asked",
        _binds_type_to_facilities,
        _unbind_type,
    ),
    Defect(
        "colegio-1O",
        "the college of nutritionists is written with a letter O; the number 10 is taken, too",
        _writes_letter_o,
        _add_ten,
    ),
    Defect(
        "identifier-system",
        "no identifier has a system; identifiers are compared by type, country and value",
        _has_no_system,
    ),
    Defect(
        "bundle-closed",
        "no encounter or observation fits into BundlePe; it is for the summary document only",
        _is_closed,
    ),
    Defect(
        "composition-optional",
        "a document may lack its Composition; R4 asks for it first, and it is always sent",
        _composition_is_optional,
    ),
    Defect(
        "cie10vs-missing",
        "the value set of diagnoses is named and not published; codes are not asked of it",
        _lacks_icd10,
    ),
    Defect(
        "no-snapshot",
        "no profile has a snapshot; it is made from the differential",
        _has_no_snapshots,
    ),
    Defect(
        "pais-display",
        "names of countries are misspelt; displays are not compared",
        _country_is_misspelt,
    ),
    Defect(
        "colegio-display",
        "names of colleges are misspelt; displays are not compared",
        _college_is_misspelt,
    ),
)
"""Every defect that is known."""
