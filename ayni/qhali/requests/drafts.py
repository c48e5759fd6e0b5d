"""A conversation under way: it belongs to one browser session until the citizen confirms it.

What was said is worked out before the file is locked for writing; inside, only the turn's number is checked
again.
"""

import hashlib
import secrets
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import apsw
import msgspec

from ayni.qhali.conversation import Conversation, Question, Turn, question
from ayni.qhali.conversation.conversation import TURNS_MAX
from ayni.qhali.conversation.turns import forget_turns
from ayni.qhali.intake import Enterer, persona_of, written
from ayni.qhali.models import (
    AssistedConversation,
    LanguageModel,
    ModelPermission,
    Ports,
    Reply,
    as_planned,
    ports_for,
    reply_to,
)
from ayni.qhali.redflags import Orientation
from ayni.qhali.requests.heard import read_heard, write_heard
from ayni.qhali.requests.replies import read_replies, write_reply
from ayni.qhali.requests.statements import STATEMENTS
from ayni.wire.clock import Now
from ayni.wire.database import Database


class TooManyTurns(Exception):
    """The conversation is longer than a program should hold; a person has to help."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one citizen has said so far. `form` is the identity form as it was accepted.

    `enterer` is the health worker who types for them, None when they type themselves. `permission` is their
    yes to a language model, None when they gave none. `replies` are those a model had a part in.
    """

    id: str
    consented_at: datetime
    conversation: AssistedConversation
    form: Mapping[str, str] | None
    request_id: str | None
    enterer: Enterer | None = None
    permission: ModelPermission | None = None
    replies: tuple[Reply, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for the same turns and form: what was shown with it is what it stands for."""
        said = [(turn.question.id, turn.text) for turn in self.conversation.turns]
        return hashlib.sha256(msgspec.json.encode([said, self.form])).hexdigest()

    @property
    def is_heard_by_model(self) -> bool:
        """Whether the citizen's yes to a language model stands."""
        return self.permission is not None and self.permission.withdrawn_at is None

    def waits_for(self, number: int) -> bool:
        """Whether the turn of this number is the next one, and may still be added."""
        return self.request_id is None and number == len(self.conversation.turns) + 1

    def next_question(self, today: date) -> Question | None:
        """What to ask now; None when the summary can be shown."""
        reply = self.reply_to(len(self.conversation.turns))
        return as_planned(self.conversation, today, reply.question if reply else "")

    def reply_to(self, turn: int) -> Reply | None:
        """The reply to the turn of this number, None where the rules alone replied."""
        return next((each for each in self.replies if each.turn == turn), None)

    def orientation(self, today: date) -> Orientation:
        """The orientation by everything known; the form's birth date wins over an age in the text."""
        if self.form is None:
            return self.conversation.orientation(today)
        return replace(self.conversation, registered=persona_of(self.form, today)).orientation(today)


class Drafts:
    """The drafts of this system, by an id that only the browser session knows."""

    def __init__(
        self,
        database: Database,
        *,
        now: Now,
        model: LanguageModel | None = None,
        languages: Set[str] = frozenset(),
    ) -> None:
        """`model` is the operator's; who agreed to it is heard by it too.

        `languages` are those besides Spanish that it may put questions into.
        """
        self._database, self._now = database, now
        self.model, self.languages = model, languages

    def start(self, enterer: Enterer | None = None, *, model: str | None = None) -> str:
        """A new draft, consented to at this moment; returns its id. `enterer` types for the citizen.

        `model` is the language model the citizen agreed to, by what it was called where she was asked.
        """
        draft_id, at = secrets.token_urlsafe(16), self._now().isoformat()
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["insert_draft"], (draft_id, at))
            if enterer is not None:
                tx.execute(STATEMENTS["insert_enterer"], (draft_id, enterer.name, enterer.dni))
            if model is not None:
                tx.execute(STATEMENTS["insert_model_permission"], (draft_id, model, at))
        return draft_id

    def take(self, conversation: AssistedConversation, form: Mapping[str, str], *, began_at: datetime) -> str:
        """A draft of a conversation held elsewhere, with its identity form, checked by the caller."""
        draft_id = secrets.token_urlsafe(16)
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["insert_draft"], (draft_id, began_at.isoformat()))
            for turn in conversation.turns:
                _write_turn(tx, draft_id, turn)
            tx.execute(STATEMENTS["set_identity"], (_encoded(form), draft_id))
        return draft_id

    def withdraw_model(self, draft_id: str) -> None:
        """No language model hears what the citizen says from now on; what one has heard stays."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["withdraw_model_permission"], (self._now().isoformat(), draft_id))

    def read(self, draft_id: str) -> Draft | None:
        """The draft, None when there is none."""
        with self._database.reading() as tx:
            return read_draft(tx, draft_id)

    def answer(self, draft_id: str, number: int, text: str, *, language: str = "") -> Draft | None:
        """Adds an answer to the question that turn `number` asks; a repeated or late one changes nothing.

        Returns the draft as it is then. Raises TooManyTurns. Text beyond TURN_CHARACTERS_MAX is cut, and text
        without a word in it is no answer. `language` is what the citizen reads besides Spanish, "" for none.
        """
        draft, now, said = self.read(draft_id), self._now(), written(text)
        if draft is None or not said or not draft.waits_for(number):
            return draft
        asked = draft.next_question(now.date())
        if asked is None:
            return draft
        if number > TURNS_MAX:
            raise TooManyTurns
        ports = self._ports_of(draft)
        before = replace(draft.conversation, listen=ports.extractor)
        after = before.answered(asked, said, said_at=now)
        return self._keep(draft, after, reply_to(after, now.date(), ports, language=language))

    def _ports_of(self, draft: Draft) -> Ports:
        """The ports of the next turn: a model's where operator and citizen both say yes."""
        agrees = draft.permission is not None and draft.permission.is_for(self.model)
        known = (draft.form or {}).values()
        return ports_for(self.model, citizen_agrees=agrees, known=known, languages=self.languages)

    def _keep(self, draft: Draft, conversation: AssistedConversation, reply: Reply | None) -> Draft | None:
        """Writes down the new turn, what was heard in it and the reply, unless another window was quicker."""
        turn = conversation.turns[-1]
        with self._database.transaction() as tx:
            found = read_draft(tx, draft.id)
            if found is None or not found.waits_for(turn.number):
                return found
            _write_turn(tx, draft.id, turn)
            for beside in conversation.beside[len(draft.conversation.beside) :]:
                write_heard(tx, draft.id, beside)
            if reply is not None:
                write_reply(tx, draft.id, reply)
        replies = (*draft.replies, reply) if reply else draft.replies
        return replace(draft, conversation=conversation, replies=replies)

    def set_identity(self, draft_id: str, form: Mapping[str, str]) -> None:
        """Keeps the identity form, checked by the caller."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["set_identity"], (_encoded(form), draft_id))

    def discard(self, draft_id: str) -> None:
        """Forgets a draft that was not sent, with every turn."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["delete_draft"], (draft_id,))
        self._forget()

    def discard_abandoned(self, before: datetime) -> int:
        """Forgets the drafts that were not sent and had their last word before this; returns how many."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["delete_abandoned"], (before.isoformat(),))
            count = tx.changes()
        if count:
            self._forget()
        return count

    def _forget(self) -> None:
        """What was deleted is to be neither in memory nor in the file."""
        forget_turns()
        self._database.fold_log()


def _write_turn(tx: apsw.Connection, draft_id: str, turn: Turn) -> None:
    values = (draft_id, turn.number, turn.question.id, turn.text, turn.said_at.isoformat())
    tx.execute(STATEMENTS["insert_turn"], values)


def _encoded(form: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(form)).decode()


def read_draft(tx: apsw.Connection, draft_id: str) -> Draft | None:
    """The draft as this transaction sees it, None when there is none."""
    row = tx.execute(STATEMENTS["read_draft"], (draft_id,)).fetchone()
    if row is None:
        return None
    consented_at, form, request_id = row
    conversation = Conversation()
    for question_id, text, said_at in tx.execute(STATEMENTS["read_turns"], (draft_id,)):
        said = datetime.fromisoformat(said_at)
        conversation = conversation.answered(question(question_id), text, said_at=said)
    identity: Any = msgspec.json.decode(form) if form else None
    typed_by = tx.execute(STATEMENTS["read_enterer"], (draft_id,)).fetchone()
    return Draft(
        draft_id,
        datetime.fromisoformat(consented_at),
        AssistedConversation(conversation.turns, beside=tuple(read_heard(tx, draft_id))),
        identity,
        request_id,
        Enterer(*typed_by) if typed_by else None,
        _permission(tx, draft_id),
        tuple(read_replies(tx, draft_id)),
    )


def _permission(tx: apsw.Connection, draft_id: str) -> ModelPermission | None:
    row = tx.execute(STATEMENTS["read_model_permission"], (draft_id,)).fetchone()
    if row is None:
        return None
    model, given_at, withdrawn_at = row
    withdrawn = datetime.fromisoformat(withdrawn_at) if withdrawn_at else None
    return ModelPermission(model, datetime.fromisoformat(given_at), withdrawn)
