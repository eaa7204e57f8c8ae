"""Request bodies: neither larger than their route takes, nor endless, nor too slow.

Rules:
- a body is at most DEFAULT_BYTES long unless its route allows more (`allow`), which it does when it
  has authenticated the sender and before it reads; what no route allows is never received;
- a larger body is refused (413) by its announced length, or as it arrives;
- a JSON body is bounded in values and depth too (`json_bounds`), as it arrives;
- a body whose next part does not come within `idle_seconds`, or that on the whole comes slower than
  MIN_BYTES_PER_SECOND, is given up (408): only the time in which the service waits counts;
- where a route streams its body there is no limit to its length or pace, only to its pauses; what
  reads it is told that the client has gone;
- an answer that goes out before a large body was read closes the connection: the rest is not worth
  receiving.
"""

import asyncio
import time
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bri_kit.errors import BriError, TooLarge, TooSlow
from bri_kit.json_bounds import JsonBounds
from bri_kit.problems import problem_response

DEFAULT_BYTES = 64 * 1024
MIN_BYTES_PER_SECOND = 1024
_DISCONNECTION: Message = {"type": "http.disconnect"}
_BODY = "bri.body"
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a route takes. `size` is in bytes, None for whatever the service takes at most;
    `is_stream` is a body that is read as it comes, however long; `values` bounds a JSON body."""

    size: int | None = DEFAULT_BYTES
    is_stream: bool = False
    values: int | None = None


DEFAULT = Allowance()


def allow(scope: Scope, allowance: Allowance) -> None:
    """Take a body of this kind from the sender of a request, none of which was read yet."""
    body: _Body | None = scope.get(_BODY)
    if body is not None:
        body.allow(allowance)


class BodyLimit:
    """Refuses bodies beyond what their routes take, `limit` bytes at most, and those that do not
    come."""

    def __init__(self, app: ASGIApp, limit: int, idle_seconds: float) -> None:
        self.app = app
        self.limit = limit
        self.idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, send, self.limit, self.idle_seconds)
        scope[_BODY] = body
        try:
            await self.app(scope, body.receive, body.send)
        except ClientDisconnect:
            await (
                body.answer_fault()
            )  # else the client has gone indeed, and there is nobody to tell


class _Body:
    """One request's body as it arrives, and the answer: an application that gave up because the
    body did has its own words for it replaced by ours."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, limit: int, idle_seconds: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._most = limit
        self._limit: int | None = min(limit, DEFAULT_BYTES)
        self._bounds: JsonBounds | None = None
        self._announced = _announced_length(scope)
        self._is_chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        self._idle_seconds = idle_seconds
        self._bytes = 0
        self._waited = 0.0
        self._complete = False
        self._fault: BriError | None = None
        self._replaced = False
        self._started = False

    def allow(self, allowance: Allowance) -> None:
        size = self._most if allowance.size is None else min(allowance.size, self._most)
        self._limit = None if allowance.is_stream else size
        self._bounds = None if allowance.values is None else JsonBounds(allowance.values)

    async def receive(self) -> Message:
        if self._fault is not None:
            return _DISCONNECTION
        if self._complete:  # what comes now is the client's leaving, for which one may wait long
            return await self._receive()
        if self._limit is not None and self._announced > self._limit:
            self._fault = _too_large(self._limit)
            return _DISCONNECTION
        message = await self._next()
        part = message.get("body", b"")
        self._bytes += len(part)
        self._complete = not message.get("more_body", False)
        if self._fault is None:
            self._fault = self._judge(part)
        return message if self._fault is None else _DISCONNECTION

    def _judge(self, part: bytes) -> BriError | None:
        if self._limit is not None and self._bytes > self._limit:
            return _too_large(self._limit)
        return self._bounds.feed(part) if self._bounds is not None else None

    async def _next(self) -> Message:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._patience()):
                return await self._receive()
        except TimeoutError:
            self._fault = TooSlow("The body did not arrive in time.")
            return _DISCONNECTION
        finally:
            self._waited += time.monotonic() - began

    def _patience(self) -> float:
        """Seconds that may pass until the next part; an allowance grows with what has come."""
        if self._limit is None:
            return self._idle_seconds
        allowed = self._idle_seconds + self._bytes / MIN_BYTES_PER_SECOND
        return min(self._idle_seconds, max(0.0, allowed - self._waited))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._fault is not None:
            await self.answer_fault()
        if not self._replaced:
            if message["type"] == "http.response.start" and self._is_left_over():
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            self._started = True
            await self._send(message)

    def _is_left_over(self) -> bool:
        """Whether more is to come than is worth receiving for the sake of the connection."""
        is_large = self._announced > DEFAULT_BYTES or self._is_chunked
        return is_large and not self._complete and self._limit is not None

    async def answer_fault(self) -> None:
        """Answer what is wrong with the body, unless nothing is or an answer is under way."""
        if self._fault is None or self._started or self._replaced:
            return
        self._replaced = True
        response = problem_response(self._fault)
        response.headers["Connection"] = "close"  # the rest of the body is not worth reading
        await response({"type": "http"}, self._receive, self._send)


def _too_large(limit: int) -> TooLarge:
    is_small = limit < _KIB * _KIB
    size = f"{limit // _KIB} KiB" if is_small else f"{limit // _KIB // _KIB} MiB"
    return TooLarge(f"This request may carry at most {size}.")


def _announced_length(scope: Scope) -> int:
    """The length that the sender states; 0 where it states none, as for a body in chunks."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
