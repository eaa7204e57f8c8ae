"""What a mirror is told: changes after a number, and everything, in the same words.

Rules:
- a line says what a record is now: `published` with all of it, `retracted` with its tombstone, or
  `hidden` while its centre is not shown; a mirror keeps the first and drops what it has of others;
- lines stand in the order of their numbers, each record once; numbers have gaps;
- a number belongs to an epoch of the change log. Where the hub was restored from a backup, numbers
  beyond it are used again: a mirror that came further is told (410), and begins with a dump.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlmodel import Session

from bri_exchange.dumps import Contents
from bri_hub.domain import RecordState
from bri_hub.mapping import record_json, tombstone
from bri_hub.repository import changelog, epochs
from bri_hub.repository.mirroring import Standing, walk
from bri_kit.errors import BriError
from bri_kit.paging import encode_cursor

MAX_LIMIT = 500
MAX_BYTES = 8 * 1024 * 1024
"""A page ends early where its entries are larger."""

Document = dict[str, Any]


class EpochOver(BriError):
    """The number was reached in another life of the change log, and says nothing about this one."""

    status = 410
    title = "The change log began anew"


def read_changes(session: Session, epoch: str, after: int, limit: int) -> Document:
    """The next changes after the number `after`, which was reached in `epoch` (in any, where that
    is empty).

    Raises:
        EpochOver: that epoch ended before the number, or is not known.
    """
    current = epochs.current(session)
    if not epochs.holds(session, epoch, after):
        raise EpochOver(
            "Fetch the newest dump, and go on from what it stands for.",
            members={"epoch": current},
        )
    items: list[Document] = []
    size, has_more = 0, False
    for standing in walk(session, after, limit + 1):
        if has_more := len(items) == limit or size > MAX_BYTES:
            break
        items.append(change_json(standing))
        size += len(standing.holding.entry.envelope)
    last = items[-1]["change"] if items else after
    cursor = encode_cursor([current, last]) if has_more else None
    head = changelog.head(session)
    return {"epoch": current, "head": head, "after": last, "items": items, "cursor": cursor}


def read_everything(session: Session) -> Contents:
    """All lines, of the one state that the session sees."""
    return Contents(epochs.current(session), changelog.head(session), _lines(session))


def change_json(standing: Standing) -> Document:
    """What became of a record."""
    holding = standing.holding
    record = holding.record
    document: Document = {"change": record.change, "id": record.id, "centre": record.centre}
    if not standing.is_shown:
        return document | {"state": "hidden"}
    if record.state == RecordState.RETRACTED:
        return document | {"state": "retracted", "tombstone": tombstone(holding)}
    return document | {"state": "published", "record": record_json(holding)}


def _lines(session: Session) -> Iterator[tuple[bytes, bool]]:
    for standing in walk(session, 0):
        yield orjson.dumps(change_json(standing)), standing.is_published
