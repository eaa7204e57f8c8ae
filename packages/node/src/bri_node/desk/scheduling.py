"""Publishing at a time.

Rules:
- what is published is what was there when the time was set: a record that was edited since is left
  alone, and the desk says so;
- it is done in the name of who asked, with the rights that they have when the time comes;
- what is due is kept in the database, so a restart only delays it; what cannot be published stays
  in the list with the reason, but for a node that cannot write just now, which tries again;
- times are RFC 3339 in UTC.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import NoReturn

import structlog
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_kit.errors import BriError, FieldError, Forbidden, InvalidInput, Unavailable
from bri_node import service
from bri_node.actor import require_editor
from bri_node.desk import users
from bri_node.desk.users import User
from bri_node.desktables import DeskScheduleRow, DeskUserRow
from bri_node.node import Node
from bri_node.tables import RecordRow

LATEST = timedelta(days=366)
LOOK_EVERY = 1.0
"""Seconds between two looks at what is due."""

logger = structlog.get_logger()


def due_time(local: str, offset: str) -> str:
    """The moment that a person means: local time as browsers send it (`2026-11-22T12:00`), and how
    many minutes it is ahead of UTC.

    Raises:
        InvalidInput: there is no such time, or it has passed, or is too far away.
    """
    try:
        minutes = int(offset or "0")
        zone = timezone(timedelta(minutes=minutes))
        moment = datetime.fromisoformat(local).replace(tzinfo=zone)
    except (ValueError, OverflowError):
        _refuse("must be a date and a time")
    now = clock.now()
    if moment <= now:
        _refuse("must lie in the future")
    if moment > now + LATEST:
        _refuse("must lie within a year")
    return clock.rfc3339(moment)


def _refuse(message: str) -> NoReturn:
    raise InvalidInput("The time cannot be taken.", [FieldError("at", message)])


def schedule(session: Session, row: RecordRow, due_at: str, user: User) -> None:
    """Have a record published at a time, instead of at any other. Raises Forbidden."""
    require_editor(user.actor)
    cancel(session, row.id)
    session.add(
        DeskScheduleRow(
            record_id=row.id,
            revision=row.revision,
            due_at=due_at,
            user_id=user.id,
            by=user.shown,
            asked_at=clock.timestamp(),
        )
    )


def cancel(session: Session, record_id: str) -> None:
    """Leave a record alone."""
    this = col(DeskScheduleRow.record_id) == record_id
    session.connection().execute(delete(DeskScheduleRow.__table__).where(this))


def of_record(session: Session, record_id: str) -> DeskScheduleRow | None:
    """When a record is to be published, or why it was not."""
    return session.get(DeskScheduleRow, record_id)


async def run(node: Node, every: float = LOOK_EVERY) -> None:
    """Publish what is due, as long as the node runs."""
    while True:
        try:
            await asyncio.to_thread(publish_due, node)
        except Exception:  # one bad look must not be the last
            logger.exception("desk.schedule_failed")
        await asyncio.sleep(every)


def publish_due(node: Node) -> int:
    """Publish everything that is due now; answers how many records were."""
    with node.store.reading() as session:
        due = _due(session)
    return sum(_publish(node, record_id) for record_id in due)


def _due(session: Session) -> Sequence[str]:
    query = select(DeskScheduleRow.record_id).where(
        DeskScheduleRow.problem == "", col(DeskScheduleRow.due_at) <= clock.timestamp()
    )
    return session.exec(query.order_by(col(DeskScheduleRow.due_at))).all()


def _publish(node: Node, record_id: str) -> bool:
    try:
        with node.store.writing() as session:
            row = session.get(DeskScheduleRow, record_id)
            if row is None or row.problem:
                return False
            actor = _asker(session, row).actor
            service.publish(session, node.centre, record_id, row.revision, actor)
            session.delete(row)
    except Unavailable:
        return False
    except BriError as fact:
        _note_problem(node, record_id, fact)
        return False
    logger.info("desk.published_on_time", record=record_id)
    return True


def _asker(session: Session, row: DeskScheduleRow) -> User:
    asker = session.get(DeskUserRow, row.user_id)
    if asker is None or asker.disabled_at is not None:
        raise Forbidden("Who asked for this cannot sign in any more.")
    user = users.to_user(asker)
    require_editor(user.actor)
    return user


def _note_problem(node: Node, record_id: str, fact: BriError) -> None:
    logger.warning("desk.not_published", record=record_id, reason=str(fact))
    with node.store.writing() as session:
        row = session.get(DeskScheduleRow, record_id)
        if row is not None:
            row.problem = type(fact).__name__
