"""Talking with the hub about our log: what it has answered, what it lacks, what it has beyond ours.

Rules:
- receipts may be lost: while an entry has none, on each connection, and now and then, the hub is
  asked; until it has spoken once it is asked again soon;
- a hint proves nothing but that asking is worth while; one question is asked at a time, because
  what an answer proves depends on what was settled before it was asked for;
- what the hub has lost, or lacks for longer than `Patience`, is sent again;
- where the hub holds more of our log than we do, nothing is written before that is fetched.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from sqlmodel import Session

from bri_node import delivery, journal, measures
from bri_node.hearing import Heard, hear
from bri_node.hub import Hub, HubAway
from bri_node.keys import Seal
from bri_node.patience import Pace, Patience
from bri_node.recovery import Recovery, Unproven
from bri_node.standing import Standing
from bri_node.store import Store

RECOVERING = (
    "The hub holds more of this centre's log than this server, which was restored from a backup. "
    "It is being fetched; publish again in a moment."
)

logger = structlog.get_logger()


class Sending(Protocol):
    """What sends, as far as it is told from here."""

    @property
    def sent(self) -> int:
        """The number up to which entries were sent."""

    def send_again(self, first: int, last: int) -> None:
        """Send these entries once more."""

    def go_on(self, arrived: int) -> None:
        """The log is whole, and the hub has it up to `arrived`."""


class Asking:
    """One centre's conversation with the hub. Belongs to one event loop."""

    def __init__(
        self,
        store: Store,
        seal: Seal,
        pace: Pace,
        sending: Sending,
        on_displaced: Callable[[], None],
    ) -> None:
        """`on_displaced` is called once entries were taken out of the log, to come later in it."""
        self.hub_head: int | None = None
        """Up to where the hub holds our log; None until it has said so."""
        self.recovery = Recovery(store, seal)
        self._store, self._seal, self._pace = store, seal, pace
        self._sending = sending
        self._on_displaced = on_displaced
        self._patience = Patience(pace.patience, pace.longest_patience)
        self._due = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def ask_soon(self) -> None:
        """There is reason to ask."""
        self._due.set()

    async def keep_asking(self, hub: Hub, kept: Callable[[], None]) -> None:
        """Ask whenever there is reason to; `kept` is called in a thread after each time."""
        while True:
            self._due.clear()
            with contextlib.suppress(HubAway):
                while await self.ask(hub):
                    pass
            await asyncio.to_thread(kept)
            await self._until_due()

    async def ask(self, hub: Hub) -> bool:
        """Ask for receipts and heal what the answer shows; answers whether there may be more.

        Raises:
            HubAway: the hub does not answer.
        """
        async with self._one_at_a_time:
            after = await asyncio.to_thread(self._settled)
            heard = await self._take(await hub.receipts(after), after)
            if heard.standing in (Standing.HAS_MORE, Standing.HAS_OTHER):
                return await self._recover(hub)
            if not self._seal.gate.is_confirmed:
                await self._confirm(0)
        settled = await asyncio.to_thread(self._settled)
        return settled > after and await asyncio.to_thread(self._is_behind)

    async def take_hint(self, message: Msg) -> None:
        """Keep the receipts in a message, and ask where they raise a question."""
        try:
            receipts = log_pb2.Receipts.FromString(message.data)
        except DecodeError:
            logger.warning("relay.unreadable_receipts")
            return
        if receipts.centre == self._seal.centre:
            heard = await self._take(receipts, None)
            if heard.standing is not Standing.AGREES or receipts.head < heard.settled:
                self.ask_soon()

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        idle_until = loop.time() + self._pace.idle
        while loop.time() < idle_until:
            confirmed = self._seal.gate.is_confirmed
            pause = self._pace.ask if confirmed else self._pace.retry
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._due.wait()
                return
            hub_lacks = self.hub_head is not None and self.hub_head < self._sending.sent
            if not confirmed or hub_lacks or await asyncio.to_thread(self._is_behind):
                return

    async def _take(self, receipts: log_pb2.Receipts, settled: int | None) -> Heard:
        """Keep what the hub says. `settled` is up to where it had answered before it was asked,
        None where it was not."""
        heard = await asyncio.to_thread(hear, self._store, receipts, settled)
        head, sent = receipts.head, self._sending.sent
        self.hub_head = head
        measures.tell(self._seal.centre, heard.written, sent, heard.settled, head)
        lost = heard.standing is Standing.HAS_LOST and head < sent
        if lost:
            logger.warning("hub.lost_entries", head=head, answered=settled)
        if lost or self._patience.heard(head, sent, asyncio.get_running_loop().time()):
            self._sending.send_again(head + 1, sent)
        return heard

    async def _recover(self, hub: Hub) -> bool:
        """Bring our log to where the hub holds it; answers whether that was done.

        Raises:
            HubAway: the hub does not answer; nothing is written until it has.
        """
        self._seal.gate.close(RECOVERING)
        try:
            recovered = await self.recovery.run(hub)
        except Unproven as error:
            # Whoever claims that we wrote more cannot show it: that must not stop editors.
            logger.error("recovery.unproven", error=str(error))  # noqa: TRY400 - says it all
            await self._confirm(0)
            return False
        measures.RECOVERED.labels(self._seal.centre).inc(recovered.taken)
        if recovered.displaced:
            self._on_displaced()
        await self._confirm(self.hub_head or 0)
        return True

    async def _confirm(self, arrived: int) -> None:
        await self.recovery.finish()
        self._seal.gate.confirm()
        self._sending.go_on(arrived)

    def _settled(self) -> int:
        with self._store.reading() as session:
            return delivery.settled_number(session)

    def _is_behind(self) -> bool:
        """Whether an entry lacks its final receipt."""
        with self._store.reading() as session:
            return _lacks_receipts(session)


def _lacks_receipts(session: Session) -> bool:
    return delivery.settled_number(session) < journal.head_number(session)
