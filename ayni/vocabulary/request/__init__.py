"""One citizen's request: its names, its states, who may move it, how urgent it is, what it asks for."""

from ayni.vocabulary.request.identifiers import (
    Direction,
    EventKey,
    is_request_id,
    new_request_id,
    request_id_within,
)
from ayni.vocabulary.request.orientation import LEVEL_BY_V2_PRIORITY, URGENCY, Urgency
from ayni.vocabulary.request.reason import Reason
from ayni.vocabulary.request.service import Service
from ayni.vocabulary.request.state import SCHEDULING, Expression, State
from ayni.vocabulary.request.transition import Role, TransitionNotAllowed, check, choices, is_allowed

__all__ = [
    "LEVEL_BY_V2_PRIORITY",
    "SCHEDULING",
    "URGENCY",
    "Direction",
    "EventKey",
    "Expression",
    "Reason",
    "Role",
    "Service",
    "State",
    "TransitionNotAllowed",
    "Urgency",
    "check",
    "choices",
    "is_allowed",
    "is_request_id",
    "new_request_id",
    "request_id_within",
]
