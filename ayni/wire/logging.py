"""One JSON line per thing that happened, each with its correlation id, none with patient data.

Say what happened in a fixed English phrase and put codes and ids in fields; never the content of a
message, a name, a document number or a sentence a citizen wrote.
"""

import logging
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import structlog

NOT_BELOW = {"django.request": logging.ERROR}
"""Django warns of every 4xx when the ids of the page are gone; our pages log themselves what they refuse."""


def start_logging(system: str) -> None:
    """Sends every log line of this process, the libraries' too, to standard error as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # escaped, because a stranger's control id may turn the direction of what follows on a screen
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(system=system)
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)
    for library, level in NOT_BELOW.items():
        logging.getLogger(library).setLevel(level)


class _ToStructlog(logging.Handler):
    """Libraries' lines keep their place and type of error; their text may quote content and stays out.

    A level of a library's own is told as the standard one below it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            min(record.levelno // 10 * 10, logging.CRITICAL),
            "library spoke",
            logger=record.name,
            line=record.lineno,
            **(where(error) if error else {}),
        )


def correlated(correlation_id: str) -> AbstractContextManager[None]:
    """Every line logged inside carries this correlation id, when there is one."""
    if not correlation_id:
        return _UNCORRELATED
    return structlog.contextvars.bound_contextvars(correlation_id=correlation_id)


_UNCORRELATED = nullcontext()


def where(error: BaseException) -> dict[str, str]:
    """Fields that lead an engineer to an error without its text, which may quote a patient."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return {"error": type(error).__name__, "place": place}
