"""Consuming JetStream in batches: whatever has arrived, up to a limit, with pulls kept under way.

A pull is asked for before the last one is used up, so the broker never waits for us; when nobody
takes what has arrived, no more is asked for. After a reconnection it asks anew; stream and consumer
are made again where the broker lost them. A message may come twice, never not at all.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress

import nats.errors
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from bri_kit import transport

PULL = 500
PULL_BYTES = 16 * 1024 * 1024
EXPIRES_SECONDS = 3.0
LINGER_SECONDS = 0.002
_NANOSECONDS = 1_000_000_000

logger = structlog.get_logger()


class Consumer:
    """The hub's place in the stream. `next_batch` and `acknowledge` are called by one task."""

    def __init__(self, client: Client, replicas: int = 1) -> None:
        """`replicas` of the stream are kept."""
        self.stream = ""
        """Tells the stream that is consumed from earlier ones of its name."""
        self._client = client
        self._replicas = replicas
        self._inbox = client.new_inbox()
        self._arrived: deque[Msg] = deque()
        self._handed_on: deque[Msg] = deque()
        self._subscription: Subscription | None = None
        self._signal = asyncio.Event()
        self._expected = 0
        self._pull_number = 0
        self._lost = False
        self._reconnects = client.stats["reconnects"]
        self._heard_at = time.monotonic()

    async def start(self) -> None:
        """Make sure that the stream is there, and begin.

        Raises:
            nats.errors.Error: the server refuses or does not answer.
        """
        self.stream = await transport.ensure_stream(self._client, self._replicas)
        self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._receive)
        await self._pull()

    async def next_batch(self, limit: int) -> list[Msg]:
        """At least one and at most `limit` messages, as soon as there are any."""
        while not self._arrived:
            if self._lost:
                await self._recover()
            await self._pull()
            await self._wait()
        await self._linger(limit)
        batch = [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]
        self._handed_on.extend(batch)
        await self._pull()
        return batch

    async def _linger(self, limit: int) -> None:
        """While more keeps coming, a larger batch is cheaper for whoever stores it."""
        arrived = 0
        while arrived < len(self._arrived) < limit:
            arrived = len(self._arrived)
            await self._pull()
            await asyncio.sleep(LINGER_SECONDS)

    async def _wait(self) -> None:
        """Until something comes in.

        What was asked before a reconnection is not coming any more, and every pull ends with a word
        from the broker: where none came in time, the pull was lost.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._signal.wait()
        self._signal.clear()
        reconnects = self._client.stats["reconnects"]
        overdue = time.monotonic() - self._heard_at > EXPIRES_SECONDS + 1
        if reconnects != self._reconnects or overdue:
            self._reconnects, self._expected = reconnects, 0

    async def acknowledge(self, last: Msg) -> None:
        """Tell the broker that `last` and all messages before it are done with."""
        while self._handed_on and self._handed_on.popleft() is not last:
            pass
        await self._client.publish(last.reply, b"+ACK")

    async def stop(self) -> None:
        """Take no more, and give back what was not acknowledged, so that whoever consumes next has
        it at once and not after a minute."""
        if self._subscription is None or self._client.is_closed:
            return
        await self._subscription.unsubscribe()
        for message in (*self._handed_on, *self._arrived):
            await self._client.publish(message.reply, b"-NAK")

    async def _pull(self) -> None:
        if len(self._arrived) + self._expected > PULL:
            return
        self._pull_number += 1
        self._heard_at = time.monotonic()
        self._expected += PULL
        expires = int(EXPIRES_SECONDS * _NANOSECONDS)
        request = {"batch": PULL, "max_bytes": PULL_BYTES, "expires": expires}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{transport.STREAM}.{transport.HUB_CONSUMER}"
        reply = f"{self._inbox}.{self._pull_number}"
        await self._client.publish(subject, orjson.dumps(request), reply=reply)

    async def _receive(self, message: Msg) -> None:
        headers = message.headers or {}
        if "Status" in headers:
            self._end_pull(headers)
        else:
            self._arrived.append(message)
            self._expected = max(0, self._expected - 1)
        self._heard_at = time.monotonic()
        self._signal.set()

    def _end_pull(self, headers: dict[str, str]) -> None:
        """A pull ended unfilled: expired (408), full of bytes (409), or nobody is there."""
        unfilled = int(headers.get("Nats-Pending-Messages", PULL))
        self._expected = max(0, self._expected - unfilled)
        deleted = "Deleted" in headers.get("Description", "")
        self._lost = self._lost or deleted or headers["Status"] in ("404", "503")

    async def _recover(self) -> None:
        self._lost = False
        try:
            self.stream = await transport.ensure_stream(self._client, self._replicas)
        except (nats.errors.Error, OSError) as error:
            logger.warning("stream.unavailable", error=repr(error))
            self._lost = True
            await asyncio.sleep(1)
