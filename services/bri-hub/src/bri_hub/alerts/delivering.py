"""Telling those who follow: letters and webhooks, each when it is due.

Rules:
- what is told, and how far each was told, is the outbox's (`outbox`);
- what cannot be written for one who follows is tried later, and holds up nobody else;
- where the mail server is away everything waits, and no address is at fault;
- what happened to one record since the last letter is one item of the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256

import structlog
from sqlmodel import Session

from bri_hub.alerts import subscriptions
from bri_hub.alerts.digesting import MOST_ITEMS, collapse, document_of
from bri_hub.alerts.hooks import HookFailed, HookGone, Hooks
from bri_hub.alerts.mailing import AddressRefused, MailAway, Mailer
from bri_hub.alerts.outbox import AT_ONCE, Outbox
from bri_hub.alerts.rhythm import next_attempt
from bri_hub.alerts.sealing import Seal
from bri_hub.alerts.subscriptions import OVERVIEW, Owned
from bri_hub.alerts.tables import AlertLetter, AlertSubscription
from bri_hub.settings import HubSettings
from bri_kit.clock import now, rfc3339
from bri_kit.set_aside import is_of_the_record
from bri_pages.letters import (
    Digest,
    Letter,
    write_confirmation,
    write_digest,
    write_overview,
)
from bri_pages.rendering import Renderer
from bri_pages.site import Site
from bri_pages.wishes import question_of

_MOST_EVENTS = 500
_HOOK_EVENTS = 50

logger = structlog.get_logger()


class Courier:
    """Sends what the outbox says is due, for ever."""

    def __init__(
        self,
        settings: HubSettings,
        outbox: Outbox,
        site: Site,
        seal: Seal,
        mailer: Mailer,
        hooks: Hooks,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._site = site
        self._renderer = Renderer(site)
        self._origin = settings.address
        self._seal = seal
        self._mailer = mailer
        self._hooks = hooks

    async def run_mail(self) -> None:
        """Send letters until cancelled."""
        if not self._mailer.is_on:
            logger.info("alerts.mail_off", reason="no mail server or sender is set")
            return
        await self._outbox.run(self.send_letters)

    async def run_hooks(self) -> None:
        """Post to webhooks until cancelled."""
        await self._outbox.run(self.post_events)

    async def send_letters(self) -> bool:
        """Send what is due now; whether anything was.

        Raises:
            MailAway: the mail server takes nothing; all of it waits.
        """
        letters, due = await self._outbox.write(lambda session: self._due(session, "mail"))
        for letter in letters:
            await self._send_letter(letter)
        for owned in due:
            await self._try(self._send_digest, owned)
        return bool(letters or due)

    async def post_events(self) -> bool:
        """Post what is due now; whether anything was."""
        _, due = await self._outbox.write(lambda session: self._due(session, "webhook"))
        await asyncio.gather(*(self._try(self._post, each) for each in due))
        return bool(due)

    def _due(self, session: Session, channel: str) -> tuple[Sequence[AlertLetter], Sequence[Owned]]:
        moment = now()
        letters: Sequence[AlertLetter] = ()
        if channel == "mail":
            subscriptions.drop_expired(session, moment)
            subscriptions.pass_over(session, moment, self._settings.alerts_hour)
            letters = subscriptions.list_letters(session, moment, AT_ONCE)
        due = self._outbox.due(session, channel)
        session.expunge_all()
        return letters, due

    async def _try(self, tell: Callable[[Owned], Awaitable[None]], owned: Owned) -> None:
        """Tell one who follows; what goes wrong with that concerns him alone."""
        try:
            await tell(owned)
        except Exception as error:
            if isinstance(error, MailAway) or not is_of_the_record(error):
                raise
            logger.exception("alerts.not_told", subscription=owned[0].id)
            await self._outbox.failed(owned[0], f"it could not be written: {type(error).__name__}")

    def _written(self, letter: AlertLetter) -> Letter:
        days = self._settings.alerts_link_days
        page, language = f"{self._page(letter.language)}/following", letter.language
        if letter.kind == OVERVIEW:
            link = f"{page}/all/{self._seal.seal_address(letter.address)}"
            return write_overview(self._renderer, self._origin, language, link, days)
        request = [letter.id, letter.address, language, letter.asked, letter.rhythm]
        link = f"{page}/confirm/{self._seal.seal_request(request)}"
        question = question_of(letter.asked)
        return write_confirmation(self._renderer, self._origin, language, question, link, days)

    async def _send_letter(self, letter: AlertLetter) -> None:
        name = self._site.name(letter.language)
        try:
            written = self._written(letter)
            await self._mailer.send(letter.address, name, written, f"{letter.kind}.{letter.id}")
        except AddressRefused as reason:
            attempts = letter.attempts + 1
            again = None if reason.is_final else next_attempt(attempts, now())
            logger.warning("alerts.letter_refused", reason=str(reason), is_final=again is None)
            await self._outbox.write(lambda session: _postpone_letter(session, letter.id, again))
        else:
            await self._outbox.write(lambda session: _postpone_letter(session, letter.id, None))

    async def _send_digest(self, owned: Owned) -> None:
        subscription, search = owned
        events = await self._outbox.events(subscription, _MOST_EVENTS)
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
        if letter is None:
            await self._outbox.succeeded(subscription, subscription.pending)
            return
        letter_id = f"alert.{_stable_id(subscription, subscription.pending)}"
        try:
            name = self._site.name(language)
            await self._mailer.send(subscription.target, name, letter, letter_id, leave)
        except AddressRefused as reason:
            await self._outbox.failed(subscription, str(reason))
        else:
            await self._outbox.succeeded(subscription, subscription.pending)

    async def _post(self, owned: Owned) -> None:
        subscription, _ = owned
        own = subscription.id
        key = self._seal.hook_secret(subscription.id)
        events = await self._outbox.events(subscription, _HOOK_EVENTS)
        for event in events:
            document = document_of(event, self._origin, subscription.language)
            message_id = f"msg_{_stable_id(subscription, event.number)}"
            try:
                await self._hooks.deliver(subscription.target, message_id, document, key)
            except HookGone:
                await self._outbox.write(lambda session: subscriptions.leave(session, own))
                logger.info("alerts.ended", subscription=own, reason="its service wants no more")
                return
            except HookFailed as reason:
                await self._outbox.failed(subscription, str(reason))
                return
            await self._outbox.succeeded(subscription, event.number)
        if not events:
            await self._outbox.succeeded(subscription, subscription.pending)

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
