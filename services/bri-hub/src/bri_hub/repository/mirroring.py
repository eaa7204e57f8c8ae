"""The change log as mirrors are told it: the newest state of each record, in order, in full."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import and_
from sqlmodel import Session, col, select

from bri_hub.domain import CentreState, RecordState
from bri_hub.tables import MAX_NUMBER, Centre, Entry, Holding, Record


class Standing(NamedTuple):
    """A record, the newest entry about it, and whether its centre is shown."""

    holding: Holding
    is_shown: bool

    @property
    def is_published(self) -> bool:
        """Whether readers see it."""
        return self.is_shown and self.holding.record.state == RecordState.PUBLISHED


def walk(session: Session, after: int, limit: int | None = None) -> Iterator[Standing]:
    """Records whose newest change is beyond `after`, in order; read as they are taken."""
    holds = and_(
        col(Entry.centre) == col(Record.centre), col(Entry.number) == col(Record.entry_number)
    )
    query = (
        select(Record, Entry, Centre.state)
        .join(Entry, holds)
        .join(Centre, col(Centre.code) == col(Record.centre))
        .where(col(Record.change) > min(after, MAX_NUMBER))
        .order_by(col(Record.change))
        .limit(limit)
    )
    for record, entry, state in session.exec(query.execution_options(yield_per=50)):
        session.expunge(record)
        session.expunge(entry)
        yield Standing(Holding(record, entry), state == CentreState.ACTIVE)
