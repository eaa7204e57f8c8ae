"""Records that a list would have had and that were withdrawn lately, for feeds' tombstones.

Rules:
- only lists of filters are answered: what a withdrawn record said is known from its entries, but
  its words are in no index any more;
- only the newest changes are looked at, and only a few weeks back: readers who come more seldom see
  that a record is gone when they open it.
"""

from collections.abc import Sequence
from datetime import timedelta

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlmodel import Session, col, select

from bri_hub.domain import CentreState, RecordState
from bri_hub.mapping import tombstone
from bri_hub.repository import catalogue, changelog, shown_entries
from bri_hub.tables import Centre, Entry, Holding, Record, ShownEntry
from bri_kit.clock import now, rfc3339
from bri_pages.asking import Question
from bri_pages.matching import Sieve
from bri_pages.source import Withdrawn

DAYS = 30
MOST_CHANGES = 5_000
MOST = 50
_MOST_ENTRIES = 20


def list_withdrawn(session: Session, question: Question) -> list[Withdrawn]:
    """What `question` would have listed, the last withdrawn first."""
    if question.text:
        return []
    held = _withdrawn(session)
    contents = {each.record.id: last_content(session, each.record.id) for each in held}
    known = [record for record in contents.values() if record is not None]
    passing = Sieve(known).passing(question)
    told = [tombstone(each) for each in held if each.record.id in passing]
    return [
        Withdrawn(each["id"], each["centre"], each["retracted_at"], each["reason"])
        for each in told[:MOST]
    ]


def _withdrawn(session: Session) -> Sequence[Holding]:
    query = (
        select(Record, Entry, ShownEntry.entry)
        .join(Centre, col(Centre.code) == col(Record.centre))
        .join(
            Entry,
            (col(Entry.centre) == col(Record.centre))
            & (col(Entry.number) == col(Record.entry_number)),
        )
        .outerjoin(ShownEntry, shown_entries.of_entry())
        .where(col(Record.change) > changelog.head(session) - MOST_CHANGES)
        .where(Record.state == RecordState.RETRACTED, Centre.state == CentreState.ACTIVE)
        .where(col(Record.updated_at) > rfc3339(now() - timedelta(days=DAYS)))
        .order_by(col(Record.change).desc())
        .limit(2 * MOST)
    )
    return [Holding(*row) for row in session.exec(query)]


def last_content(session: Session, record_id: str) -> content_pb2.Record | None:
    """What a record said when it was last published here."""
    for row in catalogue.list_entries(session, record_id, _MOST_ENTRIES):
        signed = log_pb2.SignedEntry.FromString(row.envelope)
        entry = log_pb2.Entry.FromString(signed.entry)
        if entry.HasField("published"):
            return entry.published
    return None
