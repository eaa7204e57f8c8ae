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
from bri_hub.mapping import revision_of, tombstone
from bri_hub.repository import catalogue, changelog, shown_entries
from bri_hub.tables import Centre, Entry, Holding, Record, ShownEntry
from bri_kit.clock import now, rfc3339
from bri_kit.set_aside import write_each
from bri_pages.asking import Question
from bri_pages.matching import Sieve
from bri_pages.source import Withdrawn

DAYS = 30
MOST_CHANGES = 5_000
MOST = 50
_FEW_ENTRIES, _MOST_ENTRIES = 2, 20


def list_withdrawn(session: Session, question: Question) -> list[Withdrawn]:
    """What `question` would have listed, the last withdrawn first."""
    if question.text:
        return []
    held = _withdrawn(session)

    def read(holding: Holding) -> content_pb2.Record | None:
        return last_content(session, holding.record.id)

    contents = write_each("atom", held, read, revision_of)
    passing = Sieve([record for record in contents if record is not None]).passing(question)
    told = [each for each in held if each.record.id in passing][:MOST]
    return list(write_each("atom", told, _withdrawal, revision_of))


def _withdrawal(holding: Holding) -> Withdrawn:
    gone = tombstone(holding)
    return Withdrawn(gone["id"], gone["centre"], gone["retracted_at"], gone["reason"])


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
    for limit in (_FEW_ENTRIES, _MOST_ENTRIES):
        # Entries are large, and it is nearly always the one before the withdrawal.
        for row in catalogue.list_entries(session, record_id, limit):
            signed = log_pb2.SignedEntry.FromString(row.envelope)
            entry = log_pb2.Entry.FromString(signed.entry)
            if entry.HasField("published"):
                return entry.published
    return None
