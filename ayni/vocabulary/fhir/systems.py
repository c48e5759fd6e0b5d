"""The addresses (URIs) that name identifiers, code systems and extensions in our FHIR.

Ours stand under one canonical base; the others belong to HL7 or to Peru's ministry
(guide HL7.FHIR.PE.COREPE 0.1).
"""

BASE = "https://ayni.example/fhir"

# Identifiers (ours)
REQUEST_ID = f"{BASE}/id/request"
TASK_ID = f"{BASE}/id/task"
EVENT_ID = f"{BASE}/id/event"
DNI_ID = f"{BASE}/id/dni"
RENIPRESS_ID = f"{BASE}/id/renipress"
RECORD_APPOINTMENT_ID = f"{BASE}/id/onevision-appointment"
RECORD_PATIENT_ID = f"{BASE}/id/onevision-patient"
DEVICE_ID = f"{BASE}/id/device"

# Code systems (ours)
REQUEST_STATE = f"{BASE}/CodeSystem/request-state"
STATE_REASON = f"{BASE}/CodeSystem/state-reason"
SYMPTOM = f"{BASE}/CodeSystem/symptom"
RED_FLAG = f"{BASE}/CodeSystem/red-flag"
ORIENTATION_LEVEL = f"{BASE}/CodeSystem/orientation-level"
TRIAGE_PRIORITY = f"{BASE}/CodeSystem/triage-priority"
SERVICE = f"{BASE}/CodeSystem/service"
METHOD = f"{BASE}/CodeSystem/method"
OBSERVABLE = f"{BASE}/CodeSystem/observable"

# Messages and extensions (ours)
INTAKE_SUBMITTED = f"{BASE}/event/intake-submitted"
STATE_CHANGED = f"{BASE}/event/state-changed"
EVENT_SEQUENCE = f"{BASE}/StructureDefinition/event-sequence"
TEXT_SPAN = f"{BASE}/StructureDefinition/text-span"

# The ministry's (MINSA)
MINSA = "https://www.gob.pe/minsa/RENHICE/fhir"
MINSA_PERSON_ID = f"{MINSA}/CodeSystem/IdspersonaPeru"
MINSA_COUNTRY = f"{MINSA}/CodeSystem/PaisesCS"
PE_PAIS = f"{MINSA}/StructureDefinition/pe-pais"
PE_UBIGEO = f"{MINSA}/StructureDefinition/pe-ubigeo"
PACIENTE_PE = f"{MINSA}/StructureDefinition/PacientePe"
ORGANIZACION_PE = f"{MINSA}/StructureDefinition/OrganizacionPe"

# HL7's and others'
ICD10 = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
TABLE_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
TABLE_0276 = "http://terminology.hl7.org/CodeSystem/v2-0276"
MOTHERS_FAMILY = "http://hl7.org/fhir/StructureDefinition/humanname-mothers-family"
LANGUAGE = "urn:ietf:bcp:47"
AI_TRANSPARENCY = "http://hl7.org/fhir/uv/aitransparency"
AI_KIND = f"{AI_TRANSPARENCY}/StructureDefinition/aitransparency.AIKind"
AI_TYPE = f"{AI_TRANSPARENCY}/CodeSystem/AIdeviceTypeCS"

TEST_TAG = {"system": ACT_REASON, "code": "HTEST"}
