"""An invented citizen who writes to QHALI and looks at their page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ayni.exercise.actors.page import Browser, PageNotAsPromised
from ayni.vocabulary.request import State

PAGES_MAX = 30
"""A conversation asks a few questions; one that never ends is a failure, not a wait."""
NO_MORE_TO_SAY = "no"
REQUEST_PAGE = "/pedido"
REMINDER = "[data-notice^=reminder]"
ASKED = f"{REMINDER} form.answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """An invented person: DNI of the project's test block, surname PRUEBA."""

    dni: str
    given_names: str
    maternal_surname: str
    birth_date: str
    sex: str
    district: str
    facility: str
    paternal_surname: str = "PRUEBA"

    def fields(self) -> dict[str, str]:
        """As the identity form asks for them."""
        return {name: getattr(self, name) for name in self.__slots__}


class Citizen:
    """Tells what is wrong, confirms, and later sees what became of it."""

    def __init__(self, url: str, persona: Persona) -> None:
        self._browser = Browser(url)
        self._persona = persona

    def ask_for_care(self, *says: str) -> str:
        """From the first page to the confirmed summary; returns the request id.

        `says` are the answers in order; whatever QHALI asks after that is answered no.
        """
        sayings = iter(says)
        self._browser.go("/")
        for _ in range(PAGES_MAX):
            if self._browser.has("#request-id"):
                return self._browser.element("#request-id").get_text(strip=True)
            self._act(sayings)
        raise PageNotAsPromised(self._browser.url, f"#request-id within {PAGES_MAX} pages")

    def state(self) -> State:
        """The state the citizen's page shows now."""
        self._look()
        return State(self._browser.attribute("#state", "data-state"))

    def told(self) -> str:
        """What the page says to the citizen about the state it shows now."""
        self._look()
        return self._browser.element("#state").get_text(" ", strip=True)

    def timeline(self) -> list[State]:
        """The states the page shows, oldest first."""
        self._look()
        return [State(state) for state in self._browser.attributes("#timeline li[data-state]", "data-state")]

    def is_asked(self) -> bool:
        """Whether the page asks if they will come to their appointment."""
        self._look()
        return self._browser.has(ASKED)

    def answer(self, choice: str) -> None:
        """Answers with one tap: `confirm`, `change`, `cannot`."""
        self._look()
        self._browser.press(f"{ASKED} button[value={choice}]")

    def notice(self) -> str:
        """The reminder as it stands on the page: what was asked, the answer, how far it got."""
        self._look()
        return self._browser.element(REMINDER).get_text(" ", strip=True)

    def _look(self) -> None:
        self._browser.go(REQUEST_PAGE)

    def _act(self, sayings: Iterator[str]) -> None:
        """Does what the page asks for, as a person would: its form, or its button when there is no form."""
        forms: dict[str, Callable[[], dict[str, str]]] = {
            "#consent-form": dict,
            "#confirm-form": lambda: {"consent": self._checked("#confirm-form [name=consent]")},
            "#identity-form": self._persona.fields,
            "#turn-form": lambda: {"text": next(sayings, NO_MORE_TO_SAY)},
        }
        for form, fields in forms.items():
            if self._browser.has(form):
                self._browser.submit(form, fields())
                break
        else:
            self._browser.follow("main a.button")

    def _checked(self, box: str) -> str:
        return str(self._browser.element(box).get("value", "on"))
