"""WebSub's requests to subscribers: the question whether they want it, and a feed that changed.

Rules:
- a feed is read when search shows what there is to tell, so nobody is sent the feed of before;
- it is sent once for everything that happened since the last time, signed with the subscriber's
  own secret (`X-Hub-Signature`, HMAC with SHA-256) where he gave one;
- addresses are asked as those of webhooks are (`hooks`); who answers 410 is sent nothing more.
"""

import secrets
from hmac import compare_digest, digest
from urllib.parse import urlencode, urlsplit, urlunsplit

from bri_hub.alerts.hooks import GONE, HookFailed, HookGone
from bri_hub.alerts.websub_tables import WebSubFeed, WebSubIntent
from bri_hub.searching import SearchClient
from bri_kit.errors import Unavailable
from bri_kit.fetching import AddressRefused, Bounds, FetchRefused, fetch
from bri_pages.topics import Topics


class NotWanted(Exception):
    """The callback's owner did not ask for it."""


class Pusher:
    """Asks callbacks and sends them feeds; `hub` is the address at which it is subscribed."""

    def __init__(self, bounds: Bounds, topics: Topics, search: SearchClient, hub: str) -> None:
        self.topics = topics
        self._bounds = bounds
        self._search = search
        self._hub = hub

    async def verify(self, intent: WebSubIntent) -> None:
        """Make sure that whoever runs the callback asked for this.

        Raises:
            NotWanted: he answered otherwise, or may not be asked.
            HookFailed: he did not answer.
        """
        word = secrets.token_urlsafe(24)
        asked = {"hub.mode": intent.mode, "hub.topic": intent.topic, "hub.challenge": word}
        if intent.mode == "subscribe":
            asked["hub.lease_seconds"] = str(intent.lease)
        try:
            answer = await fetch(_with_query(intent.callback, asked), self._bounds)
        except AddressRefused as reason:
            raise NotWanted(str(reason)) from None
        except FetchRefused as reason:
            raise HookFailed(str(reason)) from None
        if answer.status >= 500:
            raise HookFailed(f"it answered {answer.status}")
        same = compare_digest(answer.body.strip(), word.encode())
        if not (200 <= answer.status < 300 and same):
            raise NotWanted(f"it answered {answer.status}")

    async def push(self, feed: WebSubFeed, change: int) -> None:
        """Send a feed as it is after the change of this number.

        Raises:
            Unavailable: search has not come so far.
            HookGone: nothing more is wanted.
            HookFailed: it was not taken.
        """
        if (await self._search.status()).cursor < change:
            raise Unavailable("Search has not come to these changes yet.")
        body, media_type = await self.topics.write(feed.topic)
        headers = {
            "Content-Type": media_type,
            "User-Agent": "bri-hub",
            "Link": f'<{self._hub}>; rel="hub", <{feed.topic}>; rel="self"',
        }
        if feed.secret:
            headers["X-Hub-Signature"] = sign(feed.secret, body)
        try:
            answer = await fetch(
                feed.callback, self._bounds, method="POST", content=body, headers=headers
            )
        except FetchRefused as reason:
            raise HookFailed(str(reason)) from None
        if answer.status == GONE:
            raise HookGone(f"it answered {GONE}")
        if not 200 <= answer.status < 300:
            raise HookFailed(f"it answered {answer.status}")


def sign(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature` (WebSub, 7.1)."""
    return f"sha256={digest(secret.encode(), body, 'sha256').hex()}"


def _with_query(url: str, added: dict[str, str]) -> str:
    """The address with further parameters behind its own."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return urlunsplit(parts._replace(query=query))
