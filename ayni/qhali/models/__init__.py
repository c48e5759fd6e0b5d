"""Language models beside the rules, off by default: four ports, and adapters for two of them.

`ports_for` is the only way to a model: it needs the operator's yes (a model is open) and the citizen's.
"""

from ayni.qhali.models.assisted import AssistedConversation
from ayni.qhali.models.language_model import LanguageModel
from ayni.qhali.models.permission import ModelPermission, open_language_model, ports_for
from ayni.qhali.models.ports import OFFLINE, Beside, Extractor, Heard, Phraser, Planner, Ports, Translator

__all__ = [
    "OFFLINE",
    "AssistedConversation",
    "Beside",
    "Extractor",
    "Heard",
    "LanguageModel",
    "ModelPermission",
    "Phraser",
    "Planner",
    "Ports",
    "Translator",
    "open_language_model",
    "ports_for",
]
