"""Since when each search replica at the hub shows what became of our entries.

Rules:
- a replica is known by the number up to which it shows everything; each time that this grows, the
  time is kept, so an entry is shown since the first time that the number reached it;
- where it falls, the replica began anew: what lies beyond is not shown there any more;
- a place that has not been heard of for `FORGOTTEN` is told of only where it had something.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bri.log.v1 import log_pb2
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_node.tables import PlaceRow, ReachRow

FORGOTTEN = timedelta(days=1)
_HEARD = timedelta(minutes=1)
_MAX_NUMBER = 2**63 - 1


def take(session: Session, reaches: Sequence[log_pb2.Reach]) -> None:
    """Keep what the hub told."""
    now = clock.now()
    for reach in reaches:
        _take(session, reach, min(reach.number, _MAX_NUMBER), now)


def is_news(session: Session, reaches: Sequence[log_pb2.Reach]) -> bool:
    """Whether there is anything in it to keep: most of what the hub tells is known."""
    now = clock.now()
    for reach in reaches:
        row = session.get(PlaceRow, reach.place)
        if row is None or row.number != reach.number or _age(row, now) > _HEARD:
            return True
    return False


def _take(session: Session, reach: log_pb2.Reach, number: int, now: datetime) -> None:
    row = session.get(PlaceRow, reach.place)
    if row is None:
        row = PlaceRow(name=reach.place, number=0, heard_at="")
        session.add(row)
    if number > row.number:
        session.merge(ReachRow(place=reach.place, number=number, at=reach.at))
    elif number < row.number:
        mine = delete(ReachRow.__table__).where(col(ReachRow.place) == reach.place)
        session.connection().execute(mine.where(col(ReachRow.number) > number))
    row.number, row.heard_at = number, clock.rfc3339(now)
    session.flush()


def places(session: Session) -> list[dict[str, Any]]:
    """How far each place has come."""
    rows = session.exec(select(PlaceRow).order_by(col(PlaceRow.name))).all()
    return [{"place": row.name, "number": row.number, "heard_at": row.heard_at} for row in rows]


def since(session: Session, number: int) -> list[dict[str, Any]]:
    """For each place since when it shows what the entry did (RFC 3339), None where not yet."""
    found = []
    now = clock.now()
    for row in session.exec(select(PlaceRow).order_by(col(PlaceRow.name))).all():
        query = select(ReachRow.at).where(ReachRow.place == row.name, ReachRow.number >= number)
        at = session.exec(query.order_by(col(ReachRow.number)).limit(1)).one_or_none()
        at = at if row.number >= number else None
        if at is not None or _age(row, now) < FORGOTTEN:
            found.append({"place": row.name, "since": at})
    return found


def _age(row: PlaceRow, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(row.heard_at)
