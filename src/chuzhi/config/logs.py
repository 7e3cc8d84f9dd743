"""One line an event, to stdout: JSON for machines, something readable when a person looks on.

No line holds what a customer told us.
"""

import atexit
import logging
import queue
import sys
import threading
from functools import cache
from typing import Any

import orjson
import structlog

SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def settings() -> dict[str, Any]:
    """What Python's `logging` is told, in every process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered()],
                "foreign_pre_chain": SHARED,
            }
        },
        "filters": {"known": {"()": lambda: _not_news}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "lines",
                "filters": ["known"],
            }
        },
        "root": {"handlers": ["stdout"], "level": "WARNING"},
        "loggers": {
            "chuzhi": {"level": "INFO"},
            "_granian": {"level": "INFO"},
            "procrastinate": {"level": "WARNING"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }


def _not_news(record: logging.LogRecord) -> bool:
    """The web server warns of more threads than cores. Ours wait for one shared commit: that is what they are for."""
    return not (record.name == "_granian" and "Python threads" in record.getMessage())


def _rendered() -> list[Any]:
    if sys.stdout.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def of_requests() -> structlog.typing.FilteringBoundLogger:
    """The logger of request lines: past `logging`, whose detours every charge would pay for, and never waiting for stdout."""
    logger = structlog.wrap_logger(
        _Lines(),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendered(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    told: structlog.typing.FilteringBoundLogger = logger.bind(logger="chuzhi.request", level="info")
    return told


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


class _Lines:
    """Hands lines to the one thread that writes: sixteen that take turns at writing and flushing wait for each other, not for stdout."""

    def info(self, line: str) -> None:
        _waiting.put(line)
        _start_writing()


_waiting: queue.SimpleQueue[str] = queue.SimpleQueue()


@cache
def _start_writing() -> None:
    threading.Thread(target=_write_for_ever, name="request-log", daemon=True).start()
    atexit.register(_write_waiting)


def _write_for_ever() -> None:
    while True:
        _write_waiting(_waiting.get())


def _write_waiting(first: str = "") -> None:
    """All that is waiting, at once."""
    lines = [first] if first else []
    while not _waiting.empty():
        lines.append(_waiting.get())
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
