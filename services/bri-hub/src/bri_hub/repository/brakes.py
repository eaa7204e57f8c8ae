"""What the brake remembers: its state for each centre, and the records disturbed of late."""

from collections.abc import Collection, Sequence

import sqlalchemy
from sqlalchemy import case, delete, func
from sqlmodel import Session, col, select

from bri_hub.brake import Window
from bri_hub.domain import RecordState
from bri_hub.repository import journal
from bri_hub.tables import BrakeState, Disturbance, Record


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


def keep(session: Session, rows: Sequence[journal.DisturbanceRow], centre: str, since: str) -> None:
    """Keep what was disturbed now, and forget what was before the time `since`."""
    journal.put_disturbances(session, rows)
    old = delete(Disturbance).where(col(Disturbance.centre) == centre, col(Disturbance.at) <= since)
    session.connection().execute(old)


def begin_anew(session: Session, centre: str) -> None:
    """Forget what a centre disturbed."""
    session.connection().execute(delete(Disturbance).where(col(Disturbance.centre) == centre))
