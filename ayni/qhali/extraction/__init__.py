"""What a citizen wrote, as facts with a quote each: phrases, and learnt nets below them; no network."""

from ayni.qhali.extraction.age import Age, read_age
from ayni.qhali.extraction.extractor import Understanding, extract, understand
from ayni.qhali.extraction.facts import Concept, Fact, Severity, Status, concept, concepts
from ayni.qhali.extraction.folk import FolkTerm
from ayni.qhali.extraction.measurements import Measurement
from ayni.qhali.extraction.onset import Onset, read_onset
from ayni.qhali.extraction.story import BEGINS, Story

__all__ = [
    "BEGINS",
    "Age",
    "Concept",
    "Fact",
    "FolkTerm",
    "Measurement",
    "Onset",
    "Severity",
    "Status",
    "Story",
    "Understanding",
    "concept",
    "concepts",
    "extract",
    "read_age",
    "read_onset",
    "understand",
]
