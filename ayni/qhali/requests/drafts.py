"""A conversation under way: it belongs to one browser session until the citizen confirms it.

What was said is worked out before the file is locked for writing; inside, only the turn's number is checked
again.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import apsw
import msgspec

from ayni.qhali.conversation import Conversation, Question, Turn, next_question, question
from ayni.qhali.conversation.conversation import TURN_CHARACTERS_MAX, TURNS_MAX
from ayni.qhali.conversation.turns import forget_turns
from ayni.qhali.extraction import Age
from ayni.qhali.intake import Enterer
from ayni.qhali.redflags import Orientation, Persona
from ayni.qhali.requests.statements import STATEMENTS
from ayni.wire.clock import Now
from ayni.wire.database import Database


class TooManyTurns(Exception):
    """The conversation is longer than a program should hold; a person has to help."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one citizen has said so far. `form` is the identity form as it was accepted.

    `enterer` is the health worker who types for them, None when they type themselves.
    """

    id: str
    consented_at: datetime
    conversation: Conversation
    form: Mapping[str, str] | None
    request_id: str | None
    enterer: Enterer | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same turns and form: what was shown with it is what it stands for."""
        said = [(turn.question.id, turn.text) for turn in self.conversation.turns]
        return hashlib.sha256(msgspec.json.encode([said, self.form])).hexdigest()

    def waits_for(self, number: int) -> bool:
        """Whether the turn of this number is the next one, and may still be added."""
        return self.request_id is None and number == len(self.conversation.turns) + 1

    def next_question(self, today: date) -> Question | None:
        """What to ask now; None when the summary can be shown."""
        return next_question(self.conversation, today)

    def orientation(self, today: date) -> Orientation:
        """The orientation by everything known; the form's birth date wins over an age in the text."""
        if self.form is None:
            return self.conversation.orientation(today)
        age = Age.between(date.fromisoformat(self.form["birth_date"]), today)
        registered = Persona(age, self.form["sex"])
        return replace(self.conversation, registered=registered).orientation(today)


class Drafts:
    """The drafts of this system, by an id that only the browser session knows."""

    def __init__(self, database: Database, *, now: Now) -> None:
        self._database, self._now = database, now

    def start(self, enterer: Enterer | None = None) -> str:
        """A new draft, consented to at this moment; returns its id. `enterer` types for the citizen."""
        draft_id = secrets.token_urlsafe(16)
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["insert_draft"], (draft_id, self._now().isoformat()))
            if enterer is not None:
                tx.execute(STATEMENTS["insert_enterer"], (draft_id, enterer.name, enterer.dni))
        return draft_id

    def read(self, draft_id: str) -> Draft | None:
        """The draft, None when there is none."""
        with self._database.reading() as tx:
            return read_draft(tx, draft_id)

    def answer(self, draft_id: str, number: int, text: str) -> Draft | None:
        """Adds an answer to the question that turn `number` asks; a repeated or late one changes nothing.

        Returns the draft as it is then. Raises TooManyTurns. Text beyond TURN_CHARACTERS_MAX is cut.
        """
        draft, now = self.read(draft_id), self._now()
        if draft is None or not draft.waits_for(number):
            return draft
        asked = draft.next_question(now.date())
        if asked is None:
            return draft
        if number > TURNS_MAX:
            raise TooManyTurns
        turn = Turn(number, asked, text[:TURN_CHARACTERS_MAX], now)
        return self._with_turn(draft, turn)

    def _with_turn(self, draft: Draft, turn: Turn) -> Draft | None:
        """Writes the turn down unless another window has answered meanwhile."""
        with self._database.transaction() as tx:
            found = read_draft(tx, draft.id)
            if found is None or not found.waits_for(turn.number):
                return found
            values = (draft.id, turn.number, turn.question.id, turn.text, turn.said_at.isoformat())
            tx.execute(STATEMENTS["insert_turn"], values)
        return replace(draft, conversation=Conversation((*draft.conversation.turns, turn)))

    def set_identity(self, draft_id: str, form: Mapping[str, str]) -> None:
        """Keeps the identity form, checked by the caller."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["set_identity"], (msgspec.json.encode(dict(form)).decode(), draft_id))

    def discard(self, draft_id: str) -> None:
        """Forgets a draft that was not sent, with every turn."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["delete_draft"], (draft_id,))
        forget_turns()


def read_draft(tx: apsw.Connection, draft_id: str) -> Draft | None:
    """The draft as this transaction sees it, None when there is none."""
    row = tx.execute(STATEMENTS["read_draft"], (draft_id,)).fetchone()
    if row is None:
        return None
    consented_at, form, request_id = row
    turns = tuple(
        _turn(number, *values)
        for number, values in enumerate(tx.execute(STATEMENTS["read_turns"], (draft_id,)), 1)
    )
    identity: Any = msgspec.json.decode(form) if form else None
    typed_by = tx.execute(STATEMENTS["read_enterer"], (draft_id,)).fetchone()
    return Draft(
        draft_id,
        datetime.fromisoformat(consented_at),
        Conversation(turns),
        identity,
        request_id,
        Enterer(*typed_by) if typed_by else None,
    )


def _turn(number: int, question_id: str, text: str, said_at: str) -> Turn:
    return Turn(number, question(question_id), text, datetime.fromisoformat(said_at))
