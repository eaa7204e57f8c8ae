"""Structured logs on standard error: one JSON object a line, with a dotted event's name.

Whatever is written passes `redaction` last, so that no event, traceback or library can tell a
secret; what Python itself says of an exception that nobody caught goes the same way.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

from bri_kit.redaction import redact


class _LibraryLines(logging.Formatter):
    """A library's record as a line like ours."""

    def format(self, record: logging.LogRecord) -> str:
        event = {"level": record.levelname.lower(), "event": "library", "logger": record.name}
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        return _render(None, "", {**event, "message": message})


def configure(service: str, level: str = "INFO") -> None:
    """Send this process's logs, and those of the libraries it uses, to standard error."""

    def name_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Local variables hold tokens and whole records; they have no place in a log.
            ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            name_service,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(_LibraryLines())
    logging.basicConfig(level=logging.WARNING, handlers=[libraries], force=True)
    sys.excepthook = _tell_uncaught
    threading.excepthook = _tell_uncaught_in_thread


@contextmanager
def silence() -> Iterator[None]:
    """Inside, nothing is logged; for commands whose findings tell all that there is to say."""
    before = structlog.get_config()
    nothing = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=nothing, cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


_as_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def _render(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return redact(str(_as_json(logger, method, event)))


def _tell_uncaught(
    kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().critical("process.failed", exc_info=error)


def _tell_uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
    name = failed.thread.name if failed.thread else ""
    structlog.get_logger().critical("thread.failed", thread=name, exc_info=failed.exc_value)
