"""Webhooks: JSON by POST, signed as Standard Webhooks say (symmetric signatures, `v1`).

Rules:
- an address is asked as `bri_kit.fetching` rules: no private one, whatever its name says today;
- a redirect is not followed: a body must not go where nobody answered a challenge;
- nothing is sent to an address that has not answered our challenge with the proof that it has the
  subscription's key. The key was shown to whoever asked for the subscription and to nobody else, so
  a service that sends back whatever it gets cannot be subscribed by a stranger;
- the proof is made with another hash than signatures are, so that what a service proves can never
  be passed off as something that the hub signed;
- the signature covers id, time and body; the id of what goes again is the same;
- a service that answers 410 wants nothing more.
"""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from hmac import compare_digest, digest
from typing import Any
from urllib.parse import urlsplit

import orjson

from bri_kit.clock import now
from bri_kit.errors import InvalidInput
from bri_kit.fetching import Answer, Bounds, FetchRefused, fetch
from bri_pages.alerts import NO_ANSWER, NO_HOOK

SECONDS = 10.0
_LARGEST_ANSWER = 16 * 1024
_LONGEST_ADDRESS = 1_000
GONE = 410


class HookFailed(Exception):
    """The service did not take it; the message says why."""


class HookGone(HookFailed):
    """The service wants nothing more."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Asks subscribers' services; `allowed` networks may be asked although private."""

    bounds: Bounds

    async def challenge(self, url: str, subscription_id: str, key: bytes) -> None:
        """Make sure that the service at `url` has the subscription's `key`.

        Raises:
            InvalidInput: it does not answer as it should, or is not one that may be asked.
        """
        check_address(url)
        word = secrets.token_urlsafe(24)
        document = {"type": "subscription.challenge", "challenge": word}
        try:
            answer = await self._post(url, f"challenge_{subscription_id}", document, key)
        except FetchRefused as reason:
            refused = type(reason).__name__ == "AddressRefused"
            raise InvalidInput(NO_HOOK if refused else NO_ANSWER) from None
        if not _is_taken(answer) or not compare_digest(_proof_in(answer.body), prove(key, word)):
            raise InvalidInput(NO_ANSWER)

    async def deliver(self, url: str, message_id: str, document: Any, key: bytes) -> None:
        """Post what happened.

        Raises:
            HookGone: it answered that it wants nothing more.
            HookFailed: the service did not answer, or not with success.
        """
        try:
            answer = await self._post(url, message_id, document, key)
        except FetchRefused as reason:
            raise HookFailed(str(reason)) from None
        if answer.status == GONE:
            raise HookGone(f"it answered {GONE}")
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


def check_address(url: str) -> str:
    """The host of a service's address.

    Raises:
        InvalidInput: it is none that could be asked.
    """
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    sound = url.isprintable() and url.isascii() and url.startswith(("http://", "https://"))
    if not host or not sound or len(url) > _LONGEST_ADDRESS:
        raise InvalidInput(NO_HOOK)
    return host


def hook_bounds(allowed: Bounds) -> Bounds:
    """What asking a subscriber's service may cost."""
    return Bounds(allowed.allowed, max_bytes=_LARGEST_ANSWER, seconds=SECONDS, max_redirects=0)


def sign(key: bytes, message_id: str, at: str, body: bytes) -> str:
    """The value of `webhook-signature` for a body sent at the Unix time `at`."""
    signed = digest(key, f"{message_id}.{at}.".encode() + body, "sha256")
    return f"v1,{b64encode(signed).decode()}"


def prove(key: bytes, challenge: str) -> bytes:
    """What a service answers to a challenge: HMAC-SHA-512 of its text, in hexadecimal digits."""
    return digest(key, challenge.encode(), "sha512").hex().encode()


def _is_taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _proof_in(body: bytes) -> bytes:
    """The member `proof` of an answer, empty where there is none."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return b""
    proof = document.get("proof") if isinstance(document, dict) else None
    return proof.encode() if isinstance(proof, str) else b""
