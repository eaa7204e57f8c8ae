"""Webhooks: JSON by POST, signed as Standard Webhooks say (symmetric signatures, `v1`).

Rules:
- an address is asked as `bri_kit.fetching` rules: no private one, whatever its name says today;
- a redirect is not followed: a body must not go where nobody answered a challenge;
- nothing is sent to an address that has not sent back our challenge;
- the signature covers id, time and body; the id of what goes again is the same.
"""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from hmac import compare_digest, digest
from typing import Any

import orjson

from bri_kit.clock import now
from bri_kit.errors import InvalidInput
from bri_kit.fetching import Answer, Bounds, FetchRefused, fetch
from bri_pages.alerts import NO_ANSWER, NO_HOOK

SECONDS = 10.0
_LARGEST_ANSWER = 16 * 1024
_LONGEST_ADDRESS = 1_000


class HookFailed(Exception):
    """The service did not take it; the message says why."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Asks subscribers' services; `allowed` networks may be asked although private."""

    bounds: Bounds

    async def challenge(self, url: str, subscription_id: str, key: bytes) -> None:
        """Make sure that whoever runs the service at `url` wants this.

        Raises:
            InvalidInput: it does not answer as it should, or is not one that may be asked.
        """
        if len(url) > _LONGEST_ADDRESS or not url.isprintable() or not url.isascii():
            raise InvalidInput(NO_HOOK)
        word = secrets.token_urlsafe(24)
        document = {"type": "subscription.challenge", "challenge": word}
        try:
            answer = await self._post(url, f"challenge_{subscription_id}", document, key)
        except FetchRefused as reason:
            refused = type(reason).__name__ == "AddressRefused"
            raise InvalidInput(NO_HOOK if refused else NO_ANSWER) from None
        if not _is_taken(answer) or not compare_digest(_sent_back(answer.body), word.encode()):
            raise InvalidInput(NO_ANSWER)

    async def deliver(self, url: str, message_id: str, document: Any, key: bytes) -> None:
        """Post what happened.

        Raises:
            HookFailed: the service did not answer, or not with success.
        """
        try:
            answer = await self._post(url, message_id, document, key)
        except FetchRefused as reason:
            raise HookFailed(str(reason)) from None
        if not _is_taken(answer):
            raise HookFailed(f"it answered {answer.status}")

    async def _post(self, url: str, message_id: str, document: Any, key: bytes) -> Answer:
        body = orjson.dumps(document)
        at = str(int(now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "bri-hub",
            "webhook-id": message_id,
            "webhook-timestamp": at,
            "webhook-signature": sign(key, message_id, at, body),
        }
        return await fetch(url, self.bounds, method="POST", content=body, headers=headers)


def hook_bounds(allowed: Bounds) -> Bounds:
    """What asking a subscriber's service may cost."""
    return Bounds(allowed.allowed, max_bytes=_LARGEST_ANSWER, seconds=SECONDS, max_redirects=0)


def sign(key: bytes, message_id: str, at: str, body: bytes) -> str:
    """The value of `webhook-signature` for a body sent at the Unix time `at`."""
    signed = digest(key, f"{message_id}.{at}.".encode() + body, "sha256")
    return f"v1,{b64encode(signed).decode()}"


def _is_taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _sent_back(body: bytes) -> bytes:
    """The challenge in an answer: a JSON document's member, or the whole text."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.strip()
    word = document.get("challenge") if isinstance(document, dict) else document
    return str(word).encode()
