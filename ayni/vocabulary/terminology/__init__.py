"""Code systems, value sets and concept maps as versioned data, and what FHIR R4 asks of them."""

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept, Designation, Property
from ayni.vocabulary.terminology.composition import Composition, Member
from ayni.vocabulary.terminology.concept_map import (
    AskOtherMap,
    ConceptMap,
    Fixed,
    Group,
    KeepSource,
    Refuse,
    Target,
)
from ayni.vocabulary.terminology.effective import Effective, Standing
from ayni.vocabulary.terminology.errors import (
    CyclicDefinition,
    InvalidDefinition,
    NotHere,
    NotSupported,
    TerminologyError,
    TooCostly,
    Unmapped,
)
from ayni.vocabulary.terminology.expand import expand
from ayni.vocabulary.terminology.lookup import lookup, subsumes
from ayni.vocabulary.terminology.operations import OPERATIONS, answer
from ayni.vocabulary.terminology.reading import read_definition, read_value_set
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.translate import Question, Translation, translate, translations
from ayni.vocabulary.terminology.validate_code import validate_code, validate_member
from ayni.vocabulary.terminology.value_set import Clause, Filter, ValueSet
from ayni.vocabulary.terminology.writing import code_system_resource

__all__ = [
    "OPERATIONS",
    "AskOtherMap",
    "Clause",
    "CodeSystem",
    "Composition",
    "Concept",
    "ConceptMap",
    "CyclicDefinition",
    "Designation",
    "Effective",
    "Filter",
    "Fixed",
    "Group",
    "InvalidDefinition",
    "KeepSource",
    "Member",
    "NotHere",
    "NotSupported",
    "Property",
    "Question",
    "Refuse",
    "Standing",
    "Target",
    "Terminology",
    "TerminologyError",
    "TooCostly",
    "Translation",
    "Unmapped",
    "ValueSet",
    "answer",
    "code_system_resource",
    "expand",
    "lookup",
    "read_definition",
    "read_value_set",
    "subsumes",
    "translate",
    "translations",
    "validate_code",
    "validate_member",
]
