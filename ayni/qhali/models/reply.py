"""What a model has a part in of the reply to one turn; kept with the turn, so that nobody asks again."""

from dataclasses import dataclass
from datetime import date

from ayni.qhali.conversation import Conversation
from ayni.qhali.models.ports import OFFLINE, Ports, phrase_by_rules
from ayni.qhali.redflags import URGENT_LEVELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The reply to turn number `turn`, as far as it is not the rules' alone.

    `question` is the id of the question that a planner chose. `opening` is the sentence above it, and
    `translation` the question in `language`. "" is for what the rules do alone.
    """

    turn: int
    question: str = ""
    opening: str = ""
    language: str = ""
    translation: str = ""


def reply_to(conversation: Conversation, today: date, ports: Ports, *, language: str = "") -> Reply | None:
    """What the ports have to say to the last turn; None when the rules say it all, as in every urgent reply.

    `language` is what the citizen reads besides Spanish, "" for nothing.
    """
    orientation = conversation.orientation(today)
    if ports is OFFLINE or orientation.level is None or orientation.level in URGENT_LEVELS:
        return None
    question = ports.planner(conversation, today)
    if question is None:
        return None
    turn = conversation.turns[-1].number
    told = tuple(fact for fact in conversation.facts if fact.turn == turn)
    said = ports.phraser(orientation, question, told)
    by_rules = phrase_by_rules(orientation, question, told)
    opening = said.removesuffix(by_rules).strip() if said.endswith(by_rules) else ""
    translation = ports.translator(question.text, language) if language else None
    spoken = language if translation else ""
    return Reply(
        turn=turn, question=question.id, opening=opening, language=spoken, translation=translation or ""
    )
