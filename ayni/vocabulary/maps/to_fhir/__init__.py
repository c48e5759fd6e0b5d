"""HL7 v2 to FHIR R4: an interpreter of the tables in `maps.tables`."""

from ayni.vocabulary.maps.to_fhir.bundle import Mapped, bundle_from

__all__ = ["Mapped", "bundle_from"]
