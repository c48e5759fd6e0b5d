"""Language models beside the rules, off by default: four ports, each with an adapter.

`ports_for` is the only way to a model: it needs the operator's yes (a model is open) and the citizen's.
"""

from ayni.qhali.models.assisted import AssistedConversation
from ayni.qhali.models.language_model import LanguageModel
from ayni.qhali.models.permission import ModelPermission, open_language_model, ports_for
from ayni.qhali.models.planner import as_planned
from ayni.qhali.models.ports import OFFLINE, Beside, Extractor, Heard, Phraser, Planner, Ports, Translator
from ayni.qhali.models.reply import Reply, reply_to
from ayni.qhali.models.translator import read_languages

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
    "Reply",
    "Translator",
    "as_planned",
    "open_language_model",
    "ports_for",
    "read_languages",
    "reply_to",
]
