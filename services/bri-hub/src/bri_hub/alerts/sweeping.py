"""What was told and is not needed any more goes.

Rules:
- an event stays until everybody who follows its search has been told it and `alerts_keep_days` have
  passed; who was given up on holds nothing back;
- the last event about a record stays as long as its search: it is what was told about that record,
  by which the next change is judged. So a search never has more old events than records.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bri_hub.alerts.subscriptions import ACTIVE
from bri_hub.alerts.tables import AlertEvent, AlertSubscription
from bri_kit import database
from bri_kit.clock import now, rfc3339

SWEEP_SECONDS = 3_600.0
_AT_ONCE = 5_000
logger = structlog.get_logger()


async def run(engine: Engine, keep_days: int) -> None:
    """Sweep every hour until cancelled."""
    while True:
        try:
            gone = await asyncio.to_thread(sweep, engine, now() - timedelta(days=keep_days))
        except Exception:
            logger.exception("alerts.sweep_failed")
        else:
            if gone:
                logger.info("alerts.swept", events=gone)
        await asyncio.sleep(SWEEP_SECONDS)


def sweep(engine: Engine, before: datetime) -> int:
    """Drop all events of before this time that nobody needs; how many."""
    gone = 0
    while True:
        with database.writing(engine) as session:
            some = _drop(session, rfc3339(before))
        gone += some
        if some < _AT_ONCE:
            return gone


def _drop(session: Session, before: str) -> int:
    newer = aliased(AlertEvent)
    is_followed_by_another = (
        select(col(newer.number))
        .where(
            col(newer.search_id) == col(AlertEvent.search_id),
            col(newer.record_id) == col(AlertEvent.record_id),
            col(newer.number) > col(AlertEvent.number),
        )
        .exists()
    )
    slowest = (
        select(func.min(AlertSubscription.cursor))
        .where(
            col(AlertSubscription.search_id) == col(AlertEvent.search_id),
            col(AlertSubscription.state) == ACTIVE,
        )
        .scalar_subquery()
    )
    unneeded = (
        select(col(AlertEvent.number))
        .where(col(AlertEvent.at) < before, is_followed_by_another)
        .where(col(AlertEvent.number) <= func.coalesce(slowest, col(AlertEvent.number)))
        .limit(_AT_ONCE)
    )
    numbers = session.connection().execute(unneeded).scalars().all()
    if numbers:
        dropped = delete(AlertEvent).where(col(AlertEvent.number).in_(numbers))
        session.connection().execute(dropped)
    return len(numbers)
