"""What the brake remembers: its state for each centre, and the records disturbed of late.

A row of `disturbance` says that a record was shown from `shown_since` until `at`, when its centre
rewrote or withdrew it. Of a record that this happened to more than once there is one row, from the
first `shown_since` to the last `at`.
"""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy
from sqlalchemy import case, delete, func
from sqlmodel import Session, col, select

from bri_hub.brake import Span, Window
from bri_hub.domain import RecordState
from bri_hub.repository import journal
from bri_hub.tables import BrakeState, Centre, Disturbance, Record


def state(session: Session, centre: str) -> BrakeState | None:
    """What the brake does with a centre; None where it never did anything."""
    return session.get(BrakeState, centre)


def states(session: Session) -> dict[str, BrakeState]:
    """What the brake does, by centre."""
    return {row.centre: row for row in session.exec(select(BrakeState))}


def take_state(session: Session, centre: str) -> BrakeState:
    """The state of a centre's brake, to be changed; made where there is none."""
    found = state(session, centre)
    if found is None:
        found = BrakeState(centre=centre)
        session.add(found)
    return found


def window(session: Session, centre: str, since: str, ids: Collection[str]) -> Window:
    """What the centre disturbed since a time (RFC 3339 text); `ids` are the records in question."""
    gone = case((col(Record.state) == RecordState.RETRACTED, 1), else_=0)
    recent = (col(Disturbance.centre) == centre, col(Disturbance.at) > since)
    disturbed, withdrawn = session.execute(
        sqlalchemy.select(func.count(), func.coalesce(func.sum(gone), 0))
        .select_from(Disturbance)
        .join(Record, col(Record.id) == col(Disturbance.record_id))
        .where(*recent)
    ).one()
    known = session.exec(
        select(Disturbance.record_id).where(*recent, col(Disturbance.record_id).in_(ids))
    )
    return Window(disturbed, withdrawn, frozenset(known.all()))


def last_disturbances(
    session: Session, centre: str, ids: Collection[str]
) -> Mapping[str, tuple[str, str]]:
    """Since when and until when those of `ids` were shown that were disturbed of late."""
    rows = session.exec(
        select(Disturbance.record_id, Disturbance.shown_since, Disturbance.at).where(
            Disturbance.centre == centre, col(Disturbance.record_id).in_(ids)
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def span(session: Session, centre: Centre, begin: str, share: float) -> Span:
    """What the centre showed at the time `begin`, and how much of it was disturbed since."""
    shown = col(Record.state) == RecordState.PUBLISHED
    newer = session.exec(
        select(func.count()).where(
            col(Record.centre) == centre.code, col(Record.shown_since) > begin, shown
        )
    ).one()
    # What was there then and is not any more, or only again.
    gone = case((shown & (col(Record.shown_since) <= begin), 0), else_=1)
    disturbed, vanished = session.execute(
        sqlalchemy.select(func.count(), func.coalesce(func.sum(gone), 0))
        .select_from(Disturbance)
        .join(Record, col(Record.id) == col(Disturbance.record_id))
        .where(
            col(Disturbance.centre) == centre.code,
            col(Disturbance.at) > begin,
            col(Disturbance.shown_since) <= begin,
        )
    ).one()
    return Span(begin, share, centre.records - newer + vanished, disturbed)


def keep(session: Session, rows: Sequence[journal.DisturbanceRow], centre: str, since: str) -> None:
    """Keep what was disturbed now, and forget what was before the time `since`."""
    journal.put_disturbances(session, rows)
    old = delete(Disturbance).where(col(Disturbance.centre) == centre, col(Disturbance.at) <= since)
    session.connection().execute(old)


def begin_anew(session: Session, centre: str) -> None:
    """Forget what a centre disturbed."""
    session.connection().execute(delete(Disturbance).where(col(Disturbance.centre) == centre))
