"""HL7 v2 and FHIR, both ways.

Any HL7 v2 message -> FHIR and back, by tables (`bundle_from`, `message_from`). The messages of the exercise:
intake (FHIR) -> SRM -> resources of the record; canonical event (FHIR) -> SRR or SIU -> event for QHALI.
"""

from ayni.vocabulary.maps.event import event_from_schedule, event_key_of
from ayni.vocabulary.maps.intake import request_id_of, srm_from_intake
from ayni.vocabulary.maps.person import dni_identifier, patient_from
from ayni.vocabulary.maps.record import check_request, facility_in, request_id_in, resources_from_srm
from ayni.vocabulary.maps.schedule import siu_from_event, srr_from_event
from ayni.vocabulary.maps.to_fhir import Mapped, bundle_from
from ayni.vocabulary.maps.to_v2 import message_from

__all__ = [
    "Mapped",
    "bundle_from",
    "check_request",
    "dni_identifier",
    "event_from_schedule",
    "event_key_of",
    "facility_in",
    "message_from",
    "patient_from",
    "request_id_in",
    "request_id_of",
    "resources_from_srm",
    "siu_from_event",
    "srm_from_intake",
    "srr_from_event",
]
