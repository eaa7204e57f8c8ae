"""WebSub (W3C Recommendation of 2018-01-23): whoever asks to be sent a feed when it changes.

Rules:
- a request is taken and then verified: nothing begins or ends before its callback has sent back our
  challenge, and a request that cannot be verified within an hour is forgotten;
- a lease ends unless it is renewed, which is asking again with the same secret;
- another secret takes the place of none: a stranger can ask in a callback's name, and a callback
  that confirms whatever it is asked would be left with a secret that it does not know. So a
  callback is sent a feed once for each secret, at most `MOST_SECRETS`, until the lease of each
  ends; those that were there first stay. What is not signed with its own secret a subscriber drops;
- topics are feeds of ours; a callback follows so many feeds at most, and a client that asks often,
  of all or of one host, is told. No limit is a callback's or a host's alone: a stranger could use
  it up.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select
from starlette.types import Scope
from ulid import ULID

from bri_hub.alerts import subscriptions
from bri_hub.alerts.rhythm import RHYTHMS, next_attempt
from bri_hub.alerts.subscriptions import Wanted
from bri_hub.alerts.tables import AlertSubscription
from bri_hub.alerts.websub_tables import WebSubFeed, WebSubIntent
from bri_hub.announcing import Announcements
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.addresses import client_of, parse_networks
from bri_kit.clock import now, rfc3339
from bri_kit.errors import FieldError, InvalidInput, MalformedRequest, NotFound, TooManyRequests
from bri_kit.rates import Rate
from bri_pages.topics import Topic, Topics

CHANNEL = "websub"
LEASE_SECONDS = 10 * 86_400
SHORTEST_LEASE, LONGEST_LEASE = 300, 30 * 86_400
MOST_SECRETS = 3
_MODES = ("subscribe", "unsubscribe")
_LONGEST_SECRET = 199
_LONGEST_CALLBACK = 1_000
_VERIFY_WITHIN = timedelta(hours=1)
_HOUR = 3_600

logger = structlog.get_logger()


class FeedHub:
    """Takes requests. Belongs to one event loop; `waiting` is announced when one is to be
    verified."""

    def __init__(
        self, settings: HubSettings, engine: Engine, topics: Topics, waiting: Announcements
    ) -> None:
        self._engine = engine
        self._topics = topics
        self._waiting = waiting
        self._most = settings.alerts_each
        self._trusted = parse_networks(settings.trusted_proxies)
        each = settings.alerts_letters_per_hour
        self._by_client = Rate(each / _HOUR, each)
        self._by_host = Rate(self._most / _HOUR, self._most)

    async def take(self, form: Mapping[str, str], scope: Scope) -> None:
        """Keep a request until it is verified.

        Raises:
            MalformedRequest, InvalidInput: it is not as WebSub says, or not about a feed of ours.
            TooManyRequests: this client asks too often, of all or of this host.
        """
        intent = read_intent(form, now())
        try:
            await self._topics.read(intent.topic)
        except NotFound as reason:
            raise InvalidInput(reason.detail, [FieldError("hub.topic", reason.detail)]) from None
        client = client_of(scope, self._trusted).key
        if self._by_client.take(client):
            raise TooManyRequests("That was too often.", _HOUR)
        if self._by_host.take(f"{client} {urlsplit(intent.callback).netloc.lower()}"):
            raise TooManyRequests("This host was asked for too often.", _HOUR)

        def work() -> None:
            with database.writing(self._engine) as session:
                _keep(session, intent, self._most)

        await asyncio.to_thread(work)
        self._waiting.announce()


def read_intent(form: Mapping[str, str], moment: datetime) -> WebSubIntent:
    """What a form asks.

    Raises:
        MalformedRequest, InvalidInput: it is not as WebSub says.
    """
    mode, topic, callback = (form.get(f"hub.{name}", "") for name in ("mode", "topic", "callback"))
    if mode not in _MODES:
        raise MalformedRequest("hub.mode must be subscribe or unsubscribe.")
    _check_callback(callback)
    secret = form.get("hub.secret", "")
    if len(secret.encode()) > _LONGEST_SECRET:
        problem = "must have less than 200 bytes"
        raise InvalidInput("The secret is too long.", [FieldError("hub.secret", problem)])
    return WebSubIntent(
        id=str(ULID()),
        mode=mode,
        topic=topic,
        callback=callback,
        secret=secret,
        lease=_lease(form.get("hub.lease_seconds", "")),
        due_at=rfc3339(moment),
        expires_at=rfc3339(moment + _VERIFY_WITHIN),
    )


def _check_callback(callback: str) -> None:
    try:
        parts = urlsplit(callback)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
    except ValueError:
        good = False
    sound = callback.isascii() and callback.isprintable() and " " not in callback
    if not good or not sound or len(callback) > _LONGEST_CALLBACK:
        problem = f"must be an http or https address of at most {_LONGEST_CALLBACK} characters"
        raise InvalidInput("The callback is not one.", [FieldError("hub.callback", problem)])


def _lease(text: str) -> int:
    if not text:
        return LEASE_SECONDS
    if not (text.isascii() and text.isdigit()):
        problem = "must be a number of seconds"
        raise InvalidInput("The lease is not one.", [FieldError("hub.lease_seconds", problem)])
    return min(max(int(text[:9]), SHORTEST_LEASE), LONGEST_LEASE)


def _keep(session: Session, intent: WebSubIntent, most: int) -> None:
    """Instead of an older one that asks the very same."""
    same = (
        col(WebSubIntent.callback) == intent.callback,
        col(WebSubIntent.topic) == intent.topic,
        col(WebSubIntent.mode) == intent.mode,
        col(WebSubIntent.secret) == intent.secret,
    )
    session.connection().execute(delete(WebSubIntent).where(*same))
    query = select(WebSubFeed.topic).where(WebSubFeed.callback == intent.callback).distinct()
    followed = set(session.exec(query))
    # What waits is not counted: anybody can ask, and the callback was not heard yet.
    is_new = intent.mode == "subscribe" and intent.topic not in followed
    if is_new and len(followed) >= most:
        raise InvalidInput(f"This callback follows {most} feeds, which is as many as one can.")
    session.add(intent)


def _list_feeds(session: Session, intent: WebSubIntent) -> Sequence[WebSubFeed]:
    """What the callback gets of the topic, the oldest first."""
    query = select(WebSubFeed).where(
        WebSubFeed.callback == intent.callback, WebSubFeed.topic == intent.topic
    )
    return session.exec(query.order_by(col(WebSubFeed.id))).all()


def list_intents(session: Session, moment: datetime, limit: int) -> Sequence[WebSubIntent]:
    """Requests to be verified now; those that waited too long are forgotten."""
    late = col(WebSubIntent.expires_at) <= rfc3339(moment)
    session.connection().execute(delete(WebSubIntent).where(late))
    query = select(WebSubIntent).where(col(WebSubIntent.due_at) <= rfc3339(moment))
    return session.exec(query.order_by(col(WebSubIntent.due_at)).limit(limit)).all()


def end_leases(session: Session, moment: datetime) -> int:
    """Forget subscriptions whose time is over; how many."""
    query = select(WebSubFeed).where(col(WebSubFeed.expires_at) <= rfc3339(moment))
    ended = session.exec(query).all()
    for feed in ended:
        forget(session, feed)
    return len(ended)


def forget(session: Session, feed: WebSubFeed) -> None:
    """End a subscription."""
    subscriptions.leave(session, feed.id)
    session.delete(feed)


def carry_out(session: Session, intent_id: str, topic: Topic, moment: datetime, hour: int) -> None:
    """What a request asked for, after it was verified."""
    intent = session.get(WebSubIntent, intent_id)
    if intent is None:
        return  # asked otherwise meanwhile
    feeds = _list_feeds(session, intent)
    session.delete(intent)
    if intent.mode == "unsubscribe":
        for feed in feeds:
            forget(session, feed)
        return
    expires_at = rfc3339(moment + timedelta(seconds=intent.lease))
    for feed in feeds:
        if feed.secret == intent.secret and session.get(AlertSubscription, feed.id) is not None:
            feed.expires_at = expires_at
            _resume(session, feed.id, moment)
            return
    for feed in feeds[MOST_SECRETS - 1 :]:
        forget(session, feed)
    _begin(session, intent, topic, moment, hour, expires_at)


def _begin(
    session: Session,
    intent: WebSubIntent,
    topic: Topic,
    moment: datetime,
    hour: int,
    expires_at: str,
) -> None:
    target = f"{intent.callback} {intent.topic}"
    wanted = Wanted(intent.id, CHANNEL, target, topic.language, RHYTHMS[0], topic.asked)
    subscription, _ = subscriptions.begin(session, wanted, moment, hour=hour, most=MOST_SECRETS)
    session.merge(
        WebSubFeed(
            id=subscription.id,
            topic=intent.topic,
            callback=intent.callback,
            secret=intent.secret,
            expires_at=expires_at,
        )
    )


def _resume(session: Session, subscription_id: str, moment: datetime) -> None:
    """Whoever renews is there again, so that what was given up is tried again."""
    found = session.get_one(AlertSubscription, subscription_id)
    found.state, found.attempts = subscriptions.ACTIVE, 0
    found.failing_since, found.due_at = None, rfc3339(moment)


def postpone(session: Session, intent_id: str, moment: datetime, *, is_final: bool) -> None:
    """Ask again later, or not at all."""
    intent = session.get(WebSubIntent, intent_id)
    if intent is None:
        return
    again = None if is_final else next_attempt(intent.attempts + 1, moment)
    if again is None:
        session.delete(intent)
        return
    intent.attempts += 1
    intent.due_at = rfc3339(again)
