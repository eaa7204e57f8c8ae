"""Structured logs on standard error: one JSON object a line, with a dotted event's name."""

import logging
import sys

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

_LIBRARIES = (
    '{"level": "%(levelname)s", "event": "library", "logger": "%(name)s", "message": "%(message)s"}'
)


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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True, format=_LIBRARIES)
