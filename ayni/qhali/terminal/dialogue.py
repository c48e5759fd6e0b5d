"""A whole visit to QHALI as text: consent, interview, orientation, and the request if the citizen wants it.

The interview is the pages': the same conversation, questions and rules. Nothing is kept unless it is sent.
"""

from collections.abc import Generator, Mapping
from dataclasses import replace

from ayni.qhali.conversation import Question, next_question
from ayni.qhali.conversation.administrative import told_beside
from ayni.qhali.conversation.conversation import TURNS_MAX
from ayni.qhali.intake import citizen_from, narrative, persona_of, written
from ayni.qhali.level_words import LEVEL_WORDS
from ayni.qhali.models import AssistedConversation
from ayni.qhali.terminal.ear import Ear, alarm
from ayni.qhali.terminal.identity import identity
from ayni.qhali.terminal.message import NO, YES, Message, Script, agrees, choose, listening
from ayni.qhali.terminal.sending import Sending
from ayni.wire.clock import Now

WELCOME = (
    "Soy QHALI, un programa del proyecto Ayni. No soy una persona ni un médico. "
    "Guardo lo que escribe solo si usted lo envía. No doy diagnósticos ni recetas. "
    "Emergencia: llame al 106. Para hablar con una persona: 113, gratis. "
    "Escriba AYUDA o BAJA cuando quiera. ¿Acepta conversar?"
)
REFUSED = "Está bien. No guardé nada. Para hablar con una persona, llame gratis al 113."
NOT_UNDERSTOOD = (
    "No logro entenderle. Llame gratis al 113, o pida ayuda o un intérprete en su establecimiento. "
    "No guardé nada."
)
NO_COMPLAINT = (
    "No hay ningún pedido que enviar. No guardé nada. Si luego tiene una molestia, escríbame. "
    "Para hablar con una persona, llame gratis al 113."
)
NOT_SENT = "No envié nada ni guardé nada. Si empeora, vaya al establecimiento o llame al 106."
NOWHERE = "Aquí no puedo enviar su pedido. Vaya a su establecimiento. No guardé nada."
SEND = "¿Quiere que lleve su pedido a un establecimiento?"
PERMISSION = "¿Da permiso para enviar su pedido al registro de salud regional?"
MEND = "Corregir los datos"


def visit(*, now: Now, sending: Sending | None, opening: str = "") -> Script:
    """The script. `opening` is what the citizen wrote before anything was asked, "" for nothing."""
    ear = Ear(AssistedConversation(), now)
    asks = agrees(Message(WELCOME).after(ear.opening(opening)))
    if not (yield from listening(asks, ear.opening)):
        return REFUSED
    began_at = now()
    ear.talk = talk = yield from _interview(ear.talk, now)
    told = orientation_text(talk, now)
    if not told:
        return NO_COMPLAINT if next_question(talk, now().date()) is None else NOT_UNDERSTOOD
    if sending is None:
        return f"{told}\n{NOWHERE}"
    if not (yield from listening(agrees(Message(SEND).after(told)), ear.emergency)):
        return NOT_SENT
    form = yield from _permitted_form(ear, now, sending)
    if form is None:
        return NOT_SENT
    sent = sending.send(ear.talk, form, began_at=began_at)
    return (
        f"Guardé su pedido {sent.request_id} para enviarlo. Anote su código para volver: {sent.return_code}."
    )


def _permitted_form(ear: Ear, now: Now, sending: Sending) -> Generator[Message, str, dict[str, str] | None]:
    """Who it is for, once that stands as it should and may be sent; None when nothing may be sent."""
    while True:
        asks_who = identity(today=now().date(), is_test=sending.is_test)
        form = yield from listening(asks_who, ear.field)
        answer = yield from _permission(ear, form, now, sending)
        if answer != MEND:
            return form if answer == YES else None


def _permission(
    ear: Ear, form: Mapping[str, str], now: Now, sending: Sending
) -> Generator[Message, str, str]:
    """Whether this may be sent, or is to be mended; what is told meanwhile is shown first."""
    answers = (YES, NO, MEND)
    while True:
        shown = ear.talk
        asks = choose(Message(PERMISSION, answers).after(_summary(shown, form, now, sending)))
        answer = answers[(yield from listening(asks, ear.emergency))]
        if answer != YES or ear.talk is shown:
            return answer


def _summary(talk: AssistedConversation, form: Mapping[str, str], now: Now, sending: Sending) -> str:
    """What would be sent, with the orientation by the age and sex of the form, as it will stand there."""
    today = now().date()
    citizen = citizen_from(form, today=today, is_test=sending.is_test)
    known = replace(talk, registered=persona_of(form, today))
    names = (*citizen.given_names, citizen.paternal_surname, citizen.maternal_surname)
    where = f"Para {' '.join(filter(None, names))}, DNI {citizen.dni}, en {citizen.facility.called}."
    return "\n".join((narrative(talk), where, orientation_text(known, now)))


def _interview(talk: AssistedConversation, now: Now) -> Generator[Message, str, AssistedConversation]:
    """Question by question to the end; an urgent level is told as soon as it is known."""
    last = alarm(talk, now)
    told = _to_tell(talk, last, "")
    while (asked := next_question(talk, now().date())) is not None and len(talk.turns) < TURNS_MAX:
        message = question_message(asked).after(told)
        said = written(message.said((yield message)))
        told = ""
        if not said:
            continue
        talk = talk.answered(asked, said, said_at=now())
        before, last = last, alarm(talk, now)
        told = _to_tell(talk, last, before)
    return talk


def _to_tell(talk: AssistedConversation, now_said: str, said_before: str) -> str:
    """The alarm when it is another one; without any, the answer to what was asked beside the complaint."""
    if now_said:
        return now_said if now_said != said_before else ""
    return told_beside(talk)


def question_message(asked: Question) -> Message:
    """A question with its numbered answers."""
    return Message(asked.text, tuple(each.text for each in asked.choices), is_list=bool(asked.items))


def orientation_text(talk: AssistedConversation, now: Now) -> str:
    """How soon to be seen, in the words of the level, and the advice."""
    orientation = talk.orientation(now().date())
    if orientation.level is None:
        return ""
    return (
        f"Orientación: {LEVEL_WORDS[orientation.level]}. {alarm(talk, now) or orientation.advice} "
        "La prioridad la decide una persona de salud."
    )
