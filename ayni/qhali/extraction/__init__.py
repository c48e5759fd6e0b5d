"""What a citizen wrote, turned into facts with a quote each; rules only, no model, no network."""

from ayni.qhali.extraction.age import Age, read_age
from ayni.qhali.extraction.extractor import Understanding, extract, understand
from ayni.qhali.extraction.facts import Concept, Fact, Severity, Status, concept, concepts
from ayni.qhali.extraction.folk import FolkTerm
from ayni.qhali.extraction.measurements import Measurement
from ayni.qhali.extraction.onset import Onset, read_onset

__all__ = [
    "Age",
    "Concept",
    "Fact",
    "FolkTerm",
    "Measurement",
    "Onset",
    "Severity",
    "Status",
    "Understanding",
    "concept",
    "concepts",
    "extract",
    "read_age",
    "read_onset",
    "understand",
]
