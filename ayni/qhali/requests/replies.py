"""What a language model had a part in of the replies: written with the turn that is replied to."""

from collections.abc import Iterator
from dataclasses import asdict

import apsw

from ayni.qhali.models import Reply
from ayni.qhali.requests.statements import STATEMENTS


def write_reply(tx: apsw.Connection, draft_id: str, reply: Reply) -> None:
    """Keeps it; its turn is written in the same transaction, before it."""
    tx.execute(STATEMENTS["insert_reply"], {"draft": draft_id, **asdict(reply)})


def read_replies(tx: apsw.Connection, draft_id: str) -> Iterator[Reply]:
    """All of a draft, in the order of the turns."""
    for turn, question, opening, language, translation in tx.execute(STATEMENTS["read_replies"], (draft_id,)):
        yield Reply(turn=turn, question=question, opening=opening, language=language, translation=translation)
