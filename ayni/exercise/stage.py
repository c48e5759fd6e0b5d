"""Where one scenario is played: the three systems, their people, the clock, and the step under way."""

from collections.abc import Callable
from datetime import timedelta

from ayni.exercise.actors.citizen import Citizen, Persona
from ayni.exercise.actors.console import Console
from ayni.exercise.actors.staff import StaffMember, accounts
from ayni.exercise.processes import Processes
from ayni.exercise.systems import ENGINE, ONEVISION, QHALI, System
from ayni.exercise.waiting import wait_for
from ayni.vocabulary.request import State
from ayni.wire.clock import ahead
from ayni.wire.settings import Environment

COMPLAINT = ("Tengo tos con flema y fiebre desde hace tres días",)
"""What every citizen of the exercise has: a reason to be seen, no reason to run."""

Say = Callable[[str], None]


class Stage:
    """The means of one scenario. `step` names what happens now, so that a failure can say where."""

    def __init__(self, processes: Processes, persona: Persona, *, say: Say) -> None:
        self.processes = processes
        self.environment = Environment(processes.variables)
        self.requests: list[str] = []
        self.current_step = "before the first step"
        self._persona = persona
        self._say = say

    def step(self, what: str) -> None:
        """The scenario's next step begins."""
        self.current_step = what
        self._say(what)

    def citizen(self) -> Citizen:
        """The citizen of this scenario, with a window of their own."""
        return Citizen(self._page(QHALI), self._persona)

    def staff(self, username: str) -> StaffMember:
        """A member of staff of the record, signed in."""
        path = self.environment.folder(ONEVISION.name) / "demo-accounts.txt"
        member = StaffMember(self._page(ONEVISION), accounts(path)[username])
        member.sign_in()
        return member

    @property
    def console(self) -> Console:
        """The engine's console, as its operator sees it."""
        account = self.environment.folder(ENGINE.name) / "operator-account.txt"
        return Console(self.address("AYNI_ENGINE_PORT"), account)

    def address(self, port_setting: str) -> tuple[str, int]:
        """Where a listener is."""
        return self.environment.text("AYNI_HOST"), self.environment.port(port_setting)

    def token(self, setting: str) -> str:
        """The bearer token of a direction, from the file both its ends read."""
        return self.environment.token_file(setting).read_text("ascii").strip()

    def ask_for_care(self, citizen: Citizen) -> str:
        """The citizen tells, confirms and gets a request id, which the evidence will follow."""
        request_id = citizen.ask_for_care(*COMPLAINT)
        self.requests.append(request_id)
        return request_id

    def in_inbox(self, member: StaffMember, request_id: str) -> None:
        """Waits until the record's inbox shows the request."""
        wait_for(f"{request_id} in the inbox", lambda: request_id in member.inbox())

    def citizen_sees(self, citizen: Citizen, state: State) -> None:
        """Waits until the citizen's page shows a state."""
        wait_for(f"the citizen's page to show {state}", lambda: citizen.state() is state)

    def nothing_on_its_way(self) -> None:
        """Waits until QHALI has handed over everything a citizen sent; fails at once for what was refused."""

        def is_empty() -> bool:
            figures = self.processes[QHALI].health()
            require(figures["outbox_refused"] == 0, "the engine refused what QHALI sent")
            return bool(figures["outbox_waiting"] == 0)

        wait_for("QHALI's outbox to be empty", is_empty)

    def move_clock(self, by: timedelta) -> None:
        """Lets time pass for all three systems."""
        path = self.environment.path("AYNI_CLOCK")
        if path is None:
            raise ValueError("the systems were started without a clock file")
        new = path.with_suffix(".new")
        new.write_text(str((ahead(path) + by).total_seconds()), "ascii")
        new.replace(path)  # in one step: no system may find the file empty and go back in time

    def _page(self, system: System) -> str:
        host, port = self.address(system.ports[0])
        return f"http://{host}:{port}"


def require(truth: bool, claim: str) -> None:
    """Raises AssertionError with the claim when it is not true (also where Python drops `assert`)."""
    if not truth:
        raise AssertionError(claim)
