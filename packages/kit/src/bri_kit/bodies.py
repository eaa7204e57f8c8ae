"""Request bodies: neither too large, nor endless, nor so slow that they hold a place for nothing.

Rules:
- a body larger than the limit is refused (413) by its announced length, or as it arrives;
- one whose next part does not come within `idle_seconds`, or that on the whole comes slower than
  MIN_BYTES_PER_SECOND, is given up (408) and its connection closed: only the time in which the
  service waits for the client counts;
- where a path streams its body there is no limit to its length or pace, only to its pauses; what
  reads it is told that the client has gone.
"""

import asyncio
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bri_kit.errors import BriError, TooLarge, TooSlow
from bri_kit.problems import problem_response

MAX_BODY_BYTES = 32 * 1024 * 1024
MIN_BYTES_PER_SECOND = 1024
_DISCONNECTION: Message = {"type": "http.disconnect"}


class BodyLimit:
    """Refuses bodies beyond `limit` bytes, and those that do not come."""

    def __init__(
        self, app: ASGIApp, limit: int, unlimited_paths: tuple[str, ...], idle_seconds: float
    ) -> None:
        self.app = app
        self.limit = limit
        self.unlimited_paths = unlimited_paths
        self.idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        unlimited = scope["path"] in self.unlimited_paths
        if not unlimited and _announced_length(scope) > self.limit:
            await problem_response(_too_large(self.limit))(scope, receive, send)
            return
        body = _Body(receive, send, None if unlimited else self.limit, self.idle_seconds)
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
        self, receive: Receive, send: Send, limit: int | None, idle_seconds: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._bytes = 0
        self._waited = 0.0
        self._complete = False
        self._fault: BriError | None = None
        self._replaced = False
        self._started = False

    async def receive(self) -> Message:
        if self._fault is not None:
            return _DISCONNECTION
        if self._complete:  # what comes now is the client's leaving, for which one may wait long
            return await self._receive()
        message = await self._next()
        self._bytes += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._limit is not None and self._bytes > self._limit:
            self._fault = _too_large(self._limit)
        return message if self._fault is None else _DISCONNECTION

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
            self._started = True
            await self._send(message)

    async def answer_fault(self) -> None:
        """Answer what is wrong with the body, unless nothing is or an answer is under way."""
        if self._fault is None or self._started or self._replaced:
            return
        self._replaced = True
        response = problem_response(self._fault)
        response.headers["Connection"] = "close"  # the rest of the body is not worth reading
        await response({"type": "http"}, self._receive, self._send)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"A request may carry at most {limit // 1024 // 1024} MiB.")


def _announced_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
