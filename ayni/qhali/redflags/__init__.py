"""Facts → orientation: red-flag rules as data, and the most urgent one decides.

These are a part of the project's 102 red flags, those that can be said exactly with symptom codes, onset, age
and pregnancy. They orient; the triage priority is set by a health worker. Every rule waits for a clinician.
"""

from ayni.qhali.redflags.orientation import LEVELS, URGENT_LEVELS, Orientation, orient
from ayni.qhali.redflags.rules import Evidence, Persona, Rule, rules

__all__ = ["LEVELS", "URGENT_LEVELS", "Evidence", "Orientation", "Persona", "Rule", "orient", "rules"]
