from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import Hl7Error, acknowledge, new_message
from ayni.wire.clock import LIMA
from ayni.wire.failure import LinkError, NotTaken, OutcomeUnknown, Refused
from ayni.wire.hl7_link import Hl7Link, is_plain_yes, judge
from ayni.wire.mllp import Handler, MllpClient, MllpServer, Peer, PerPeer
from ayni.wire.serve import bind

AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)


def message(control_id: str = "K1"):
    return new_message(type="SIU^S12", control_id=control_id, at=AT, sender=("A", "B"), receiver=("C", "D"))


def answer(code: int | None = None, *, to: str = "K1", says: str = "") -> bytes:
    errors = [Hl7Error("finding", code=code, text="hallazgo")] if code is not None else []
    code_said = errors[0].answer if errors else "AA"
    said = acknowledge(message(to), code_said, control_id="X", at=AT, errors=errors)
    if says:  # also what no acknowledgement of ours would say
        said["MSA-1"] = says
    return said.encode()


@pytest.mark.parametrize("says", ["AA", "CA"])
def test_a_yes_to_this_message_is_a_yes(says: str) -> None:
    assert judge(answer(says=says), "K1")["MSA-1"] == says


@pytest.mark.parametrize("says", ["AA", "CA"])
def test_the_usual_yes_is_told_without_reading(says: str) -> None:
    assert is_plain_yes(answer(says=says), "K1")
    assert not is_plain_yes(answer(says=says), "K2")
    assert not is_plain_yes(answer(says="AE"), "K1")


PIECES = [
    b"\r",
    b"\n",
    b"|",
    b"^",
    b"\\",
    b"MSA|AA|K1",
    b"MSA|AE|K1",
    b"ERR|",
    b"\xff",
    b"AE",
    b"K2",
    b"ISO IR87",
    b"",
]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 6), st.sampled_from(PIECES)), max_size=3))
@example([(0, 0, b"\r")])
@example([(80, 0, b"ISO IR87")])
def test_what_is_told_without_reading_is_read_the_same(changes: list[tuple[int, int, bytes]]) -> None:
    said = answer()
    for place, length, piece in changes:
        said = said[:place] + piece + said[place + length :]
    if is_plain_yes(said, "K1"):
        assert judge(said, "K1")["MSA-1"] in ("AA", "CA")


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        *((answer(code), Refused) for code in (100, 101, 102, 103, 104, 200, 201, 202, 203, 204, 205)),
        (answer(206), NotTaken),
        (answer(207), NotTaken),
        (answer(says="AE"), Refused),
        (answer(says="AR"), Refused),
        (answer(103, says="CE"), Refused),
        (answer(says="OK"), OutcomeUnknown),
        (answer(to="K2"), OutcomeUnknown),
        (answer(103, to="K2"), OutcomeUnknown),
        (answer().replace(b"MSA|", b"MSX|"), OutcomeUnknown),
        (b"", OutcomeUnknown),
        (b"HTTP/1.1 400 Bad Request", OutcomeUnknown),
    ],
)
def test_every_other_answer_means_its_failure_and_is_kept(said: bytes, failure: type[LinkError]) -> None:
    with pytest.raises(LinkError) as failed:
        judge(said, "K1")
    assert type(failed.value) is failure
    assert failed.value.answer == said


@pytest.mark.parametrize("said", [b"99000017", "MARÍA".encode(), b"103 PRUEBA", b"1030"])
def test_what_a_partner_writes_instead_of_a_code_is_not_repeated(said: bytes) -> None:
    with pytest.raises(Refused) as failed:
        judge(answer(103).replace(b"|103^", b"|" + said + b"^"), "K1")
    assert failed.value.reason == "AE"
    assert said in failed.value.answer


HEADER = b"MSH|^~\\&|LIS|LAB|AYNI|RED|20261123||ACK|X|T|"


@pytest.mark.parametrize("version", [b"2.3", b"2.3.1", b"2.4"])
@pytest.mark.parametrize(
    ("written", "said", "failure"),
    [
        (b"MSA|AE|K1\rERR|PID^1^3^103&Table value not found&HL70357\r", "AE 103", Refused),
        (b"MSA|AR|K1\rERR|^^^207&Application internal error&HL70357\r", "AR 207", NotTaken),
        (b"MSA|AE|K1|locked|||206^Application record locked^HL70357\r", "AE 206", NotTaken),
        (b"MSA|AE|K1|no|||101^Required field missing\rERR|PID^1^5\r", "AE 101", Refused),
        (b"MSA|AE|K1|99000017|||PRUEBA^ANA\rERR|^^^PRUEBA&ANA\r", "AE", Refused),
    ],
    ids=["ERR-1.4", "ERR-1.4-later", "MSA-6-later", "MSA-6", "no-code"],
)
def test_partners_of_the_versions_before_2_5_say_why_elsewhere(
    version: bytes, written: bytes, said: str, failure: type[LinkError]
) -> None:
    with pytest.raises(LinkError) as failed:
        judge(HEADER + version + b"\r" + written, "K1")
    assert (type(failed.value), failed.value.reason) == (failure, said)


def test_our_own_answers_in_every_version_are_understood() -> None:
    for version in ("2.3", "2.3.1", "2.4", "2.5", "2.5.1"):
        asked = message()
        asked["MSH-12"] = version
        error = Hl7Error("internal", code=207, text="hallazgo")
        said = acknowledge(asked, "AR", control_id="X", at=AT, errors=[error]).encode()
        with pytest.raises(NotTaken, match="AR 207"):
            judge(said, "K1")


def test_an_acknowledgement_that_says_yes_and_no_is_neither() -> None:
    with pytest.raises(OutcomeUnknown):
        judge(answer(says="AA") + b"MSA|AE|K1\r", "K1")


def test_a_message_without_control_id_cannot_be_acknowledged() -> None:
    with pytest.raises(OutcomeUnknown):
        judge(answer(to="", says="AA"), "")


async def test_after_the_answer_to_another_message_the_link_speaks_over_a_new_connection() -> None:
    answers = iter([answer(to="another"), answer(to="K1")])
    connections: list[Peer] = []

    async def handler(_: bytes) -> bytes:
        return next(answers)

    def handler_for(peer: Peer) -> Handler:
        connections.append(peer)
        return handler

    listener = bind("127.0.0.1", 0)
    async with MllpServer(PerPeer(handler_for), lambda head: head).listening(listener):
        client = MllpClient(*listener.getsockname(), answer_seconds=1)
        link = Hl7Link(client)
        with pytest.raises(OutcomeUnknown):
            await link.send(message().encode(), "K1")
        assert await link.send(message().encode(), "K1") == answer()
        client.drop()
    assert len(connections) == 2
