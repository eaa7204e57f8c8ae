"""What is typed and not saved yet: kept beside the records, and never in them.

Rules:
- one text a person and record; a later one takes its place;
- it is kept until it is saved as the record or thrown away, and shown to nobody else;
- that somebody has typed lately is what others see of it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_kit.errors import NotFound
from bri_node.desk.form import Form
from bri_node.desk.users import User
from bri_node.desktables import DeskAutosaveRow, DeskUserRow

PRESENT = timedelta(minutes=5)
"""Who has typed within this time is still at it."""
NEW = "new-"
"""What the key of a record to be begins with; a ULID follows."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed; `values` are fields of the record, the rest is the page's."""

    record_id: str
    revision: int
    values: dict[str, str]
    was: dict[str, str]
    fresh: list[str]
    left: str
    right: str
    began_at: str
    saved_at: str


def keep(session: Session, user: User, record_id: str, typed: Form) -> str:
    """Keep what is typed; answers when that was."""
    at = clock.timestamp()
    row = session.get(DeskAutosaveRow, (user.id, record_id))
    if row is None:
        row = DeskAutosaveRow(
            user_id=user.id, record_id=record_id, revision=0, form=b"", began_at=at, saved_at=at
        )
        session.add(row)
    document = {
        "values": typed.content(),
        "was": typed.was(),
        "fresh": typed.all("fresh"),
        "left": typed.text("left"),
        "right": typed.text("right"),
    }
    row.form = zlib.compress(orjson.dumps(document), 1)
    row.revision, row.saved_at = typed.number("revision"), at
    return at


def find(session: Session, user: User, record_id: str) -> Draft | None:
    """What this person has typed and not saved."""
    row = session.get(DeskAutosaveRow, (user.id, record_id))
    return _read(row) if row is not None else None


def of_user(session: Session, user: User) -> list[Draft]:
    """Everything that this person has typed and not saved, the newest first."""
    query = select(DeskAutosaveRow).where(DeskAutosaveRow.user_id == user.id)
    rows = session.exec(query.order_by(col(DeskAutosaveRow.saved_at).desc()).limit(50))
    return [_read(row) for row in rows]


def _read(row: DeskAutosaveRow) -> Draft:
    document = orjson.loads(zlib.decompress(row.form))
    return Draft(
        record_id=row.record_id,
        revision=row.revision,
        began_at=row.began_at,
        saved_at=row.saved_at,
        **document,
    )


def discard(session: Session, user: User, record_id: str) -> None:
    """Throw away what is not saved."""
    theirs = (
        col(DeskAutosaveRow.user_id) == user.id,
        col(DeskAutosaveRow.record_id) == record_id,
    )
    session.connection().execute(delete(DeskAutosaveRow.__table__).where(*theirs))


def others(session: Session, user: User, record_id: str) -> Sequence[tuple[str, str]]:
    """Who else is at a record now, and since when."""
    lately = clock.rfc3339(clock.now() - PRESENT)
    query = select(DeskUserRow.shown, DeskAutosaveRow.began_at).where(
        col(DeskAutosaveRow.user_id) == col(DeskUserRow.id),
        col(DeskAutosaveRow.record_id) == record_id,
        col(DeskAutosaveRow.user_id) != user.id,
        col(DeskAutosaveRow.saved_at) > lately,
    )
    return list(session.exec(query).all())


def check_key(key: str) -> None:
    """Let pass only keys of records to be. Raises NotFound."""
    rest = key.removeprefix(NEW)
    if not key.startswith(NEW) or len(rest) != 26 or not rest.isalnum() or not rest.isascii():
        raise NotFound("There is nothing at this address.")
