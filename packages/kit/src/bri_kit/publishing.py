"""Publishing to JetStream a window at a time, with an inbox of one's own for the acknowledgements.

Awaiting each acknowledgement costs a round trip a message; here a whole window is under way. It
goes out as one atomic batch (NATS ADR-50), which the broker writes to disk once instead of once for
each message. A batch is taken whole or not at all, and one repeated message spoils it: then its
messages go out one by one. A message counts as sent only when the broker said so.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

MAX_BATCH = 1_000
"""The most messages that the broker takes in one atomic batch."""

SILENCE_SECONDS = 3.0
"""So long without any acknowledgement, and the rest of the window counts as lost."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and its id, by which the broker recognises a repeat."""

    id: str
    data: bytes


class _Window:
    """Acknowledgements that are awaited for one window of messages."""

    def __init__(self, size: int) -> None:
        self.errors: list[str | None] = ["no acknowledgement"] * size
        self._open = set(range(size))
        self._progress = asyncio.Event()

    def settle(self, index: int, error: str | None) -> None:
        self.errors[index] = error
        self._open.discard(index)
        self._progress.set()

    async def close(self) -> None:
        """Returns when every answer is in, or the broker has fallen silent."""
        with suppress(TimeoutError):
            while self._open:
                self._progress.clear()
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self._progress.wait()


class Publisher:
    """Publishes windows of messages, one window at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._window: _Window | None = None
        self._count = 0

    async def publish(self, subject: str, messages: Sequence[Outgoing]) -> list[str | None]:
        """Publish all `messages` in order and wait for the broker's answers.

        Returns, for each, None where the broker has it and otherwise what went wrong, so that a
        caller can go on from the first that is missing.
        """
        if not messages:
            return []
        if self._subscription is None:
            self._subscription = await self._client.subscribe(
                f"{self._inbox}.*.*", cb=self._receive
            )
        if 1 < len(messages) <= MAX_BATCH and not await self._publish_batch(subject, messages):
            return [None] * len(messages)
        return await self._publish_each(subject, messages)

    async def _publish_each(self, subject: str, messages: Sequence[Outgoing]) -> list[str | None]:
        window = self._open_window(len(messages))
        for index, message in enumerate(messages):
            reply = f"{self._inbox}.{self._count}.{index}"
            headers = {"Nats-Msg-Id": message.id}
            await self._client.publish(subject, message.data, reply=reply, headers=headers)
        await window.close()
        return window.errors

    async def _publish_batch(self, subject: str, messages: Sequence[Outgoing]) -> str | None:
        """Publish all or none; answers what went wrong, for example that one is a repeat."""
        window = self._open_window(1)
        batch = f"{self._inbox[-22:]}-{self._count}"
        for number, message in enumerate(messages, 1):
            headers = {
                "Nats-Msg-Id": message.id,
                "Nats-Batch-Id": batch,
                "Nats-Batch-Sequence": str(number),
            }
            reply = ""
            if number == len(messages):
                headers["Nats-Batch-Commit"] = "1"
                reply = f"{self._inbox}.{self._count}.0"
            await self._client.publish(subject, message.data, reply=reply, headers=headers)
        await window.close()
        return window.errors[0]

    def _open_window(self, size: int) -> _Window:
        self._count += 1
        self._window = _Window(size)
        return self._window

    async def _receive(self, message: Msg) -> None:
        _, count, index = message.subject.rsplit(".", 2)
        if self._window is not None and int(count) == self._count:
            self._window.settle(int(index), _error_in(message))


def _error_in(message: Msg) -> str | None:
    if message.headers and message.headers.get("Status"):
        return "no stream takes this subject"
    try:
        answer = orjson.loads(message.data)
        error = answer.get("error")
        return str(error.get("description", error)) if error else None
    except (ValueError, AttributeError):
        return "an answer that is not JetStream's"
