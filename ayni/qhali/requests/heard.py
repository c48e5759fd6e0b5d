"""What a language model heard beside the rules: written with its turn, so that nobody has to ask it again."""

from collections.abc import Iterator

import apsw
import msgspec

from ayni.qhali.extraction import Fact
from ayni.qhali.models import Beside
from ayni.qhali.requests.statements import STATEMENTS


def write_heard(tx: apsw.Connection, draft_id: str, beside: Beside) -> None:
    """Keeps it; its turn is written in the same transaction, before it."""
    values = {
        "draft": draft_id,
        "turn": beside.turn,
        "source": beside.source,
        "facts": msgspec.json.encode(beside.added).decode(),
        "suggested": beside.suggested,
        "discarded": beside.discarded,
        "silence": beside.silence,
    }
    tx.execute(STATEMENTS["insert_heard"], values)


def read_heard(tx: apsw.Connection, draft_id: str) -> Iterator[Beside]:
    """All of a draft, in the order of the turns."""
    for turn, source, facts, suggested, discarded, silence in tx.execute(
        STATEMENTS["read_heard"], (draft_id,)
    ):
        yield Beside(
            turn=turn,
            source=source,
            added=msgspec.json.decode(facts, type=tuple[Fact, ...]),
            suggested=suggested,
            discarded=discarded,
            silence=silence,
        )
