"""A member of staff who works through the record's pages."""

from pathlib import Path

from ayni.exercise.actors.page import Browser, PageNotAsPromised
from ayni.vocabulary.request import State

Account = tuple[str, str]
"""User name and password."""


class StaffMember:
    """Signed in with one account; sees the inbox and acts on requests."""

    def __init__(self, url: str, account: Account) -> None:
        self._browser = Browser(url)
        self._account = account

    def sign_in(self) -> None:
        """Signs in; raises PageNotAsPromised when the record does not let this account in."""
        username, password = self._account
        self._browser.go("/")
        self._browser.submit("#login-form", {"username": username, "password": password})
        if self._browser.has("#login-form"):
            raise PageNotAsPromised(self._browser.url, "the inbox after signing in", "#login-form")

    def inbox(self) -> list[str]:
        """The request ids the inbox shows, in its order."""
        self._browser.go("/")
        return self._browser.attributes("[data-request-id]", "data-request-id")

    def open(self, request_id: str) -> None:
        """Opens a request from the inbox, which makes it `in-review`."""
        self._browser.go("/")
        self._browser.submit(f'[data-request-id="{request_id}"] .open-form')

    def state(self, request_id: str) -> State:
        """The state the record shows for a request."""
        self._see(request_id)
        return State(self._browser.attribute("#state", "data-state"))

    def wishes(self) -> list[str]:
        """The request ids in the list of those who ask for another date."""
        self._browser.go("/listas/otra-fecha/")
        return self._browser.attributes("[data-request-id]", "data-request-id")

    def participation(self, request_id: str) -> str:
        """What the request's page says that the citizen answered; "" when it says nothing."""
        self._see(request_id)
        return "".join(self._browser.attributes("[data-participation]", "data-participation"))

    def book(self, request_id: str, *, place: int = 0) -> str:
        """Accepts and books a free slot, the earliest one unless told (-1 is the last); returns its id."""
        return self._take_slot(request_id, "#accept-form", place)

    def reschedule(self, request_id: str) -> str:
        """Moves the appointment to the first free slot; returns the slot's id."""
        return self._take_slot(request_id, "#reschedule-form", 0)

    def slots(self, request_id: str, form: str) -> list[str]:
        """The free slots a form of the request's page offers, earliest first."""
        self._see(request_id)
        return self._browser.options(f"{form} [name=slot]")

    def reject(self, request_id: str, *, reason: str, alternative: str) -> None:
        """Rejects with a reason and where else the citizen can go."""
        self._see(request_id)
        self._browser.submit("#reject-form", {"reason": reason, "alternative": alternative})

    def cancel(self, request_id: str, *, reason: str) -> None:
        """Cancels the appointment."""
        self._see(request_id)
        self._browser.submit("#cancel-form", {"reason": reason})

    def note_no_show(self, request_id: str) -> int:
        """Says the citizen did not come; returns the HTTP status of the answer."""
        self._see(request_id)
        self._browser.submit("#no-show-form")
        return self._browser.status

    def _see(self, request_id: str) -> None:
        self._browser.go(f"/pedidos/{request_id}/")

    def _take_slot(self, request_id: str, form: str, place: int) -> str:
        slots = self.slots(request_id, form)
        if not slots:
            raise PageNotAsPromised(self._browser.url, f"a free slot in {form}")
        self._browser.submit(form, {"slot": slots[place]})
        return slots[place]


def accounts(path: Path) -> dict[str, Account]:
    """The demo accounts by user name, from the file the record makes at first start."""
    _header, *lines = path.read_text("utf-8").splitlines()
    rows = [line.split() for line in lines]
    return {username: (username, password) for username, password, *_ in rows}
