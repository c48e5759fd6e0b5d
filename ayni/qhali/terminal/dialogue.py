"""A whole visit to QHALI as text: consent, interview, orientation, and the request if the citizen wants it.

The interview is the pages': the same conversation, questions and rules. Nothing is kept unless it is sent.
"""

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import datetime

from ayni.qhali.conversation import OPEN, Question, next_question
from ayni.qhali.conversation.administrative import administrative_question
from ayni.qhali.conversation.conversation import TURNS_MAX
from ayni.qhali.conversation.questions import ADMINISTRATIVE
from ayni.qhali.intake import citizen_from, narrative, persona_of, written
from ayni.qhali.models import AssistedConversation
from ayni.qhali.redflags import URGENT_LEVELS
from ayni.qhali.site.emergency import CALLS
from ayni.qhali.terminal.identity import identity
from ayni.qhali.terminal.message import Message, Script, agrees
from ayni.qhali.terminal.sending import Sending
from ayni.vocabulary.request import URGENCY
from ayni.wire.clock import Now

WELCOME = (
    "Soy QHALI, un programa del proyecto Ayni. No soy una persona ni un médico. "
    "Guardo lo que escribe solo si usted lo envía. No doy diagnósticos ni recetas. "
    "Emergencia: llame al 106. Para hablar con una persona: 113, gratis. "
    "Escriba AYUDA o BAJA cuando quiera. ¿Acepta conversar?"
)
REFUSED = "Está bien. No guardé nada. Para hablar con una persona, llame gratis al 113."
NOT_UNDERSTOOD = "No logro entenderle. Llame gratis al 113, por favor. No guardé nada."
NO_COMPLAINT = "Gracias por escribir. No guardé nada. Si luego tiene una molestia, escríbame."
NOT_SENT = "No envié nada ni guardé nada. Si empeora, vaya al establecimiento o llame al 106."
NOWHERE = "Aquí no puedo enviar su pedido. Vaya a su establecimiento. No guardé nada."
SEND = "¿Quiere que lleve su pedido a un establecimiento?"
PERMISSION = "¿Da permiso para enviar su pedido al registro de salud regional?"
NUMBERS = f"Números: {'; '.join(f'{call.number} {call.who}' for call in CALLS)}."


def visit(*, now: Now, sending: Sending | None, opening: str = "") -> Script:
    """The script. `opening` is what the citizen wrote before anything was asked, "" for nothing."""
    heard = _first(opening, now())
    before = _alarm(heard, now()) if heard else ""
    if not (yield from agrees(Message(WELCOME).after(before))):
        return REFUSED
    began_at = now()
    talk = yield from _interview(heard or AssistedConversation(), now)
    told = _orientation(talk, now())
    if not talk.affirmed:
        return NO_COMPLAINT if _is_administrative(talk) else NOT_UNDERSTOOD
    if sending is None:
        return f"{told}\n{NOWHERE}"
    if not (yield from agrees(Message(SEND).after(told))):
        return NOT_SENT
    form = yield from identity(today=now().date(), is_test=sending.is_test)
    if not (yield from agrees(Message(PERMISSION).after(_summary(talk, form, now(), sending)))):
        return NOT_SENT
    sent = sending.send(talk, form, began_at=began_at)
    return (
        f"Guardé su pedido {sent.request_id} para enviarlo. Anote su código para volver: {sent.return_code}."
    )


def _summary(talk: AssistedConversation, form: Mapping[str, str], at: datetime, sending: Sending) -> str:
    """What would be sent, with the orientation by the age and sex of the form, as it will stand there."""
    citizen = citizen_from(form, today=at.date(), is_test=sending.is_test)
    known = replace(talk, registered=persona_of(form, at.date()))
    who = f"{' '.join(citizen.given_names)} {citizen.paternal_surname}"
    where = f"Para {who}, en {citizen.facility.called}."
    return "\n".join((narrative(talk.facts), where, _orientation(known, at)))


def _first(opening: str, at: datetime) -> AssistedConversation | None:
    """What was written first, when it tells of a complaint or asks something: a greeting is no answer."""
    said = written(opening)
    talk = AssistedConversation().answered(OPEN, said, said_at=at) if said else None
    return talk if talk and (talk.affirmed or administrative_question(said)) else None


def _is_administrative(talk: AssistedConversation) -> bool:
    return any(turn.question.kind == ADMINISTRATIVE for turn in talk.turns)


def _interview(talk: AssistedConversation, now: Now) -> Generator[Message, str, AssistedConversation]:
    """Question by question to the end; an urgent level is told as soon as it is known."""
    alarm = _alarm(talk, now()) if talk.turns else ""
    told = alarm
    while (asked := next_question(talk, now().date())) is not None and len(talk.turns) < TURNS_MAX:
        message = question_message(asked).after(told)
        said = written(message.said((yield message)))
        told = ""
        if not said:
            continue
        talk = talk.answered(asked, said, said_at=now())
        if (more := _alarm(talk, now())) != alarm:
            told = alarm = more
    return talk


def question_message(asked: Question) -> Message:
    """A question with its numbered answers."""
    return Message(asked.text, tuple(each.text for each in asked.choices), is_list=bool(asked.items))


def _alarm(talk: AssistedConversation, at: datetime) -> str:
    """What to do at once, and whom to call; "" when it is not urgent."""
    orientation = talk.orientation(at.date())
    return f"{orientation.advice} {NUMBERS}" if orientation.level in URGENT_LEVELS else ""


def _orientation(talk: AssistedConversation, at: datetime) -> str:
    """How soon to be seen, in the words of the level, and the advice."""
    orientation = talk.orientation(at.date())
    if orientation.level is None:
        return ""
    call = f" {NUMBERS}" if orientation.level in URGENT_LEVELS else ""
    return (
        f"Orientación: {URGENCY[orientation.level].display}. {orientation.advice}{call} "
        "La prioridad la decide una persona de salud."
    )
