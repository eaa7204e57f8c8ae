"""Taking wishes to follow, and keeping subscriptions: what pages ask, answered.

Rules:
- an address that asks is written to and otherwise unknown: its wish is in the letter's link, and
  what waits to be sent goes when it is sent, or when the link would not hold any more;
- a webhook begins when its service has proven that it has the key, which is shown to whoever asked
  and to nobody else; nothing is kept of one that has not;
- a link shows and ends its own subscription and no other, whatever address that is for. All that an
  e-mail address follows is behind a link that only its mailbox is sent;
- an address gets few letters an hour, and fewer that one client asks for, so that nobody can use up
  what others may ask; it is not told of more. A client that asks for many is told;
- leaving forgets the subscription at once, and what its search told with the last of them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.types import Scope
from ulid import ULID

from bri_hub.alerts import subscriptions
from bri_hub.alerts.hooks import Hooks, check_address
from bri_hub.alerts.knowing import find_policies, make_known
from bri_hub.alerts.mailing import Mailer, read_address
from bri_hub.alerts.rhythm import RHYTHMS, first_due
from bri_hub.alerts.sealing import Seal
from bri_hub.alerts.subscriptions import (
    ACTIVE,
    CONFIRMATION,
    MAIL,
    OVERVIEW,
    SUSPENDED,
    Owned,
    Wanted,
)
from bri_hub.alerts.tables import AlertLetter
from bri_hub.announcing import Announcements
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.addresses import client_of, parse_networks
from bri_kit.clock import now, rfc3339, timestamp
from bri_kit.errors import InvalidInput, NotFound, TooManyRequests
from bri_kit.rates import Rate
from bri_pages.alerts import NO_RHYTHM, TOO_OFTEN, Followed, Hook, Wish

LETTERS_BY_ONE, LETTERS_TO_ONE = 3, 6
"""Letters to one address in an hour, those that one client asks for and all of them."""

CHALLENGES = 3
"""How often a client may have services challenged, for each webhook that it may ask for."""

_HOUR = 3_600
Answer = TypeVar("Answer")

logger = structlog.get_logger()


class HubAlerts:
    """Belongs to one event loop. `waiting` is announced when a letter waits to be sent."""

    def __init__(
        self,
        settings: HubSettings,
        engine: Engine,
        search: SearchClient,
        seal: Seal,
        mailer: Mailer,
        hooks: Hooks,
    ) -> None:
        self.waiting = Announcements()
        self._settings = settings
        self._engine = engine
        self._search = search
        self._seal = seal
        self._mailer = mailer
        self._hooks = hooks
        self._trusted = parse_networks(settings.trusted_proxies)
        each = settings.alerts_letters_per_hour
        self._by_client = Rate(each / _HOUR, each)
        self._by_pair = Rate(LETTERS_BY_ONE / _HOUR, LETTERS_BY_ONE)
        self._by_address = Rate(LETTERS_TO_ONE / _HOUR, LETTERS_TO_ONE)
        self._challenges = Rate(CHALLENGES * each / _HOUR, CHALLENGES * each)

    @property
    def channels(self) -> Sequence[str]:
        """How readers can be told."""
        mail = ["mail"] if self._mailer.is_on else []
        return [*mail, *(["webhook"] if self._settings.alerts_webhooks else [])]

    async def ask(self, wish: Wish, scope: Scope) -> None:
        """Send the address a letter that asks whether it wants this; see bri_pages.alerts."""
        address = read_address(wish.target)
        _check_rhythm(wish.rhythm)
        self._limit_client(scope)
        await self._write_to(address, CONFIRMATION, wish, scope)

    async def ask_overview(self, secret: str, scope: Scope) -> None:
        """Send the address a letter with the link to all that it follows; see bri_pages.alerts."""
        own = self._seal.open_subscription(secret)
        self._limit_client(scope)
        found = (await self._read(lambda session: subscriptions.find(session, own))).subscription
        if found.channel != MAIL:
            raise NotFound
        wish = Wish("", found.language, found.target, found.rhythm)
        await self._write_to(found.target, OVERVIEW, wish, scope)

    async def _write_to(self, address: str, kind: str, wish: Wish, scope: Scope) -> None:
        if self._is_too_much(address, scope):
            logger.warning("alerts.letter_withheld", reason="the address was asked often")
            return
        moment = now()
        expires = moment + timedelta(days=self._settings.alerts_link_days)
        letter = AlertLetter(
            id=str(ULID()),
            address=address,
            language=wish.language,
            expires_at=rfc3339(expires),
            due_at=rfc3339(moment),
            asked=wish.asked,
            rhythm=wish.rhythm,
            kind=kind,
        )
        await self._write(lambda session: subscriptions.add_letter(session, letter))
        self.waiting.announce()

    def _is_too_much(self, address: str, scope: Scope) -> bool:
        """Whether an address gets no further letter now, from this client or from anybody."""
        key = _key(address.lower())
        client = client_of(scope, self._trusted)
        return bool(self._by_pair.take(f"{client.key} {key}") or self._by_address.take(key))

    async def add_hook(self, wish: Wish, scope: Scope) -> Hook:
        """Give out a key and a link for a webhook; see bri_pages.alerts."""
        self._limit_client(scope)
        check_address(wish.target)
        own = str(ULID())
        secret = self._seal.seal_hook([own, wish.target, wish.language, wish.asked])
        return Hook(secret, self._seal.hook_secret_text(own))

    async def prove_hook(self, secret: str, scope: Scope) -> None:
        """Challenge a webhook's service, and begin; see bri_pages.alerts."""
        request = self._seal.open_hook(secret)
        if request is None:
            raise NotFound
        own, target, language, asked = request
        if self._challenges.take(client_of(scope, self._trusted).key):
            raise TooManyRequests(TOO_OFTEN, _HOUR)
        await self._hooks.challenge(target, own, self._seal.hook_secret(own))
        await self._begin(Wanted(own, "webhook", target, language, RHYTHMS[0], asked))

    async def read_wish(self, secret: str) -> Wish:
        """What a letter's link would confirm."""
        _, address, language, asked, rhythm = self._seal.open_request(secret)
        return Wish(asked, language, address, rhythm)

    async def confirm(self, secret: str) -> Followed:
        """Begin what the link confirms; see bri_pages.alerts."""
        own, address, language, asked, rhythm = self._seal.open_request(secret)
        subscription_id = await self._begin(Wanted(own, "mail", address, language, rhythm, asked))
        owned = await self._read(lambda session: subscriptions.find(session, subscription_id))
        return self._followed(owned)

    async def find_followed(self, secret: str) -> Followed:
        """The subscription of a link; see bri_pages.alerts."""
        own = self._seal.open_subscription(secret)
        try:
            owned = await self._read(lambda session: subscriptions.find(session, own))
        except NotFound:
            request = self._seal.open_hook(secret)
            if request is None:
                raise
            _, target, _, asked = request
            return Followed(asked, "webhook", target, RHYTHMS[0], secret, is_unproven=True)
        return replace(self._followed(owned), secret=secret)

    async def list_followed(self, secret: str) -> Sequence[Followed]:
        """All that an address follows; see bri_pages.alerts."""
        address = self._seal.open_address(secret)
        owned = await self._read(lambda s: subscriptions.list_owned(s, MAIL, address))
        return [self._followed(each) for each in owned]

    async def leave_all(self, secret: str) -> None:
        """Forget all that an address follows."""
        address = self._seal.open_address(secret)

        def left(session: Session) -> None:
            owned = subscriptions.list_owned(session, MAIL, address)
            subscriptions.leave(session, *(each.subscription.id for each in owned))

        await self._write(left)

    async def change(self, secret: str, rhythm: str) -> None:
        """Another rhythm."""
        own = self._seal.open_subscription(secret)
        _check_rhythm(rhythm)
        due = rfc3339(first_due(rhythm, now(), hour=self._settings.alerts_hour))

        def changed(session: Session) -> None:
            found = subscriptions.find(session, own).subscription
            found.rhythm, found.due_at = rhythm, due

        await self._write(changed)
        self.waiting.announce()

    async def resume(self, secret: str) -> None:
        """Tell again what was given up."""
        own = self._seal.open_subscription(secret)
        at = timestamp()

        def resumed(session: Session) -> None:
            found = subscriptions.find(session, own).subscription
            if found.state == SUSPENDED:
                found.state, found.attempts = ACTIVE, 0
                found.failing_since, found.due_at = None, at

        await self._write(resumed)
        self.waiting.announce()

    async def leave(self, secret: str) -> None:
        """Forget the subscription."""
        own = self._seal.open_subscription(secret)
        await self._write(lambda session: subscriptions.leave(session, own))

    async def _begin(self, wanted: Wanted) -> str:
        def begun(session: Session) -> tuple[str, str, bool]:
            subscription, is_new = subscriptions.begin(
                session,
                wanted,
                now(),
                hour=self._settings.alerts_hour,
                most=self._settings.alerts_each,
            )
            return subscription.id, subscription.search_id, is_new

        subscription_id, search_id, is_new = await self._write(begun)
        logger.info("alerts.followed", channel=wanted.channel, subscription=subscription_id)
        if is_new and (policies := await find_policies(self._search, wanted)):
            await self._write(lambda session: make_known(session, search_id, policies))
        return subscription_id

    def _followed(self, owned: Owned) -> Followed:
        subscription, search = owned
        return Followed(
            search.asked,
            subscription.channel,
            subscription.target,
            subscription.rhythm,
            self._seal.seal_subscription(subscription.id),
            is_suspended=subscription.state == SUSPENDED,
        )

    def _limit_client(self, scope: Scope) -> None:
        client = client_of(scope, self._trusted)
        if self._by_client.take(client.key):
            raise TooManyRequests(TOO_OFTEN, _HOUR)

    async def _read(self, question: Callable[[Session], Answer]) -> Answer:
        def work() -> Answer:
            with database.reading(self._engine) as session:
                answer = question(session)
                session.expunge_all()
                return answer

        return await asyncio.to_thread(work)

    async def _write(self, change: Callable[[Session], Answer]) -> Answer:
        def work() -> Answer:
            with database.writing(self._engine) as session:
                return change(session)

        return await asyncio.to_thread(work)


def _check_rhythm(rhythm: str) -> None:
    if rhythm not in RHYTHMS:
        raise InvalidInput(NO_RHYTHM)


def _key(text: str) -> str:
    """What tells targets apart in memory, without being one."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
