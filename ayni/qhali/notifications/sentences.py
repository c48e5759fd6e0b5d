"""The citizen's sentence for a state, filled from what the record sent."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.vocabulary.fhir import Resource, code_in, identifier_in, systems
from ayni.vocabulary.peru import Facility, facility, place_name
from ayni.vocabulary.request import Reason, State
from ayni.wire.clock import LIMA

UNKNOWN_FACILITY = "establecimiento de salud"
NO_REASON = "no se indicó el motivo"
NO_ALTERNATIVE = "otro establecimiento"
GO_TO = "Puede ir"
"""How the alternative is told; some staff write it so themselves."""
WITH_ARTICLE = ("centro", "establecimiento", "hospital", "puesto")
"""One goes "al centro de salud Llapa", and "a Llapa"."""


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
        return place_name(self.facility.name) if self.facility else UNKNOWN_FACILITY

    @property
    def place(self) -> str:
        """The facility as people call it: "puesto de salud Calquis"."""
        return self.facility.called if self.facility else UNKNOWN_FACILITY

    @property
    def start(self) -> datetime | None:
        """When the appointment begins, in Peru's time whatever offset it came with."""
        start = self.appointment.get("start")
        return datetime.fromisoformat(start).astimezone(LIMA) if isinstance(start, str) else None

    @property
    def reason(self) -> str:
        """The reason of the closed list, in the citizen's words."""
        return Reason(self._reason_code).display if self._reason_code in set(Reason) else NO_REASON

    @property
    def _reason_code(self) -> str:
        return code_in(self.task.get("statusReason"), systems.STATE_REASON)

    @property
    def notes(self) -> list[str]:
        """What the staff wrote for the citizen: the alternative or the missing datum, then free remarks."""
        texts = (" ".join(note["text"].split()) for note in self.task.get("note") or [])
        return [text for text in texts if text]

    @property
    def cancellation(self) -> str:
        """Why there is no visit, then each remark in its own sentence; `other` in the words of the staff."""
        is_told = self._reason_code == Reason.OTHER and self.notes
        why, *remarks = self.notes if is_told else [self.reason, *self.notes]
        return " ".join([_closed(why), *map(_as_sentence, remarks)])

    @property
    def alternative(self) -> str:
        """Where to go instead, and each remark in its own sentence: "Puede ir a Llapa. No hay ecógrafo." """
        where, *remarks = self.notes or [NO_ALTERNATIVE]
        return " ".join(map(_as_sentence, [_way(where), *remarks]))

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
        cancellation=telling.cancellation,
        alternative=telling.alternative,
        question=telling.question,
        day=day_in_spanish(start) if start else "por confirmar",
        time=f"{start:%H:%M}" if start else "por confirmar",
    )


def _way(where: str) -> str:
    if where.lower().startswith(GO_TO.lower()):
        return where
    return f"{GO_TO} {'al' if where.lower().startswith(WITH_ARTICLE) else 'a'} {where}"


def _as_sentence(text: str) -> str:
    return _closed(text[:1].upper() + text[1:])


def _closed(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
