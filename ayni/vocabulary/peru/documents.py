"""Identity documents as FHIR and as HL7 v2 name them.

FHIR: CodeSystem `IdspersonaPeru` of the guide HL7.FHIR.PE.COREPE 0.1 (draft of 2024-12-04). HL7 v2:
PID-3.4 (authority), PID-3.5 (table 0203) and PID-3.9 (country), this project's proposal to HL7 Perú.
"""

from dataclasses import dataclass
from typing import Final, Literal

PERU: Final = "PER"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """One row of the crosswalk. An empty `authority` means that any may stand in PID-3.4."""

    name: str
    display: str  # Spanish
    fhir_code: str | None  # None: IdspersonaPeru has no code for it
    v2_type: str
    authority: str
    issuer: Literal["peru", "abroad", "any"]


DNI: Final = DocumentType(
    name="dni",
    display="Documento nacional de identidad",
    fhir_code="1",
    v2_type="NI",
    authority="RENIEC",
    issuer="peru",
)
CE: Final = DocumentType(
    name="ce",
    display="Carné de extranjería",
    fhir_code="2",
    v2_type="PRC",
    authority="MIGRACIONES",
    issuer="peru",
)
PASSPORT: Final = DocumentType(
    name="passport",
    display="Pasaporte",
    fhir_code="3",
    v2_type="PPN",
    authority="",
    issuer="any",
)
DIE: Final = DocumentType(
    name="die",
    display="Documento de identidad extranjero",
    fhir_code="4",
    v2_type="NI",
    authority="",
    issuer="abroad",
)
CNV: Final = DocumentType(
    name="cnv",
    display="Certificado de nacido vivo",
    fhir_code=None,
    v2_type="BR",
    authority="MINSA",
    issuer="peru",
)
PROVISIONAL: Final = DocumentType(
    name="provisional",
    display="Código provisional",
    fhir_code=None,
    v2_type="PI",
    authority="ONEVISIONCAX",
    issuer="peru",
)

DOCUMENT_TYPES: Final = (DNI, CE, PASSPORT, DIE, CNV, PROVISIONAL)


def of_fhir(code: str) -> DocumentType | None:
    """The document with this code of `IdspersonaPeru`."""
    return next((document for document in DOCUMENT_TYPES if document.fhir_code == code), None)


def of_v2(type_code: str, *, authority: str = "", country: str = "") -> DocumentType | None:
    """The document of PID-3.5, PID-3.4 and PID-3.9; None when they do not agree on one.

    Without a country the issuer is Peru. A national number (`NI`) of Peru is a DNI, of another country a DIE.
    """
    issuer = "peru" if country in ("", PERU) else "abroad"
    for document in DOCUMENT_TYPES:
        same_authority = not document.authority or authority in ("", document.authority)
        if document.v2_type == type_code and document.issuer in ("any", issuer) and same_authority:
            return document
    return None
