"""The request of a conversation held in a terminal: written where the running QHALI looks for it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime

from ayni.qhali import DATABASE_FILE, SYSTEM
from ayni.qhali.models import AssistedConversation
from ayni.qhali.requests import Drafts, Requests
from ayni.qhali.requests.requests import Submitted
from ayni.wire.clock import TEST_TRAFFIC, Now
from ayni.wire.database import Database
from ayni.wire.settings import Environment
from ayni.wire.tokens import read_or_create


class Sending:
    """QHALI's own store and outbox; its sender looks at the file by itself every half minute."""

    def __init__(self, database: Database, *, now: Now, is_test: bool, code_key: str) -> None:
        self.is_test = is_test
        self._drafts = Drafts(database, now=now)
        self._requests = Requests(database, now=now, is_test=is_test, wake=lambda: None, code_key=code_key)

    def send(self, talk: AssistedConversation, form: Mapping[str, str], *, began_at: datetime) -> Submitted:
        """Keeps the conversation as a request with what must travel; nothing of it when that fails."""
        draft_id = self._drafts.take(talk, form, began_at=began_at)
        draft = self._drafts.read(draft_id)
        assert draft is not None, "it was written a moment ago"
        try:
            return self._requests.submit(draft_id, draft.fingerprint)
        finally:
            self._drafts.discard(draft_id)  # a draft that became a request stays


@contextmanager
def open_sending(variables: Mapping[str, str] = os.environ) -> Iterator[tuple[Now, Sending | None]]:
    """The clock, and the way to send where QHALI has its store in the data folder; None where it has none.

    Raises SettingError.
    """
    environment = Environment(variables)
    now, folder = environment.clock(), environment.folder(SYSTEM)
    if not (folder / DATABASE_FILE).is_file():
        yield now, None
        return
    is_test = environment.processing_id() == TEST_TRAFFIC
    code_key = read_or_create(folder / "return-code-key")
    with closing(Database(folder / DATABASE_FILE)) as database:
        yield now, Sending(database, now=now, is_test=is_test, code_key=code_key)
