"""Who is told what next: the one place where what was taken, and what was not, is kept.

Rules:
- what is being told is kept before the first attempt, so that each further one tells the same under
  the same id; the cursor moves when it was taken. A process that ends between the two tells it
  again, and whoever receives knows it by its id;
- where one address or service fails, it alone is tried ever later, for more than a day, and then
  given up, said so in the log and on the page of whoever follows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bri_hub import measures
from bri_hub.alerts import store, subscriptions
from bri_hub.alerts.mailing import MailAway
from bri_hub.alerts.rhythm import next_attempt, next_due
from bri_hub.alerts.subscriptions import SUSPENDED, Owned
from bri_hub.alerts.tables import AlertEvent, AlertSubscription
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.clock import now, rfc3339

LOOK_SECONDS = 5.0
"""How long one waits for news before one looks what is due."""

AT_ONCE = 20
"""Subscriptions that are told at the same time."""

_LONGEST_PAUSE_SECONDS = 300.0

Answer = TypeVar("Answer")
logger = structlog.get_logger()


class Outbox:
    """Subscriptions and how far each was told. `told` is announced when there may be something."""

    def __init__(self, settings: HubSettings, engine: Engine, told: Announcements) -> None:
        self._settings = settings
        self._engine = engine
        self._told = told

    async def run(self, work: Callable[[], Awaitable[bool]]) -> None:
        """Do `work` whenever there is some, until cancelled; it says whether there was any."""
        pause = LOOK_SECONDS
        while True:
            news = self._told.news()
            try:
                if not await work():
                    await wait_for_news(news, LOOK_SECONDS)
                pause = LOOK_SECONDS
            except MailAway as reason:
                logger.warning("alerts.mail_away", reason=str(reason), again_in_seconds=pause)
                await wait_for_news(news, pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except Exception:
                logger.exception("alerts.failed")
                await asyncio.sleep(LOOK_SECONDS)

    def due(self, session: Session, channel: str) -> Sequence[Owned]:
        """What is to be told now, with what each is told kept."""
        due = subscriptions.list_due(session, channel, now(), AT_ONCE)
        for subscription, search in due:
            subscription.pending = subscription.pending or search.newest
        session.flush()
        return due

    async def events(self, subscription: AlertSubscription, limit: int) -> Sequence[AlertEvent]:
        """The first events of what is being told."""

        def read(session: Session) -> Sequence[AlertEvent]:
            found = store.read_events(
                session, subscription.search_id, subscription.cursor, subscription.pending, limit
            )
            session.expunge_all()
            return found

        return await asyncio.to_thread(self._reading, read)

    async def succeeded(self, subscription: AlertSubscription, upto: int) -> None:
        """Everything up to an event was taken."""
        measures.ALERTS_SENT.labels(subscription.channel, "taken").inc()
        settings = self._settings
        gathering = settings.alerts_gathering_seconds if subscription.channel == "mail" else 0.0
        due = next_due(subscription.rhythm, now(), hour=settings.alerts_hour, gathering=gathering)

        def keep(session: Session) -> None:
            found = session.get(AlertSubscription, subscription.id)
            if found is not None:
                found.cursor, found.attempts, found.failing_since = upto, 0, None
                found.pending = found.pending if upto < found.pending else 0
                found.due_at = rfc3339(due)

        await self.write(keep)

    async def failed(self, subscription: AlertSubscription, reason: str) -> None:
        """It was not taken; it is tried again later, or given up."""
        measures.ALERTS_SENT.labels(subscription.channel, "failed").inc()
        moment = now()
        again = next_attempt(subscription.attempts + 1, moment)
        logger.warning(
            "alerts.suspended" if again is None else "alerts.not_taken",
            subscription=subscription.id,
            channel=subscription.channel,
            reason=reason,
            attempts=subscription.attempts + 1,
            again_at=again and rfc3339(again),
        )

        def keep(session: Session) -> None:
            found = session.get(AlertSubscription, subscription.id)
            if found is not None:
                found.attempts += 1
                found.failing_since = found.failing_since or rfc3339(moment)
                found.due_at = rfc3339(again or moment + timedelta(days=1))
                found.state = found.state if again else SUSPENDED

        await self.write(keep)

    def _reading(self, question: Callable[[Session], Answer]) -> Answer:
        with database.reading(self._engine) as session:
            return question(session)

    async def write(self, change: Callable[[Session], Answer]) -> Answer:
        """Change the database, in a thread."""

        def work() -> Answer:
            with database.writing(self._engine) as session:
                return change(session)

        return await asyncio.to_thread(work)
