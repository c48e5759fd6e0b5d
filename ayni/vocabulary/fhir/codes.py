"""Codes of LOINC and of HL7 that our messages say; the systems they belong to are in `systems`."""

# LOINC
SYMPTOM_PRESENT = "75325-1"
SYMPTOM_ABSENT = "111551-8"
CONSENT_DOCUMENT = "59284-0"

SYMPTOM_TEXT = {SYMPTOM_PRESENT: "Síntoma", SYMPTOM_ABSENT: "Síntoma ausente"}
"""Observation.code.text beside the LOINC code."""

# HL7
OPT_IN = "OPTIN"
"""v3-ActCode, Consent.policyRule: nothing is sent unless the citizen said yes."""
TREATMENT = "TREAT"
"""v3-ActReason, Consent.provision.purpose."""
PERMIT = "permit"
"""Consent.provision.type; the other one is `deny`."""
