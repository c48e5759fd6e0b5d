"""Every setting of the exercise: its environment variable, its start value and what it is for."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ayni.wire.clock import Now, open_clock
from ayni.wire.failure import Backoff, CannotStart


class SettingError(CannotStart):
    """A setting has a value that cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable. `${NAME}` in a default is another setting."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("AYNI_HOST", "127.0.0.1", "address every listener binds to"),
    Setting("AYNI_VAR", "var", "folder that holds each system's data folder"),
    Setting("AYNI_CHANNELS", "channels", "folder of the engine's channels"),
    Setting("AYNI_QHALI_PORT", "8001", "QHALI's pages and FHIR listener"),
    Setting("AYNI_ONEVISION_PORT", "8002", "oneVisionCax's pages"),
    Setting("AYNI_ENGINE_PORT", "8003", "the engine's console"),
    Setting("AYNI_ENGINE_FHIR_PORT", "8010", "the engine's FHIR listener, for QHALI"),
    Setting("AYNI_ENGINE_MLLP_PORT", "2576", "the engine's MLLP listener, for oneVisionCax"),
    Setting("AYNI_ONEVISION_MLLP_PORT", "2575", "oneVisionCax's MLLP listener"),
    Setting(
        "AYNI_ENGINE_FHIR_URL", "http://${AYNI_HOST}:${AYNI_ENGINE_FHIR_PORT}", "where QHALI finds the engine"
    ),
    Setting("AYNI_QHALI_FHIR_URL", "http://${AYNI_HOST}:${AYNI_QHALI_PORT}", "where the engine finds QHALI"),
    Setting(
        "AYNI_ONEVISION_MLLP",
        "${AYNI_HOST}:${AYNI_ONEVISION_MLLP_PORT}",
        "host:port where the engine finds oneVisionCax",
    ),
    Setting(
        "AYNI_ENGINE_MLLP",
        "${AYNI_HOST}:${AYNI_ENGINE_MLLP_PORT}",
        "host:port where oneVisionCax finds the engine",
    ),
    Setting(
        "AYNI_QHALI_TO_ENGINE_TOKEN_FILE",
        "${AYNI_VAR}/tokens/qhali-to-engine",
        "file of the bearer token for this direction",
    ),
    Setting(
        "AYNI_ENGINE_TO_QHALI_TOKEN_FILE",
        "${AYNI_VAR}/tokens/engine-to-qhali",
        "file of the bearer token for this direction",
    ),
    Setting(
        "AYNI_QUESTIONNAIRE_TOKEN_FILE",
        "${AYNI_VAR}/tokens/questionnaire",
        "file of the bearer token of programs that ask QHALI's interview as a FHIR questionnaire",
    ),
    Setting("AYNI_PROCESSING_ID", "T", "MSH-11 of the traffic taken: T test, P production"),
    Setting("AYNI_CLOCK", "", "file with the seconds this system runs ahead; only with test traffic"),
    Setting("AYNI_LINK_PROBE_SECONDS", "5", "first pause before a dead link is tried again"),
    Setting("AYNI_LINK_PROBE_SECONDS_MAX", "300", "longest pause before a dead link is tried again"),
    Setting(
        "AYNI_ENGINE_DATABASE", "", "address of the engine's PostgreSQL; empty: SQLite in its data folder"
    ),
    Setting("AYNI_OTLP_ENDPOINT", "", "OTLP/HTTP address that spans go to; empty: no spans"),
    Setting("AYNI_CONTENT_DAYS", "90", "how long the engine keeps what messages say"),
    Setting("AYNI_MESSAGE_DAYS", "365", "how long it knows that they came, 30 or more"),
    Setting("AYNI_FAILPOINT", "", "where a test ends the engine; only with test traffic"),
    Setting(
        "AYNI_QHALI_NOTICES",
        "",
        "TOML file of the ways to citizens, and the staff; empty: citizens on their page only",
    ),
    Setting(
        "AYNI_QHALI_MODEL",
        "",
        "language model that QHALI may ask where the citizen agrees: URL#name; empty: none",
    ),
    Setting("AYNI_QHALI_MODEL_KEY_FILE", "", "file of the model's key, readable by its owner only"),
    Setting(
        "AYNI_QHALI_MODEL_LANGUAGES",
        "",
        "languages the model may put questions of the record into: en,pt; empty: none",
    ),
    Setting("AYNI_ANSWER_SECONDS", "30", "how long a sender waits for an answer before it is unknown"),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
PORT_MAX = 65535
_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class Environment:
    """The settings as one process sees them. An undeclared name is a KeyError: no setting is hidden."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str) -> str:
        """The value, or the start value when it is not set or empty."""
        start_value = _BY_NAME[name].default
        return self._variables.get(name) or self.expand(start_value)

    def expand(self, template: str) -> str:
        """A text with each `${NAME}` filled in: a setting above, or a variable that a channel names."""
        return _REFERENCE.sub(lambda found: self._named(found[1]), template)

    def _named(self, name: str) -> str:
        if name in _BY_NAME:
            return self.text(name)
        if not (value := self._variables.get(name)):
            raise SettingError(f"{name} is not set: a channel needs it")
        return value

    def port(self, name: str) -> int:
        """A TCP port from 1 to 65535."""
        value = self.text(name)
        if not value.isdecimal() or not 0 < int(value) <= PORT_MAX:
            raise SettingError(f"{name}={value!r}: write a port number from 1 to {PORT_MAX}")
        return int(value)

    def seconds(self, name: str) -> float:
        """A positive number of seconds."""
        value = self.text(name)
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < math.inf:
            raise SettingError(f"{name}={value!r}: write a number of seconds above 0")
        return seconds

    def days(self, name: str, *, at_least: float = 0) -> float:
        """A number of days."""
        value = self.text(name)
        try:
            days = float(value)
        except ValueError:
            days = -1.0
        if not at_least <= days < math.inf or not days:
            raise SettingError(f"{name}={value!r}: write a number of days above {at_least:g}")
        return days

    def path(self, name: str) -> Path | None:
        """A path, None when empty."""
        value = self.text(name)
        return Path(value).resolve() if value else None

    def folder(self, system: str) -> Path:
        """The data folder of one system under AYNI_VAR."""
        return Path(self.text("AYNI_VAR")).resolve() / system

    def url(self, name: str) -> str:
        """A web address."""
        return web_address(self.text(name), name)

    def address(self, name: str) -> tuple[str, int]:
        """(host, port) of a TCP peer."""
        return tcp_address(self.text(name), name)

    def token_file(self, name: str) -> Path:
        """The file of a bearer token; both ends of a direction are given the same one."""
        return Path(self.text(name)).resolve()

    def processing_id(self) -> str:
        """MSH-11 of the traffic this deployment takes: T or P."""
        value = self.text("AYNI_PROCESSING_ID")
        if value not in ("T", "P"):
            raise SettingError(f"AYNI_PROCESSING_ID={value!r}: write T for test traffic or P for production")
        return value

    def clock(self) -> Now:
        """The clock all parts of a system share; raises ClockNotAllowed."""
        return open_clock(self.path("AYNI_CLOCK"), processing_id=self.processing_id())

    def backoff(self) -> Backoff:
        """How long a sender waits before it tries a dead link again."""
        return Backoff(self.seconds("AYNI_LINK_PROBE_SECONDS"), self.seconds("AYNI_LINK_PROBE_SECONDS_MAX"))


def web_address(value: str, name: str) -> str:
    """The value when it is a web address; `name` is what to mend otherwise."""
    if not value.startswith(("http://", "https://")):
        raise SettingError(f"{name}={value!r}: write an address that begins with http:// or https://")
    return value


def tcp_address(value: str, name: str) -> tuple[str, int]:
    """(host, port) of a value `host:port`; `name` is what to mend otherwise."""
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) <= PORT_MAX):
        raise SettingError(f"{name}={value!r}: write host:port")
    return host, int(port)
