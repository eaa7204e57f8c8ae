"""Delivers the log to the hub and takes the hub's receipts; nobody waits for it.

Rules:
- a broker or hub that is away costs nothing but entries that wait;
- the number sent is kept now and then: after a crash some entries are sent twice, which does no
  harm;
- what the hub asks for is sent again;
- what was written since this start is not sent before the hub has given its word that the log is
  whole: one restored from a backup is brought up to date first (`asking`);
- every `Pace.compare` seconds the whole log is compared with what the hub holds.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

import nats.errors
import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from sqlmodel import Session

from bri_kit import complaints, transport
from bri_kit.access import ANYBODY, Access
from bri_kit.ending import together
from bri_kit.errors import Unavailable
from bri_node import delivery, journal
from bri_node.asking import Asking
from bri_node.hub import Hub, HubAway
from bri_node.keys import Seal
from bri_node.patience import Pace
from bri_node.reconciling import Reconciler
from bri_node.sending import Sender
from bri_node.store import Store

Value = TypeVar("Value")
Span = dict[str, int]

logger = structlog.get_logger()


class Relay:
    """Delivers one centre's log; made in the event loop in which `run` is then a task."""

    def __init__(
        self,
        store: Store,
        seal: Seal,
        url: str,
        pace: Pace | None = None,
        on_displaced: Callable[[], None] = lambda: None,
        access: Access = ANYBODY,
    ) -> None:
        """`on_displaced` is called once entries were taken out of the log, to come later in it;
        `access` says how the broker lets us in."""
        self._access = access
        self._problem = ""
        self._store, self._seal, self._centre, self._url = store, seal, seal.centre, url
        self._pace = pace or Pace()
        self._client: transport.Connection | None = None
        self._sender: Sender | None = None
        self._kept = self._read(delivery.sent_number)
        self._began_at = self._read(journal.head_number)
        self._again: tuple[int, int] | None = None
        self._asking = Asking(store, seal, self._pace, self, on_displaced)
        self.reconciler = Reconciler(store, self._centre, self._settle)
        self._wake = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop ended before the last writer
                loop.call_soon_threadsafe(self._wake.set)

        store.on_entries(wake)

    def progress(self) -> delivery.Progress:
        """How far delivery has come."""
        sender = self._sender
        return delivery.Progress(
            connected=self._client is not None and self._client.is_connected,
            sent=self.sent,
            hub_head=self._asking.hub_head,
            problem=self._problem or (sender.problem if sender else ""),
            again=sender.again if sender else None,
            recovering=self._asking.recovery.remaining,
            unsettled=self._seal.gate.reason,
            is_shown_out=complaints.is_shown_out(self._problem),
        )

    @property
    def sent(self) -> int:
        """The number up to which entries were sent."""
        return self._sender.sent if self._sender else self._kept

    def send_again(self, first: int, last: int) -> None:
        """Send these entries once more."""
        self._again = (first, last)
        self._wake.set()

    def go_on(self, arrived: int) -> None:
        """The log is whole, and the hub has it up to `arrived`: the rest may go out."""
        if self._sender is not None:
            self._sender.sent = max(self._sender.sent, arrived)
        self._wake.set()

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
        self._hear("")
        sender = self._sender = Sender(self._store, self._centre, client, self._kept)
        hub = self.reconciler.hub = Hub(client, self._centre, self._pace.answer)
        hints, requests = (
            transport.receipt_subject(self._centre),
            transport.resend_subject(self._centre),
        )
        try:
            await client.subscribe(hints, cb=self._asking.take_hint)
            await client.subscribe(requests, cb=self._take_resend)
            await together(
                self._keep_sending(sender),
                self._asking.keep_asking(hub, self._keep_sent),
                self._keep_comparing(),
                client.until_ended(),
            )
        except transport.ConnectionEnded as reason:
            logger.warning("relay.ended", url=self._url, problem=str(reason))
            self._hear(str(reason))
        finally:
            self.reconciler.hub = None
            await client.close()
            self._keep_sent()

    def _hear(self, problem: str) -> None:
        """What is wrong with the connection, empty for nothing."""
        if (self._problem, problem) != (complaints.REVOKED, complaints.NOT_TAKEN):
            # Who knocks again is told less than who is shown out.
            self._problem = problem

    async def _connect(self) -> transport.Connection:
        """A connection to the broker, as soon as one can be had."""
        name = f"node-{self._centre}"
        told = False
        while True:
            try:
                return await transport.connect(
                    self._url, name, self._reconnected, self._access, self._hear
                )
            except (OSError, ValueError, nats.errors.Error) as error:
                if not told:
                    logger.warning("relay.unconnected", url=self._url, error=repr(error))
                told = True
                self._hear(complaints.explain(error))
            await asyncio.sleep(self._pace.retry)

    async def _reconnected(self) -> None:
        if self._sender is not None:
            self._sender.interrupt()
        self._wake.set()
        self._asking.ask_soon()

    async def _keep_sending(self, sender: Sender) -> None:
        while True:
            self._wake.clear()
            again, self._again = self._again, None
            done = again is None or await sender.send_again(*again)
            last = None if self._seal.gate.is_confirmed else self._began_at
            if done and await sender.send_new(last):
                # Another process, such as one that rotates the key, may write without waking us.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.ask):
                        await self._wake.wait()
            else:
                self._again = self._again or again
                await asyncio.sleep(self._pace.retry)

    async def _keep_comparing(self) -> None:
        while True:
            await asyncio.sleep(self._pace.compare)
            with contextlib.suppress(Unavailable):
                await self.reconciler.answer()

    async def _settle(self) -> list[Span]:
        """Ask where the hub stands and take its receipts; answers what is sent again for it."""
        hub = self.reconciler.hub
        if hub is None:
            raise HubAway("The connection to the broker was lost.")
        before = self._again
        while await self._asking.ask(hub):
            pass
        if self._again is None or self._again == before:
            return []
        first, last = self._again
        return [{"first": first, "last": last}]

    async def _take_resend(self, message: Msg) -> None:
        try:
            wanted = log_pb2.ResendRequest.FromString(message.data)
        except DecodeError:
            logger.warning("relay.unreadable_request")
            return
        if 1 <= wanted.first <= wanted.last:
            self.send_again(wanted.first, wanted.last)

    def _keep_sent(self) -> None:
        if self.sent > self._kept:
            with self._store.writing() as session:
                delivery.keep_sent(session, self.sent)
            self._kept = self.sent

    def _read(self, question: Callable[[Session], Value]) -> Value:
        with self._store.reading() as session:
            return question(session)
