"""What a mirror is told: changes after a number, and everything, in the same words.

Rules:
- a line says what a record is now: `published` with all of it, `retracted` with its tombstone, or
  `hidden` while its centre is not shown; a mirror keeps the first and drops what it has of others;
- a record that cannot be written is left out, and counts as told: whoever asks goes on after it;
- lines stand in the order of their numbers, each record once; numbers have gaps;
- a number belongs to an epoch of the log that it was reached in. Where the log was restored from a
  backup, numbers beyond it are used again: a mirror that came further is told (410), and begins
  with a dump.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from bri_exchange.dumps import Contents
from bri_exchange.source import Document
from bri_kit.errors import BriError
from bri_kit.json_text import encode
from bri_kit.paging import encode_cursor
from bri_kit.set_aside import Revision, write_each

MAX_LIMIT = 500
MAX_BYTES = 8 * 1024 * 1024
"""A page ends early where its entries are larger."""

PUBLISHED, RETRACTED, HIDDEN = "published", "retracted", "hidden"
UNREADABLE = "unreadable"
"""Nobody is told of it."""


class EpochOver(BriError):
    """The number was reached in another life of the change log, and says nothing about this one."""

    status = 410
    title = "The change log began anew"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a record by the change `number`. `record` is there where it is `published`,
    `tombstone` where it is `retracted`; `size` is that of the entry behind it, in bytes. One that
    cannot be read is UNREADABLE: it has its place in the log, and nobody is told of it."""

    number: int
    record_id: str
    centre: str
    state: str
    record: Document | None = None
    tombstone: Document | None = None
    size: int = 0


class ChangeLog(Protocol):
    """One state of a log, in the order of its changes."""

    def head(self) -> int:
        """The newest change's number; 0 where there is none."""

    def epoch_at(self, number: int) -> str:
        """The epoch in which `number` is reached now."""

    def holds(self, epoch: str, number: int) -> bool:
        """Whether everything up to `number`, reached in `epoch` (in any, where that is empty), is
        still what it was."""

    def walk(self, after: int, limit: int | None = None) -> Generator[Change, None, None]:
        """The newest change of each record beyond `after`, in order, read as they are taken; closed
        by whoever takes not all of them."""


def read_changes(log: ChangeLog, epoch: str, after: int, limit: int) -> dict[str, Any]:
    """The next changes after the number `after`, which was reached in `epoch`.

    Raises:
        EpochOver: that epoch ended before the number, or is not known.
    """
    head = log.head()
    if not log.holds(epoch, after):
        raise EpochOver(
            "Fetch the newest dump, and go on from what it stands for.",
            members={"epoch": log.epoch_at(head)},
        )
    taken: list[Change] = []
    size, has_more = 0, False
    with closing(log.walk(after, limit + 1)) as changes:
        for change in changes:
            if has_more := len(taken) == limit or size > MAX_BYTES:
                break
            taken.append(change)
            size += change.size
    items = list(write_each("changes", _readable(taken), change_json, _revision_of))
    last = taken[-1].number if taken else after
    reached = log.epoch_at(last)
    cursor = encode_cursor([reached, last]) if has_more else None
    return {"epoch": reached, "head": head, "after": last, "items": items, "cursor": cursor}


def read_everything(log: ChangeLog) -> Contents:
    """All lines of a log."""
    head = log.head()
    lines = write_each("dump", _readable(log.walk(0)), _line, _revision_of)
    return Contents(log.epoch_at(head), head, lines)


def _readable(changes: Iterable[Change]) -> Iterator[Change]:
    return (each for each in changes if each.state != UNREADABLE)


def _line(change: Change) -> tuple[bytes, bool]:
    return encode(change_json(change)), change.state == PUBLISHED


def _revision_of(change: Change) -> Revision:
    return Revision(change.record_id, change.number)


def change_json(change: Change) -> dict[str, Any]:
    """What became of a record."""
    told = {"record": change.record, "tombstone": change.tombstone}
    return {
        "change": change.number,
        "id": change.record_id,
        "centre": change.centre,
        "state": change.state,
        **{name: said for name, said in told.items() if said is not None},
    }
