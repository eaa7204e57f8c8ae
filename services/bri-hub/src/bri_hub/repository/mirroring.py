"""The change log as mirrors are told it: the newest state of each record, in order, in full."""

from collections.abc import Generator
from typing import NamedTuple

from sqlalchemy import and_
from sqlmodel import Session, col, select

from bri_hub.domain import CentreState
from bri_hub.repository import shown_entries
from bri_hub.tables import MAX_NUMBER, Centre, Entry, Holding, Record, ShownEntry


class Standing(NamedTuple):
    """A record, the newest entry about it, and whether its centre is shown."""

    holding: Holding
    is_shown: bool


def walk(session: Session, after: int, limit: int | None = None) -> Generator[Standing, None, None]:
    """Records whose newest change is beyond `after`, in order; read as they are taken."""
    holds = and_(
        col(Entry.centre) == col(Record.centre), col(Entry.number) == col(Record.entry_number)
    )
    query = (
        select(Record, Entry, ShownEntry.entry, Centre.state)
        .join(Entry, holds)
        .join(Centre, col(Centre.code) == col(Record.centre))
        .outerjoin(ShownEntry, shown_entries.of_entry())
        .where(col(Record.change) > min(after, MAX_NUMBER))
        .order_by(col(Record.change))
        .limit(limit)
    )
    with session.exec(query.execution_options(yield_per=50)) as rows:
        for record, entry, shown, state in rows:
            session.expunge(record)
            session.expunge(entry)
            yield Standing(Holding(record, entry, shown), state == CentreState.ACTIVE)
