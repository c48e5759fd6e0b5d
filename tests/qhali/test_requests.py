"""Confirming a draft, and coming back to the request with its secret code."""

import contextlib
from datetime import timedelta

import pytest

from ayni.qhali.conversation import turns
from ayni.qhali.extraction import understand
from ayni.qhali.requests.requests import FAILURES_MAX, LOCKED_FOR, NotAsShown, NotReady
from ayni.vocabulary.fhir import check, loads
from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"


def test_confirming_writes_intake_and_outbox_row_together(qhali) -> None:
    request_id = qhali.submit()
    ((key, content),) = qhali.rows("select event_key, content from outbox")
    assert (request_id, key) == (REQUEST_ID, f"{REQUEST_ID}.Q001")
    assert loads(bytes(content))["identifier"]["value"] == REQUEST_ID
    assert qhali.woken == [True]
    assert qhali.parts.requests.read(request_id).state is State.SUBMITTED


def test_a_failure_while_confirming_leaves_neither(qhali) -> None:
    draft_id = qhali.draft()
    qhali.parts.drafts.set_identity(draft_id, _identity())
    with qhali.database.transaction() as tx:
        tx.execute("create trigger full before insert on outbox begin select raise(abort, 'no room'); end")
    with pytest.raises(Exception, match="no room"):
        qhali.confirm(draft_id)
    assert qhali.rows("select * from request") == qhali.rows("select * from outbox") == []
    assert qhali.parts.drafts.read(draft_id).request_id is None


def test_confirming_twice_makes_one_request_and_tells_the_same_code(qhali) -> None:
    draft_id = qhali.draft()
    qhali.parts.drafts.set_identity(draft_id, _identity())
    first, second = (qhali.confirm(draft_id) for _ in range(2))
    assert second == first
    assert len(qhali.rows("select * from outbox")) == 1


def test_a_draft_without_identity_is_not_ready(qhali) -> None:
    with pytest.raises(NotReady):
        qhali.confirm(qhali.draft())


def test_a_draft_without_a_level_is_not_ready(qhali) -> None:
    draft_id = qhali.draft("¿a qué hora atienden?")
    qhali.parts.drafts.set_identity(draft_id, _identity())
    with pytest.raises(NotReady):
        qhali.confirm(draft_id)


def test_what_was_not_shown_is_not_sent(qhali) -> None:
    draft_id = qhali.draft()
    qhali.parts.drafts.set_identity(draft_id, _identity())
    shown = qhali.parts.drafts.read(draft_id).fingerprint
    qhali.parts.drafts.set_identity(draft_id, _identity() | {"dni": "99000018"})
    for wrong in (shown, ""):
        with pytest.raises(NotAsShown):
            qhali.parts.requests.submit(draft_id, wrong)
    assert qhali.rows("select * from request") == qhali.rows("select * from outbox") == []
    assert qhali.confirm(draft_id).request_id == REQUEST_ID


def test_the_timeline_begins_with_the_sending(qhali) -> None:
    (entry,) = qhali.parts.requests.timeline(qhali.submit())
    assert (entry.state, entry.sentence) == (
        State.SUBMITTED,
        "Estamos enviando su pedido al puesto de salud Calquis.",
    )


def test_the_code_opens_its_own_request_only_and_is_not_stored(qhali) -> None:
    codes = []
    for _ in range(2):
        draft_id = qhali.draft()
        qhali.parts.drafts.set_identity(draft_id, _identity())
        codes.append(qhali.confirm(draft_id))
    first, second = codes
    assert qhali.parts.requests.opens(first.request_id, first.return_code)
    assert qhali.parts.requests.opens(first.request_id, first.return_code.lower().replace("-", " "))
    assert not qhali.parts.requests.opens(second.request_id, first.return_code)
    assert not qhali.parts.requests.opens("QH-ZZZZZZZZZZ", first.return_code)
    stored = b"".join(bytes(row[0]) for row in qhali.rows("select return_code_hash from request"))
    assert first.return_code.replace("-", "").encode() not in stored


def test_five_wrong_codes_close_the_door_for_a_while(qhali) -> None:
    draft_id = qhali.draft()
    qhali.parts.drafts.set_identity(draft_id, _identity())
    submitted = qhali.confirm(draft_id)
    for _ in range(FAILURES_MAX):
        assert not qhali.parts.requests.opens(submitted.request_id, "WRONG")
    assert not qhali.parts.requests.opens(submitted.request_id, submitted.return_code)
    qhali.clock.advance(LOCKED_FOR + timedelta(seconds=1))
    assert qhali.parts.requests.opens(submitted.request_id, submitted.return_code)


def test_an_answer_sent_twice_is_one_turn(qhali) -> None:
    drafts = qhali.parts.drafts
    draft_id = drafts.start()
    for _ in range(2):
        drafts.answer(draft_id, 1, "tengo tos")
    assert len(drafts.read(draft_id).conversation.turns) == 1


def test_an_answer_is_understood_before_the_file_is_locked(qhali, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_id = qhali.draft()
    qhali.parts.drafts.set_identity(draft_id, _identity())
    fingerprint = qhali.parts.drafts.read(draft_id).fingerprint
    other_id = qhali.draft("tengo tos")
    writing, locked = qhali.database.transaction, []

    @contextlib.contextmanager
    def transaction():
        with writing() as tx:
            locked.append(True)
            yield tx
            locked.pop()

    def read_unlocked(*given, **named):
        assert not locked, "the file is locked while words are read"
        return understand(*given, **named)

    monkeypatch.setattr(qhali.database, "transaction", transaction)
    monkeypatch.setattr(turns, "understand", read_unlocked)
    turns.forget_turns()
    turn = len(qhali.parts.drafts.read(other_id).conversation.turns)
    with qhali.database.transaction() as tx:
        tx.execute("delete from turn where draft = ? and number = ?", (other_id, turn))
    qhali.parts.drafts.answer(other_id, turn, "34")
    assert len(qhali.parts.drafts.read(other_id).conversation.turns) == turn
    turns.forget_turns()
    qhali.parts.requests.submit(draft_id, fingerprint)


def test_of_two_answers_to_one_question_the_first_stays(qhali, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = qhali.parts.drafts
    draft_id = drafts.start()
    drafts.answer(draft_id, 1, "tengo tos")
    turns.forget_turns()

    def answered_elsewhere(*given, **named):
        monkeypatch.setattr(turns, "understand", understand)
        drafts.answer(draft_id, 2, "ayer")
        return understand(*given, **named)

    monkeypatch.setattr(turns, "understand", answered_elsewhere)
    drafts.answer(draft_id, 2, "hace tres días")
    assert [turn.text for turn in drafts.read(draft_id).conversation.turns] == ["tengo tos", "ayer"]


@pytest.mark.parametrize("typed", ["tengo tos\x00", "\x1btengo\x0btos", "tengo tos \ud800"])
def test_characters_that_cannot_travel_hold_no_request_up(qhali, typed: str) -> None:
    qhali.submit(typed)
    ((intake,),) = qhali.rows("select intake from request")
    assert check(loads(bytes(intake))) == ()


def test_an_answer_without_a_word_is_none(qhali) -> None:
    drafts = qhali.parts.drafts
    draft_id = drafts.start()
    for typed in ("", " \n", "\x00\x1f"):
        assert drafts.answer(draft_id, 1, typed).conversation.turns == ()


def test_a_discarded_draft_leaves_no_turn(qhali) -> None:
    draft_id = qhali.draft()
    assert turns._understood.cache_info().currsize
    qhali.parts.drafts.discard(draft_id)
    assert qhali.rows("select * from turn") == qhali.rows("select * from draft") == []
    assert not turns._understood.cache_info().currsize


def _identity() -> dict[str, str]:
    return {
        "dni": "99000017",
        "paternal_surname": "Prueba",
        "maternal_surname": "",
        "given_names": "María",
        "birth_date": "1992-03-14",
        "sex": "female",
        "district": "061103",
        "facility": "00004576",
    }
