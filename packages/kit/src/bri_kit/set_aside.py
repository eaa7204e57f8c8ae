"""Writing many records where one of them cannot be written: it is set aside, and the others follow.

Rules:
- whatever one record raises while it is written concerns that record alone. What is wrong with the
  service (database, disk, memory, another service) is raised on: no list is silently empty;
- each revision of a record is logged and counted once for each output, however often it is asked
  for; the memory of that is bounded;
- the items themselves are fetched outside: only what is made of one item is guarded.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import NamedTuple, TypeVar

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from bri_kit.errors import BriError
from bri_kit.metrics import REGISTRY

RECORDS_SET_ASIDE = Counter(
    "records_set_aside",
    "Revisions of records that could not be written, by output.",
    ["output"],
    registry=REGISTRY,
)

_OF_THE_SERVICE = (BriError, OSError, MemoryError, SQLAlchemyError, asyncio.CancelledError)
_MOST_REMEMBERED = 10_000
_PANIC = "PanicException"
"""What a library in Rust raises, which Python takes for the end of the process."""

Item = TypeVar("Item")
Written = TypeVar("Written")

logger = structlog.get_logger()


class Revision(NamedTuple):
    """Which record was written, in which state: its revision, or when it changed."""

    record_id: str
    version: str | int = ""


class _Register:
    """What was set aside in this process, the latest of it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, Revision], None] = OrderedDict()

    def add(self, output: str, revision: Revision) -> bool:
        """Whether it was not known yet."""
        key = (output, revision)
        with self._lock:
            is_new = key not in self._known
            self._known[key] = None
            self._known.move_to_end(key)
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return is_new

    def count(self) -> int:
        """How many revisions of records, each once."""
        with self._lock:
            return len({revision for _, revision in self._known})


_register = _Register()


def write_each(
    output: str,
    items: Iterable[Item],
    write: Callable[[Item], Written],
    revision_of: Callable[[Item], Revision],
    stub: Callable[[Item], Written] | None = None,
) -> Iterator[Written]:
    """What `write` makes of each of `items`. One that cannot be written is left out, or is what
    `stub` makes of it. `output` names where they go, for log and measurements."""
    for item in items:
        try:
            written = write(item)
        except BaseException as error:
            if not is_of_the_record(error):
                raise
            set_aside(output, revision_of(item), error)
            if stub is not None:
                yield stub(item)
        else:
            yield written


def set_aside(output: str, revision: Revision, error: BaseException) -> None:
    """Note that a revision of a record could not be written because of `error`."""
    if _register.add(output, revision):
        RECORDS_SET_ASIDE.labels(output).inc()
        logger.error(
            "record.set_aside",
            output=output,
            record=revision.record_id[:200],
            version=str(revision.version)[:100],
            exc_info=error,
        )


def count_set_aside() -> int:
    """How many revisions of records this process has set aside since it began."""
    return _register.count()


def is_of_the_record(error: BaseException) -> bool:
    """Whether what was raised while a record was written concerns that record alone."""
    if isinstance(error, _OF_THE_SERVICE):
        return False
    return isinstance(error, Exception) or type(error).__name__ == _PANIC
