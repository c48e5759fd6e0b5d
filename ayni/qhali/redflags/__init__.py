"""Facts → orientation: red-flag rules as data, and the most urgent one decides.

They orient; the triage priority is set by a health worker. Every rule waits for a clinician.
"""

from ayni.qhali.redflags.evidence import Evidence, Persona
from ayni.qhali.redflags.orientation import (
    URGENT_LEVELS,
    Orientation,
    Reason,
    orient,
    reasons,
    still_possible,
)
from ayni.qhali.redflags.rules import LEVELS, Rule, floors, rules

__all__ = [
    "LEVELS",
    "URGENT_LEVELS",
    "Evidence",
    "Orientation",
    "Persona",
    "Reason",
    "Rule",
    "floors",
    "orient",
    "reasons",
    "rules",
    "still_possible",
]
