"""The citizen's sentence for a state, filled from what the record sent."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.vocabulary.fhir import Resource, code_in, identifier_in, systems
from ayni.vocabulary.peru import Facility, facility
from ayni.vocabulary.request import Reason, State

UNKNOWN_FACILITY = "establecimiento de salud"
POSTS = frozenset({"I-1", "I-2"})
"""Categories that people call "puesto"; I-3 and I-4 are "centro"."""

NO_REASON = "no se indicó el motivo"
NO_ALTERNATIVE = "otro establecimiento"
GO_TO = "Puede ir"
"""How the alternative is told; some staff write it so themselves."""


@cache
def _sentences() -> dict[State, str]:
    text = files("ayni.qhali.notifications").joinpath("data", "sentences.toml").read_text("utf-8")
    return {State(state): sentence for state, sentence in tomllib.loads(text).items()}


@dataclass(frozen=True, slots=True)
class Telling:
    """What fills a sentence: the spine Task and, where there is one, the Appointment."""

    request_id: str
    task: Resource
    appointment: Resource

    @property
    def facility(self) -> Facility | None:
        """The facility that owns the request."""
        return facility(identifier_in(self.task.get("owner") or {}, systems.RENIPRESS_ID))

    @property
    def name(self) -> str:
        """The facility's name alone: "Calquis"."""
        return self.facility.name.title() if self.facility else UNKNOWN_FACILITY

    @property
    def place(self) -> str:
        """The facility as people call it: "puesto de salud Calquis"."""
        if self.facility is None:
            return UNKNOWN_FACILITY
        return f"{'puesto' if self.facility.category in POSTS else 'centro'} de salud {self.name}"

    @property
    def start(self) -> datetime | None:
        """When the appointment begins, in the offset it came with."""
        start = self.appointment.get("start")
        return datetime.fromisoformat(start) if isinstance(start, str) else None

    @property
    def reason(self) -> str:
        """The reason of the closed list, in the citizen's words."""
        code = code_in(self.task.get("statusReason"), systems.STATE_REASON)
        return Reason(code).display if code in set(Reason) else NO_REASON

    @property
    def notes(self) -> list[str]:
        """What the staff wrote for the citizen: the alternative or the missing datum, then free remarks."""
        texts = (" ".join(note["text"].split()) for note in self.task.get("note") or [])
        return [text for text in texts if text]

    @property
    def alternative(self) -> str:
        """Where to go instead, and each remark in its own sentence: "Puede ir a Llapa. No hay ecógrafo." """
        where, *remarks = self.notes or [NO_ALTERNATIVE]
        opening = "" if where.lower().startswith(GO_TO.lower()) else f"{GO_TO} a "
        return " ".join(map(_as_sentence, [opening + where, *remarks]))

    @property
    def question(self) -> str:
        """The rest of a sentence that says that a datum is missing: ": su teléfono." """
        if not self.notes:
            return "."
        datum, *remarks = self.notes
        return " ".join([f": {_closed(datum)}", *map(_as_sentence, remarks)])


def sentence(state: State, telling: Telling) -> str:
    """The sentence for one state; every placeholder has something true to say when a datum is missing."""
    start = telling.start
    return _sentences()[state].format(
        request=telling.request_id,
        facility=f"el {telling.place}",
        place=telling.place,
        name=telling.name,
        reason=telling.reason,
        alternative=telling.alternative,
        question=telling.question,
        day=day_in_spanish(start) if start else "por confirmar",
        time=f"{start:%H:%M}" if start else "por confirmar",
    )


def _as_sentence(text: str) -> str:
    return _closed(text[:1].upper() + text[1:])


def _closed(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
