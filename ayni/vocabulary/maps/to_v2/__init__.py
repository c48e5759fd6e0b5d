"""FHIR R4 to HL7 v2: the tables of `maps.tables`, read the other way."""

from ayni.vocabulary.maps.to_v2.message import message_from

__all__ = ["message_from"]
