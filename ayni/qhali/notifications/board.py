"""What a citizen sees and decides about the notices of their request."""

import secrets
from dataclasses import asdict, dataclass

import apsw

from ayni.fhirserver import Repository
from ayni.qhali.notifications.communication import MEDIUM, communication_of
from ayni.qhali.notifications.contacts import (
    CHANNELS,
    Contact,
    InvalidAddress,
    add_contact,
    contacts_of,
    patient_of,
    remove_contact,
)
from ayni.qhali.notifications.notice import (
    PAGE,
    Notice,
    Told,
    confirm,
    notices_of,
    unconfirmed,
    write_notice,
)
from ayni.qhali.notifications.outlets import Outlets
from ayni.qhali.notifications.overdue import overdue
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.wire.clock import LIMA, Now
from ayni.wire.database import Database

WITHDRAWN = "Ya no le avisaremos por {channel}. Su página sigue igual."


@dataclass(frozen=True, slots=True)
class Channel:
    """One way out as the page shows it: whether it is open here, and the citizen's address there."""

    name: str
    title: str
    is_open: bool
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice with what became of it, channel by channel: ("mensaje de texto", "failed")."""

    notice: Notice
    attempts: list[tuple[str, str]]


class NoticeBoard:
    """The notices of requests and the channels chosen for them; the caller knows whose request it is."""

    def __init__(self, database: Database, outlets: Outlets, *, now: Now) -> None:
        self._database, self._outlets, self._now = database, outlets, now

    @property
    def push_key(self) -> str:
        """What a browser needs to subscribe; "" while web push is closed."""
        return self._outlets.push_key

    def channels(self, request_id: str) -> list[Channel]:
        """Every way out: the chosen ones in their order, then the others."""
        with self._database.reading() as tx:
            chosen = contacts_of(tx, request_id)
        named = {contact.channel: contact for contact in chosen}
        rest = [channel for channel in CHANNELS if channel not in named]
        return [
            Channel(channel, MEDIUM[channel], channel in self._outlets.by_channel, named.get(channel))
            for channel in [*named, *rest]
        ]

    def add(self, request_id: str, channel: str, typed: str) -> None:
        """Opens a channel to the citizen, with their permission; raises InvalidAddress."""
        if channel not in self._outlets.by_channel:
            raise InvalidAddress("Ese medio no está disponible por ahora.")
        with self._database.transaction() as tx:
            add_contact(tx, self._repository(tx), request_id, channel, typed, now=self._now())
            if channel == "push" and not self._outlets.accepts_push(typed):
                raise InvalidAddress("Este navegador usa un servicio de avisos que no conocemos.")

    def remove(self, request_id: str, channel: str) -> None:
        """Withdraws the permission for a channel; the citizen is told so on the page, once."""
        now = self._now()
        with self._database.transaction() as tx:
            repository = self._repository(tx)
            if not remove_contact(tx, repository, request_id, channel, now=now):
                return
            text = WITHDRAWN.format(channel=MEDIUM[channel])
            told = Told(request_id=request_id, kind=f"withdrawn-{channel}", text=text, outside=None)
            name = f"{request_id}#withdrawn-{channel}@{now.isoformat()}"
            said = communication_of(request_id, name, text, patient=patient_of(tx, request_id), sent_at=now)
            write_notice(tx, repository, told, said, now=now)

    def put_first(self, request_id: str, channel: str) -> None:
        """From now on this channel is tried before the others."""
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["first_contact"], {"request": request_id, "channel": channel})

    def seen(self, request_id: str) -> None:
        """The citizen looks at the page: what they were told goes to no other channel."""
        with self._database.reading() as tx:
            if not unconfirmed(tx, request_id):
                return
        with self._database.transaction() as tx:
            for notice_id in unconfirmed(tx, request_id):
                confirm(tx, self._repository(tx), notice_id, now=self._now())

    def arrived(self, channel: str, reference: str) -> None:
        """A gateway says that the citizen's phone has it."""
        with self._database.transaction() as tx:
            for (notice_id,) in tx.execute(
                STATEMENTS["notice_of_reference"], (channel, reference)
            ).fetchall():
                confirm(tx, self._repository(tx), notice_id, now=self._now())

    def did_not_arrive(self, channel: str, reference: str) -> None:
        """A gateway says that it gave up: the silence is over now, and the next channel follows."""
        values = (self._now().astimezone(LIMA).isoformat(), channel, reference)
        with self._database.transaction() as tx:
            tx.execute(STATEMENTS["end_silence"], values)

    def remove_address(self, channel: str, address: str) -> None:
        """Whoever has this address wants to hear nothing more there, of any request."""
        with self._database.reading() as tx:
            found = tx.execute(STATEMENTS["requests_at"], (channel, address)).fetchall()
        for (request_id,) in found:
            self.remove(request_id, channel)

    def notices(self, request_id: str) -> list[Shown]:
        """Everything the citizen was told, oldest first."""
        with self._database.reading() as tx:
            return [Shown(notice, _attempts(tx, notice.id)) for notice in notices_of(tx, request_id)]

    def current(self, request_id: str) -> list[Notice]:
        """What clocks told and is still so, of each question only the newest."""
        with self._database.reading() as tx:
            ids = {row[0] for row in tx.execute(STATEMENTS["current_notices"], (request_id,))}
            found = [notice for notice in notices_of(tx, request_id) if notice.id in ids]
        return list({notice.asks or notice.kind: notice for notice in found}.values())

    def answer_standing(self, request_id: str) -> str:
        """How far the last answer got on its way to the record, "" when there is none to send."""
        with self._database.reading() as tx:
            row = tx.execute(STATEMENTS["answer_standing"], (request_id,)).fetchone()
        return str(row[0]) if row else ""

    def figures(self) -> dict[str, object]:
        """Counts for the health page; no patient data."""
        with self._database.reading() as tx:
            waiting = tx.execute(STATEMENTS["count_waiting"]).get
            late = overdue(tx)
        return {
            "notices_waiting": waiting,
            "requests_unanswered": sum(each.requests for each in late),
            "overdue": [asdict(each) for each in late],
        }

    def _repository(self, tx: apsw.Connection) -> Repository:
        return Repository(tx, now=self._now, new_id=secrets.token_hex)


def _attempts(tx: apsw.Connection, notice_id: str) -> list[tuple[str, str]]:
    rows = tx.execute(STATEMENTS["read_attempts"], (notice_id,))
    return [(MEDIUM[channel], state) for channel, state, _, _ in rows if channel != PAGE]
