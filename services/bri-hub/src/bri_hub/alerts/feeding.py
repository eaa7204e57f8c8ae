"""WebSub at work: requests are verified and feeds are sent, from the same outbox as all alerts."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlmodel import Session

from bri_hub.alerts import store, websub
from bri_hub.alerts.hooks import HookFailed, HookGone
from bri_hub.alerts.outbox import AT_ONCE, Outbox
from bri_hub.alerts.pushing import NotWanted, Pusher
from bri_hub.alerts.tables import AlertSubscription
from bri_hub.alerts.websub_tables import WebSubFeed, WebSubIntent
from bri_hub.settings import HubSettings
from bri_kit.clock import now
from bri_kit.errors import NotFound, Unavailable
from bri_kit.set_aside import is_of_the_record

Due = Sequence[tuple[AlertSubscription, WebSubFeed | None]]

logger = structlog.get_logger()


class FeedCourier:
    """Verifies requests and sends feeds, for ever."""

    def __init__(self, settings: HubSettings, outbox: Outbox, pusher: Pusher) -> None:
        self._hour = settings.alerts_hour
        self._outbox = outbox
        self._pusher = pusher

    async def run(self) -> None:
        """Go on until cancelled."""
        await self._outbox.run(self.step)

    async def step(self) -> bool:
        """Do what is due now; whether anything was done."""
        intents, due, change = await self._outbox.write(self._due)
        verified = await asyncio.gather(*map(self._verify, intents))
        sent = await asyncio.gather(*(self._push(*each, change) for each in due))
        return any((*verified, *sent))

    def _due(self, session: Session) -> tuple[Sequence[WebSubIntent], Due, int]:
        moment = now()
        intents = websub.list_intents(session, moment, AT_ONCE)
        if ended := websub.end_leases(session, moment):
            logger.info("websub.ended", leases=ended)
        due = [
            (subscription, session.get(WebSubFeed, subscription.id))
            for subscription, _ in self._outbox.due(session, websub.CHANNEL)
        ]
        change = store.position(session)
        session.flush()
        session.expunge_all()
        return intents, due, change

    async def _verify(self, intent: WebSubIntent) -> bool:
        try:
            topic = await self._pusher.topics.read(intent.topic)
            await self._pusher.verify(intent)
        except (HookFailed, NotWanted, NotFound) as reason:
            is_final = not isinstance(reason, HookFailed)
            logger.info("websub.not_verified", mode=intent.mode, reason=str(reason))
            await self._outbox.write(
                lambda session: websub.postpone(session, intent.id, now(), is_final=is_final)
            )
        else:
            logger.info("websub.verified", mode=intent.mode, subscription=intent.id)
            await self._outbox.write(
                lambda session: websub.carry_out(session, intent.id, topic, now(), self._hour)
            )
        return True

    async def _push(
        self, subscription: AlertSubscription, feed: WebSubFeed | None, change: int
    ) -> bool:
        """Whether it was taken or refused; a feed that cannot be read yet waits."""
        if feed is None:
            return False
        try:
            await self._pusher.push(feed, change)
        except (Unavailable, NotFound) as reason:
            logger.info("websub.waiting", reason=reason.detail)
            return False
        except HookGone:
            await self._outbox.write(lambda session: websub.forget(session, feed))
        except HookFailed as reason:
            await self._outbox.failed(subscription, str(reason))
        except Exception as error:
            if not is_of_the_record(error):
                raise
            logger.exception("websub.not_written", topic=feed.topic)
            await self._outbox.failed(subscription, f"not written: {type(error).__name__}")
        else:
            await self._outbox.succeeded(subscription, subscription.pending)
        return True
