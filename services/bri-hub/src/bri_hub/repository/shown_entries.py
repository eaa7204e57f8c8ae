"""What is shown in place of accepted entries that may not be shown as their centres signed them.

Rules:
- readers get what is stored here; nothing is sanitised because somebody reads it;
- a row is written in the transaction that accepts its entry, by the rules of that day;
- where the rules are newer than those by which the stored entries were looked at, all of them are
  looked at again before the database is used, in batches; a pass that was interrupted goes on where
  it was.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from bri.log.v1 import log_pb2
from sqlalchemy import ColumnElement, Engine, and_, delete, tuple_
from sqlmodel import Session, col, select

from bri_hub.repository import journal
from bri_hub.repository.journal import ShownRow
from bri_hub.tables import Centre, Entry, ShownEntry, ShownRules
from bri_kit import clock, database, entry_rules, html

BATCH = 200

logger = structlog.get_logger()


def of_entry() -> ColumnElement[bool]:
    """What joins an entry with what is shown in its place."""
    return and_(
        col(ShownEntry.centre) == col(Entry.centre), col(ShownEntry.number) == col(Entry.number)
    )


def make(envelope: bytes, arrived: datetime) -> bytes | None:
    """What is shown in place of an entry; None where that is the entry itself."""
    signed = log_pb2.SignedEntry.FromString(envelope)
    shown = entry_rules.shown(log_pb2.Entry.FromString(signed.entry), arrived)
    return shown.SerializeToString() if shown else None


def remake(session: Session, centre: str, number: int, envelope: bytes) -> None:
    """Make what is shown of one entry again, whose bytes were mended."""
    session.connection().execute(
        delete(ShownEntry).where(col(ShownEntry.centre) == centre, col(ShownEntry.number) == number)
    )
    stored = session.get(Entry, (centre, number))
    arrived = datetime.fromisoformat(stored.received_at) if stored else clock.now()
    if (shown := make(envelope, arrived)) is not None:
        journal.put_shown(session, [ShownRow(centre, number, shown)])


def bring_up_to_date(engine: Engine) -> None:
    """Look at all accepted entries that were not looked at by today's rules.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with database.reading(engine) as session:
        found = session.get(ShownRules, html.RULES)
        if found is not None and found.is_done:
            return
    count = 0
    while looked_at := _step(engine):
        count += looked_at
    if count:
        logger.info("shown_entries.remade", entries=count, rules=html.RULES)


def _step(engine: Engine) -> int:
    """Look at the next entries; answers how many there were."""
    with database.writing(engine) as session:
        state = session.get(ShownRules, html.RULES) or ShownRules(rules=html.RULES)
        query = (
            select(Entry.centre, Entry.number, Entry.received_at, Entry.envelope)
            .where(tuple_(col(Entry.centre), col(Entry.number)) > (state.centre, state.number))
            .where(Entry.verdict == "accepted")
            .order_by(col(Entry.centre), col(Entry.number))
            .limit(BATCH)
        )
        rows = session.exec(query).all()
        _replace(session, rows)
        if rows:
            state.centre, state.number = rows[-1][:2]
        else:
            state.is_done = True
            _correct_heads(session)
        session.add(state)
        return len(rows)


def _replace(session: Session, rows: Sequence[tuple[str, int, str, bytes]]) -> None:
    for centre, number, received_at, envelope in rows:
        session.connection().execute(
            delete(ShownEntry).where(
                col(ShownEntry.centre) == centre, col(ShownEntry.number) == number
            )
        )
        shown = make(envelope, datetime.fromisoformat(received_at))
        if shown is not None:
            journal.put_shown(session, [ShownRow(centre, number, shown)])


def _correct_heads(session: Session) -> None:
    """Have the times of centres' last entries be times."""
    for centre in session.exec(select(Centre).where(col(Centre.head_at).is_not(None))):
        centre.head_at = entry_rules.shown_time(centre.head_at or "", clock.now())
