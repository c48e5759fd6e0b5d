"""Enhanced mode over one connection: CA first, the application's own word at any time after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from ayni.wire.failure import OutcomeUnknown
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import END, MllpClient, frame
from ayni.wire.mllp.late_answers import REMEMBERED_MAX, LateAnswers

HEADER = b"MSH|^~\\&|C|D|A|B|20261123093015-0500||ACK^S12^ACK|X1|T|2.5.1\r"
PAUSE = b""
"""In a script: what follows is another read."""
PAUSE_SECONDS = 0.02


def said(code: str, control_id: str) -> bytes:
    return frame(HEADER + f"MSA|{code}|{control_id}\r".encode())


def message(control_id: str) -> bytes:
    return f"MSH|^~\\&|A|B|C|D|20261123093015-0500||SIU^S12^SIU_S12|{control_id}|T|2.5.1\r".encode()


class Partner:
    """Says what its script has for each message, in order; counts the connections."""

    def __init__(self, *script: list[bytes]) -> None:
        self._script = list(script)
        self.connection_count = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connection_count += 1
        while self._script:
            try:
                await reader.readuntil(END)
            except asyncio.IncompleteReadError:
                break
            for piece in self._script.pop(0):
                writer.write(piece)
                await asyncio.sleep(0 if piece else PAUSE_SECONDS)
        await reader.read()
        writer.close()


@asynccontextmanager
async def linked(partner: Partner) -> AsyncIterator[Hl7Link]:
    server = await asyncio.start_server(partner.talk, "127.0.0.1", 0)
    async with server:
        client = MllpClient(*server.sockets[0].getsockname(), answer_seconds=2)
        yield Hl7Link(client)
        client.drop()


@pytest.mark.parametrize("late", ["AA", "AE", "AR"])
@pytest.mark.parametrize(
    "script",
    [
        lambda late: ([said("CA", "K1"), PAUSE, late], [said("CA", "K2")]),
        lambda late: ([said("CA", "K1") + late], [said("CA", "K2")]),
        lambda late: ([said("CA", "K1") + late[:40], PAUSE, late[40:]], [said("CA", "K2")]),
        lambda late: ([said("CA", "K1")], [late, PAUSE, said("CA", "K2")]),
        lambda late: ([said("CA", "K1")], [late + said("CA", "K2")]),
        lambda late: ([said("CA", "K1")], [late[:40], PAUSE, late[40:], said("CA", "K2")]),
        lambda late: ([said("CA", "K1")], [said("CA", "K2") + late]),
    ],
    ids=[
        "idle",
        "with-CA",
        "idle-in-two-reads",
        "awaited",
        "before-CA",
        "awaited-in-two-reads",
        "after-next",
    ],
)
async def test_the_word_of_the_application_is_no_answer_to_what_was_sent_since(script, late: str) -> None:
    partner = Partner(*script(said(late, "K1")), [said("AA", "K3")])
    with capture_logs() as logs:
        async with linked(partner) as link:
            for control_id in ("K1", "K2", "K3"):
                assert b"A|" + control_id.encode() in await link.send(message(control_id), control_id)
                await asyncio.sleep(3 * PAUSE_SECONDS)
    assert partner.connection_count == 1
    warned = [(each["log_level"], each["code"], each["control_id"]) for each in logs]
    assert warned == ([] if late == "AA" else [("warning", late, "K1")])


@pytest.mark.parametrize(
    "before",
    [
        [said("AA", "K1")],
        [said("CA", "K1"), PAUSE, said("AA", "K1")],
    ],
    ids=["original-mode", "said-twice"],
)
async def test_what_was_not_accepted_or_was_heard_already_is_unasked_for(before: list[bytes]) -> None:
    partner = Partner(before, [said("AA", "K1") + said("CA", "K2")], [said("CA", "K2")])
    async with linked(partner) as link:
        await link.send(message("K1"), "K1")
        await asyncio.sleep(2 * PAUSE_SECONDS)
        with pytest.raises(OutcomeUnknown, match="not to this message"):
            await link.send(message("K2"), "K2")
        await link.send(message("K2"), "K2")
    assert partner.connection_count == 2


async def test_part_of_a_frame_that_never_ends_does_not_swallow_the_next_answer() -> None:
    partner = Partner([said("CA", "K1"), PAUSE, said("AA", "K1")[:40]], [said("CA", "K2")])
    async with linked(partner) as link:
        await link.send(message("K1"), "K1")
        await asyncio.sleep(2 * PAUSE_SECONDS)
        await link.send(message("K2"), "K2")
    assert partner.connection_count == 2


def test_so_many_are_remembered_and_no_more() -> None:
    late = LateAnswers()
    for number in range(REMEMBERED_MAX + 1):
        late.note(HEADER + b"MSA|CA|K%d\r" % number)
    skipped = [late.skips(HEADER + b"MSA|AA|K%d\r" % number) for number in range(REMEMBERED_MAX + 1)]
    assert skipped == [False] + [True] * REMEMBERED_MAX
    assert not late


@pytest.mark.parametrize(
    "content",
    [
        HEADER,
        HEADER + b"MSA|CA|K1\r",
        HEADER + b"MSA|AA|K11\r",
        HEADER + b"MSA|AA|\r",
        HEADER + b"MSA|AA|K1\rMSA|AE|K1\r",
        HEADER + b"NTE|1||MSA|AA|K1\r",
    ],
)
def test_anything_else_is_an_answer_to_be_judged(content: bytes) -> None:
    late = LateAnswers()
    late.note(HEADER + b"MSA|CA|K1\r")
    assert not late.skips(content)
    assert late
