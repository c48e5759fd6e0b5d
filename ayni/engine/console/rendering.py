"""How the console shows content: HL7 v2 one segment a line, JSON indented, states in Spanish."""

import json
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.templating import Jinja2Templates

STATE_WORDS = {
    "accepted": "aceptado",
    "pending": "en espera",
    "sending": "enviándose",
    "unknown": "sin respuesta",
    "delivered": "entregado",
    "refused": "rechazado",
    "set-aside": "apartado",
    "not-taken": "no recibido",
}


def readable(content: bytes) -> str:
    """Content for a person's eyes; bytes that are no text are shown with replacement characters."""
    text = content.decode("utf-8", "replace")
    if text.startswith("MSH"):
        return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    try:
        return json.dumps(json.loads(text, parse_float=str), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def state_word(state: str) -> str:
    """The Spanish word of a message's, delivery's or attempt's state."""
    return STATE_WORDS.get(state, state)


def short_time(moment: str | None) -> str:
    """Day and time of an ISO 8601 moment, as a person reads them."""
    return moment[:19].replace("T", " ") if moment else "—"


def json_answer(content: Any) -> Response:
    """JSON with bytes as text."""
    return Response(
        json.dumps(content, ensure_ascii=False, default=lambda raw: raw.decode("utf-8", "replace")),
        media_type="application/json",
    )


TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
TEMPLATES.env.filters.update(readable=readable, word=state_word, short_time=short_time)
TEMPLATES.env.globals["states"] = STATE_WORDS
