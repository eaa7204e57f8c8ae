"""Delivers the log to the hub and takes the hub's receipts; nobody waits for it.

Rules:
- a broker or hub that is away costs nothing but entries that wait;
- the number sent is kept now and then: after a crash some entries are sent twice, which does no
  harm;
- receipts may be lost: while an entry has none, and on each connection, the hub is asked;
- what the hub asks for, or lacks for longer than `Patience`, is sent again.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import nats.errors
import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlmodel import Session

from bri_kit import transport
from bri_node import delivery, journal
from bri_node.patience import Patience
from bri_node.sending import Sender
from bri_node.store import Store

Value = TypeVar("Value")

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the relay waits before it does things again, in seconds."""

    retry: float = 1.0
    ask: float = 10.0
    answer: float = 5.0
    patience: float = 15.0
    longest_patience: float = 300.0


class Relay:
    """Delivers one centre's log; made in the event loop in which `run` is then a task."""

    def __init__(self, store: Store, centre: str, url: str, pace: Pace | None = None) -> None:
        self._store = store
        self._centre = centre
        self._url = url
        self._pace = pace or Pace()
        self._client: Client | None = None
        self._sender: Sender | None = None
        self._kept = self._read(delivery.sent_number)
        self._hub_head: int | None = None
        self._again: tuple[int, int] | None = None
        self._patience = Patience(self._pace.patience, self._pace.longest_patience)
        self._wake = asyncio.Event()
        self._ask = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop ended before the last writer
                loop.call_soon_threadsafe(self._wake.set)

        store.on_entries(wake)

    def progress(self) -> delivery.Progress:
        """How far delivery has come."""
        connected = self._client is not None and self._client.is_connected
        problem = self._sender.problem if self._sender else ""
        return delivery.Progress(connected, self._sent, self._hub_head, problem)

    @property
    def _sent(self) -> int:
        return self._sender.sent if self._sender else self._kept

    async def run(self) -> None:
        """Deliver until cancelled; whatever goes wrong is logged, and begun again."""
        while True:
            try:
                await self._deliver()
            except Exception:
                logger.exception("relay.failed")
            await asyncio.sleep(self._pace.retry)

    async def _deliver(self) -> None:
        client = self._client = await self._connect()
        sender = self._sender = Sender(self._store, self._centre, client, self._kept)
        try:
            await client.subscribe(transport.receipt_subject(self._centre), cb=self._take_receipts)
            await client.subscribe(transport.resend_subject(self._centre), cb=self._take_resend)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_sending(sender))
                tasks.create_task(self._keep_asking(client))
        finally:
            await client.close()
            self._keep_sent()

    async def _connect(self) -> Client:
        """A connection to the broker, as soon as one can be had."""
        name = f"node-{self._centre}"
        told = False
        while True:
            try:
                return await transport.connect(self._url, name, self._reconnected)
            except (OSError, nats.errors.Error) as error:
                if not told:
                    logger.warning("relay.unconnected", url=self._url, error=repr(error))
                told = True
            await asyncio.sleep(self._pace.retry)

    async def _reconnected(self) -> None:
        if self._sender is not None:
            self._sender.interrupt()
        self._wake.set()
        self._ask.set()

    async def _keep_sending(self, sender: Sender) -> None:
        while True:
            self._wake.clear()
            again, self._again = self._again, None
            done = again is None or await sender.send_again(*again)
            if done and await sender.send_new():
                await self._wake.wait()
            else:
                self._again = self._again or again
                await asyncio.sleep(self._pace.retry)

    async def _keep_asking(self, client: Client) -> None:
        while True:
            self._ask.clear()
            while await self._ask_hub(client):
                pass
            await asyncio.to_thread(self._keep_sent)
            await self._until_behind()

    async def _until_behind(self) -> None:
        """Wait until the hub is to be asked: after a new connection, or while it lacks entries or
        we lack receipts."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ask.wait(), self._pace.ask)
                return
            hub_lacks = self._hub_head is not None and self._hub_head < self._sent
            if hub_lacks or await asyncio.to_thread(self._read, _is_behind):
                return

    async def _ask_hub(self, client: Client) -> bool:
        """Ask for receipts; answers whether there may be more of them."""
        after = await asyncio.to_thread(self._read, delivery.settled_number)
        request = log_pb2.ReceiptsRequest(after=after).SerializeToString()
        subject = transport.ask_subject(self._centre)
        try:
            answer = await client.request(subject, request, timeout=self._pace.answer)
        except (nats.errors.Error, TimeoutError) as error:
            logger.debug("relay.no_answer", error=repr(error))
            return False
        await self._take_receipts(answer)
        settled = await asyncio.to_thread(self._read, delivery.settled_number)
        return settled > after and await asyncio.to_thread(self._read, _is_behind)

    async def _take_receipts(self, message: Msg) -> None:
        try:
            receipts = log_pb2.Receipts.FromString(message.data)
        except DecodeError:
            logger.warning("relay.unreadable_receipts")
            return
        if receipts.centre != self._centre:
            return
        await asyncio.to_thread(self._apply, receipts)
        self._hub_head = receipts.head
        if self._patience.heard(receipts.head, self._sent, asyncio.get_running_loop().time()):
            self._send_again(receipts.head + 1, self._sent)

    async def _take_resend(self, message: Msg) -> None:
        try:
            wanted = log_pb2.ResendRequest.FromString(message.data)
        except DecodeError:
            logger.warning("relay.unreadable_request")
            return
        if 1 <= wanted.first <= wanted.last:
            self._send_again(wanted.first, wanted.last)

    def _send_again(self, first: int, last: int) -> None:
        self._again = (first, last)
        self._wake.set()

    def _apply(self, receipts: log_pb2.Receipts) -> None:
        if receipts.receipts:
            with self._store.writing() as session:
                delivery.apply_receipts(session, receipts.receipts)

    def _keep_sent(self) -> None:
        if self._sent > self._kept:
            with self._store.writing() as session:
                delivery.keep_sent(session, self._sent)
            self._kept = self._sent

    def _read(self, question: Callable[[Session], Value]) -> Value:
        with self._store.reading() as session:
            return question(session)


def _is_behind(session: Session) -> bool:
    """Whether an entry lacks its final receipt."""
    return delivery.settled_number(session) < journal.head_number(session)
