"""Telling those who follow: letters and webhooks, each when it is due.

Rules:
- what is being told is kept before the first attempt, so that each further one tells the same under
  the same id; the cursor moves when it was taken. A process that ends between the two tells it
  again, and whoever receives knows it by its id;
- where the mail server is away everything waits, and no address is at fault; where one address or
  service fails, it alone is tried ever later, for more than a day, and then given up, said so in
  the log and on the page of whoever follows;
- what happened to one record since the last letter is one item of the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bri_hub import measures
from bri_hub.alerts import store, subscriptions
from bri_hub.alerts.digesting import MOST_ITEMS, collapse, document_of
from bri_hub.alerts.hooks import HookFailed, Hooks
from bri_hub.alerts.mailing import AddressRefused, MailAway, Mailer
from bri_hub.alerts.rhythm import next_attempt, next_due
from bri_hub.alerts.sealing import Seal
from bri_hub.alerts.subscriptions import SUSPENDED, Owned
from bri_hub.alerts.tables import AlertEvent, AlertLetter, AlertSubscription
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.clock import now, rfc3339
from bri_pages.alerts import Wish
from bri_pages.letters import Digest, write_confirmation, write_digest
from bri_pages.rendering import Renderer
from bri_pages.site import Site
from bri_pages.wishes import question_of

LOOK_SECONDS = 5.0
"""How long a courier waits for news before it looks what is due."""

_AT_ONCE = 20
_MOST_EVENTS = 500
_LONGEST_PAUSE_SECONDS = 300.0
_HOOK_EVENTS = 50

Answer = TypeVar("Answer")
logger = structlog.get_logger()


class Courier:
    """Sends what is due, for ever. `told` is announced when there may be something."""

    def __init__(
        self,
        settings: HubSettings,
        engine: Engine,
        site: Site,
        seal: Seal,
        mailer: Mailer,
        hooks: Hooks,
        told: Announcements,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._site = site
        self._renderer = Renderer(site)
        self._origin = settings.address
        self._seal = seal
        self._mailer = mailer
        self._hooks = hooks
        self._told = told

    async def run_mail(self) -> None:
        """Send letters until cancelled."""
        if not self._mailer.is_on:
            logger.info("alerts.mail_off", reason="no mail server or sender is set")
            return
        await self._run(self.send_letters)

    async def run_hooks(self) -> None:
        """Post to webhooks until cancelled."""
        await self._run(self.post_events)

    async def _run(self, work: Callable[[], Awaitable[bool]]) -> None:
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

    async def send_letters(self) -> bool:
        """Send what is due now; whether anything was.

        Raises:
            MailAway: the mail server takes nothing; all of it waits.
        """
        letters, due = await self._write(lambda session: self._due(session, "mail"))
        for letter in letters:
            await self._send_confirmation(letter)
        for owned in due:
            await self._send_digest(owned)
        return bool(letters or due)

    async def post_events(self) -> bool:
        """Post what is due now; whether anything was."""
        _, due = await self._write(lambda session: self._due(session, "webhook"))
        await asyncio.gather(*map(self._post, due))
        return bool(due)

    def _due(self, session: Session, channel: str) -> tuple[Sequence[AlertLetter], Sequence[Owned]]:
        moment = now()
        letters: Sequence[AlertLetter] = ()
        if channel == "mail":
            subscriptions.drop_expired(session, moment)
            subscriptions.pass_over(session, moment, self._settings.alerts_hour)
            letters = subscriptions.list_letters(session, moment, _AT_ONCE)
        due = subscriptions.list_due(session, channel, moment, _AT_ONCE)
        for subscription, search in due:
            subscription.pending = subscription.pending or search.newest
        session.flush()
        session.expunge_all()
        return letters, due

    async def _send_confirmation(self, letter: AlertLetter) -> None:
        wish = Wish(letter.asked, letter.language, letter.address, letter.rhythm)
        request = [letter.id, wish.target, wish.language, wish.asked, wish.rhythm]
        link = f"{self._page(wish.language)}/following/confirm/{self._seal.seal_request(request)}"
        days = self._settings.alerts_link_days
        written = write_confirmation(
            self._renderer, self._origin, wish, question_of(wish.asked), link, days
        )
        try:
            await self._mailer.send(
                wish.target, self._site.name(wish.language), written, f"confirm.{letter.id}"
            )
        except AddressRefused as reason:
            attempts = letter.attempts + 1
            again = None if reason.is_final else next_attempt(attempts, now())
            logger.warning("alerts.letter_refused", reason=str(reason), is_final=again is None)
            await self._write(lambda session: _postpone_letter(session, letter.id, again))
        else:
            await self._write(lambda session: _postpone_letter(session, letter.id, None))

    async def _send_digest(self, owned: Owned) -> None:
        subscription, search = owned
        events = await self._events(subscription, _MOST_EVENTS)
        told = collapse(events)
        language = subscription.language
        secret = self._seal.seal_subscription(subscription.id)
        leave = f"{self._page(language)}/unsubscribe/{secret}"
        digest = Digest(
            question_of(search.asked),
            told[:MOST_ITEMS],
            max(len(told) - MOST_ITEMS, 0),
            f"{self._page(language)}/search?{search.asked}",
            f"{self._page(language)}/following/{secret}",
            leave,
        )
        letter = write_digest(self._renderer, self._origin, digest, language)
        letter_id = f"alert.{_stable_id(subscription, subscription.pending)}"
        try:
            name = self._site.name(language)
            await self._mailer.send(subscription.target, name, letter, letter_id, leave)
        except AddressRefused as reason:
            await self._failed(subscription, str(reason))
        else:
            await self._succeeded(subscription, subscription.pending)

    async def _post(self, owned: Owned) -> None:
        subscription, _ = owned
        key = self._seal.hook_secret(subscription.id)
        events = await self._events(subscription, _HOOK_EVENTS)
        for event in events:
            document = document_of(event, self._origin, subscription.language)
            message_id = f"msg_{_stable_id(subscription, event.number)}"
            try:
                await self._hooks.deliver(subscription.target, message_id, document, key)
            except HookFailed as reason:
                await self._failed(subscription, str(reason))
                return
            await self._succeeded(subscription, event.number)
        if not events:
            await self._succeeded(subscription, subscription.pending)

    async def _events(self, subscription: AlertSubscription, limit: int) -> Sequence[AlertEvent]:
        def read(session: Session) -> Sequence[AlertEvent]:
            found = store.read_events(
                session, subscription.search_id, subscription.cursor, subscription.pending, limit
            )
            session.expunge_all()
            return found

        return await asyncio.to_thread(self._reading, read)

    async def _succeeded(self, subscription: AlertSubscription, upto: int) -> None:
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

        await self._write(keep)

    async def _failed(self, subscription: AlertSubscription, reason: str) -> None:
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

        await self._write(keep)

    def _reading(self, question: Callable[[Session], Answer]) -> Answer:
        with database.reading(self._engine) as session:
            return question(session)

    async def _write(self, change: Callable[[Session], Answer]) -> Answer:
        def work() -> Answer:
            with database.writing(self._engine) as session:
                return change(session)

        return await asyncio.to_thread(work)

    def _page(self, language: str) -> str:
        return f"{self._origin}/{language}"


def _postpone_letter(session: Session, letter_id: str, again: datetime | None) -> None:
    """Try a letter again at a time; forget it where that is None."""
    found = session.get(AlertLetter, letter_id)
    if found is None:
        return
    if again is None:
        session.delete(found)
        return
    found.attempts += 1
    found.due_at = rfc3339(again)


def _stable_id(subscription: AlertSubscription, number: int) -> str:
    """What tells one telling from all others, on each attempt the same."""
    return sha256(f"{subscription.id} {number}".encode()).hexdigest()[:32]
