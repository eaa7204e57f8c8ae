"""How much one client may ask: requests, uploaded bytes and failed sign-ins, by address and token.

Rules:
- a request counts for its address and, where it shows one, for its token, valid or not;
- a valid token is never held up by others' failures behind the same address: only an answer that
  would have been 401 becomes 429, and it does so by address and by the beginning of the token,
  so that guessing from many addresses is slowed too;
- requests of this machine's own are not limited, but their failed sign-ins are. Those that a proxy
  on this machine passes on without naming a client (X-Forwarded-For) count as one client's;
- what is counted is forgotten with the process: each process counts for itself.
"""

import math
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bri_kit import metrics
from bri_kit.addresses import (
    Client,
    client_of,
    is_addressed_here,
    is_in,
    is_loopback,
    parse_networks,
)
from bri_kit.errors import TooManyRequests
from bri_kit.problems import problem_response
from bri_kit.rates import Rate
from bri_kit.settings import ServiceSettings

logger = structlog.get_logger()

_MIB = 1024 * 1024
_BEGINNING = 16
"""How much of a token is told apart: its issuer and the first characters of its secret."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate and what it counts; `name` is for measurements and words."""

    name: str
    rate: Rate
    key: str

    def refuse_if_exhausted(self) -> None:
        """Take one. Raises TooManyRequests where none is left."""
        if wait := self.rate.take(self.key):
            raise _refusal(self.name, wait)


class Limits:
    """Counts requests and uploads, and refuses with 429 what is too much."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self.app = app
        self._trusted = parse_networks(settings.trusted_proxies)
        self._unlimited = parse_networks(settings.unlimited_addresses)
        published = urlsplit(settings.public_url).hostname or ""
        self._is_published = bool(published) and not is_loopback(published)
        self._has_warned = False
        self._by_address = _per_minute(settings.requests_per_minute)
        self._by_token = _per_minute(settings.token_requests_per_minute)
        hourly = settings.upload_mib_per_hour * _MIB
        self._uploads = Rate(per_second=hourly / 3600, burst=hourly)
        self._failures = _per_minute(settings.failures_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client, token = client_of(scope, self._trusted), _credentials(scope)
        uploaders = [] if self._is_unlimited(client, scope) else _uploaders(client, token)
        try:
            self._admit(client, token, uploaders)
        except TooManyRequests as refusal:
            await problem_response(refusal)(scope, receive, send)
            return

        async def count() -> Message:
            message = await receive()
            for uploader in uploaders:
                self._uploads.charge(uploader, len(message.get("body", b"")))
            return message

        sending = self._watch_failures(client, token, send) if token else send
        await self.app(scope, count, sending)

    def _is_unlimited(self, client: Client, scope: Scope) -> bool:
        if client.forwarded or not is_in(client.address, self._unlimited):
            return False
        if not is_in(client.address, self._trusted):
            return True
        if is_addressed_here(scope):
            return not self._is_published
        self._warn_of_proxy()
        return False

    def _warn_of_proxy(self) -> None:
        if not self._has_warned:
            logger.warning("proxy.names_no_client", remedy="have it send X-Forwarded-For")
        self._has_warned = True

    def _admit(self, client: Client, token: str, uploaders: list[str]) -> None:
        if not uploaders:
            return
        Limit("address", self._by_address, client.key).refuse_if_exhausted()
        if token:
            Limit("token", self._by_token, _digest(token)).refuse_if_exhausted()
        for uploader in uploaders:
            if wait := self._uploads.wait(uploader):
                raise _refusal("upload", wait)

    def _watch_failures(self, client: Client, token: str, send: Send) -> Send:
        """Sends what `send` does, but for a 401 that is one too many, which becomes a 429."""
        replaced = False

        async def sending(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == 401:
                wait = self._count_failure(client, token)
                if wait:
                    replaced = True
                    await _answer(problem_response(_refusal("failure", wait)), send)
            if not replaced:
                await send(message)

        return sending

    def _count_failure(self, client: Client, token: str) -> float:
        keys = (f"address {client.key}", f"token {token[:_BEGINNING]}")
        return max(self._failures.take(key) for key in keys)


def _uploaders(client: Client, token: str) -> list[str]:
    return [f"address {client.key}", *([f"token {_digest(token)}"] if token else [])]


async def _answer(response: ASGIApp, send: Send) -> None:
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    await response({"type": "http"}, nothing, send)


def _per_minute(count: int) -> Rate:
    """A whole minute's worth may come at once."""
    return Rate(per_second=count / 60, burst=count)


def _refusal(name: str, wait: float) -> TooManyRequests:
    metrics.REQUESTS_REFUSED.labels(name).inc()
    seconds = math.ceil(wait)
    told = {
        "address": "This address asks too often.",
        "token": "This token asks too often.",
        "upload": "Too much was uploaded within an hour.",
        "failure": "Too many tokens were tried that are not valid here.",
    }
    return TooManyRequests(f"{told[name]} Try again in {seconds} s.", retry_after=seconds)


def _credentials(scope: Scope) -> str:
    """What stands after the scheme in the Authorization header, valid or not."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            text: str = value.decode("latin-1")
            return text.partition(" ")[2].strip() or text.strip()
    return ""


def _digest(token: str) -> str:
    """A short name of a token, so that a long one takes no memory and a good one is not kept."""
    return blake2b(token.encode(), digest_size=16).hexdigest()
