"""What both transports share: requests made, answers gathered within bounds and judged. No I/O but
the clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from bri_client.call import Call, Result
from bri_client.errors import (
    AnswerNotUnderstood,
    TooManyRequests,
    Unavailable,
    Unreachable,
    refusal,
)
from bri_client.manner import Manner

_AGENT = "bri-client/0.1"


class Asking:
    """One service, by address and token."""

    def __init__(self, url: str, token: str, manner: Manner) -> None:
        self.url = url.rstrip("/")
        self.manner = manner
        headers = {"User-Agent": _AGENT}
        self.options: dict[str, Any] = {
            "base_url": self.url,
            "headers": headers | ({"Authorization": f"Bearer {token}"} if token else {}),
            "timeout": httpx.Timeout(manner.silence_seconds, connect=manner.connect_seconds),
        }

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """What httpx is told of a call."""
        return {
            "method": call.method,
            "url": call.path,
            "params": call.params,
            "content": call.body or None,
            "headers": {**call.headers, "X-Request-ID": uuid4().hex},
        }

    def patience(self, call: Call[Any]) -> dict[str, Any]:
        """How often the call may be tried, as stamina is told."""
        return {
            "on": worth_repeating,
            "attempts": self.manner.attempts if call.repeatable else 1,
            "timeout": self.manner.retry_seconds,
            "wait_initial": 0.2,
        }

    def judge(self, call: Call[Result], answer: httpx.Response, body: bytes) -> Result:
        """What an answer means.

        Raises:
            Refused: it is no success.
            AnswerNotUnderstood: it is not what was asked for.
        """
        if not answer.is_success:
            raise refusal(f"{self.url}{call.path}", answer.status_code, answer.headers, body)
        return call.read(body)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Inside, what httpx says of the line becomes Unreachable."""
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"{self.url} cannot be reached: {reason}") from None


class Gathering:
    """An answer's body as it comes in."""

    def __init__(self, manner: Manner) -> None:
        self._most = manner.answer_bytes
        self._until = time.monotonic() + manner.answer_seconds
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        """Take the next part.

        Raises:
            AnswerNotUnderstood: it is too much.
            Unreachable: it takes too long.
        """
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._most:
            raise AnswerNotUnderstood(f"the answer is larger than {self._most} bytes")
        if time.monotonic() > self._until:
            raise Unreachable("the answer takes too long")

    @property
    def whole(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


def worth_repeating(error: Exception) -> bool | float:
    """Whether asking again may help; a number is in how many seconds."""
    if isinstance(error, TooManyRequests):
        return error.retry_after
    return isinstance(error, Unavailable | Unreachable)


@contextmanager
def an_address(url: str) -> Iterator[None]:
    """Inside, an address that is none becomes Unreachable."""
    try:
        yield
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreachable(f"{url!r} is not an address: {error}") from None
