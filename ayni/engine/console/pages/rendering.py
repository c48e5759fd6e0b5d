"""How pages are made: templates with the texts of one language, and the words, shapes and figures on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.language import LANGUAGES, texts_of
from ayni.engine.console.shown.text import readable
from ayni.engine.observability.wording import hindrance

CONSOLE = Path(__file__).parents[1]

GOOD, WAITS, BAD, OFF = "good", "waits", "bad", "off"
LOOKS = {
    "accepted": ("●", GOOD),
    "delivered": ("●", GOOD),
    "started": ("●", GOOD),
    "up": ("●", GOOD),
    "pending": ("○", WAITS),
    "sending": ("◐", WAITS),
    "unknown": ("◇", WAITS),
    "not-taken": ("◇", WAITS),
    "draining": ("◐", WAITS),
    "paused": ("‖", WAITS),
    "refused": ("✕", BAD),
    "stalled": ("■", BAD),
    "down": ("▲", BAD),
    "queue-full": ("▲", BAD),
    "disk-full": ("▲", BAD),
    "store-unsafe": ("▲", BAD),
    "critical": ("■", BAD),
    "warning": ("▲", WAITS),
    "stopped": ("□", OFF),
    "set-aside": ("–", OFF),
    "filtered": ("▽", OFF),
    "failed": ("✕", BAD),
    "done": ("●", GOOD),
}
"""A shape and a colour for each state, beside its word: none of the three has to be seen for the others."""

MINUTE, HOUR, DAY = 60, 3600, 86400
SPARK_WIDTH, SPARK_HEIGHT = 120, 24


def age(seconds: float | None) -> str:
    """How long, in the two greatest units: `4 s`, `3 min`, `2 h 10 min`, `5 d 3 h`."""
    if seconds is None:
        return "—"
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def figure(number: float) -> str:
    """A number with thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def short_time(moment: datetime | None) -> str:
    """Day and time, as a person reads them."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "—"


def clock_time(moment: datetime) -> str:
    """The time of day to the millisecond, where the day stands elsewhere."""
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def exact_time(moment: datetime) -> str:
    """Day and time to the millisecond, to tell apart what happened in one second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def spark_points(values: Sequence[int]) -> str:
    """The points of a small line: the values from left to right, the greatest at the top."""
    greatest = max(max(values, default=0), 1)
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    heights = (SPARK_HEIGHT - 2 - value / greatest * (SPARK_HEIGHT - 4) for value in values)
    return " ".join(f"{place * step:.1f},{height:.1f}" for place, height in enumerate(heights))


def shape(state: str) -> str:
    """The shape that stands beside a state's word."""
    return LOOKS.get(state, ("○", OFF))[0]


def tone(state: str) -> str:
    """The colour of a state, as the name of a class."""
    return LOOKS.get(state, ("○", OFF))[1]


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page in the language of whoever asks."""
    return TEMPLATES.TemplateResponse(
        request, template, dict(context or {}), status_code=status, headers=dict(headers or {})
    )


def _everywhere(request: Request) -> dict[str, Any]:
    """What every page knows; `here` is where the language switch comes back to."""
    user = request.scope.get("user")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return {
        "t": texts_of(request),
        "languages": LANGUAGES,
        "user": user if isinstance(user, SignedIn) else None,
        "here": here if request.method == "GET" else "/",
    }


TEMPLATES = Jinja2Templates(directory=CONSOLE / "templates", context_processors=[_everywhere])
TEMPLATES.env.trim_blocks = TEMPLATES.env.lstrip_blocks = True
TEMPLATES.env.filters.update(
    age=age,
    clock_time=clock_time,
    exact_time=exact_time,
    figure=figure,
    hindrance=hindrance,
    readable=readable,
    shape=shape,
    short_time=short_time,
    spark_points=spark_points,
    tone=tone,
)
