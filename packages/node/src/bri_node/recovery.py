"""Getting our own log back from the hub, after our database was restored from an older backup.

Rules:
- nothing is taken that our own keys do not vouch for, or that does not follow what both sides
  hold: whoever claims that the log was longer has to show it;
- entries come a page at a time, each in a transaction: what is interrupted goes on where it was;
- until all of it is here no entry is written (`gate`), and none that was written without the hub's
  word is sent;
- what was written in the meantime, under numbers that were used already, is written again after it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from bri.log.v1 import log_pb2

from bri_kit import digests, log
from bri_kit.trust import Candidate, Ledger, Standing
from bri_node import adopting, journal, keys
from bri_node.gate import Gate
from bri_node.hub import Hub, HubAway
from bri_node.keys import Seal
from bri_node.store import Store

logger = structlog.get_logger()


class Unproven(Exception):
    """What the hub says of our log is not signed by our keys, or does not follow our log."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it: entries taken back, and entries of ours that had to come after them."""

    taken: int
    displaced: int


class Recovery:
    """Brings one centre's log back to where the hub holds it."""

    def __init__(self, store: Store, seal: Seal) -> None:
        self.remaining = 0
        """How many entries are still to come."""
        self._store = store
        self._seal = seal

    async def run(self, hub: Hub) -> Recovered:
        """Fetch what the hub holds beyond what both hold alike.

        Raises:
            HubAway: the hub does not answer; what has come by now stays.
            Unproven: the hub shows entries that are not ours.
        """
        standing = await hub.compare(log_pb2.CompareRequest())
        common = await self._common(hub, standing.head)
        logger.warning("log.recovering", common=common, hub_head=standing.head)
        taken = 0
        # Verified before anything is put aside: a false claim must not cost a single entry.
        page = await self._fetch(hub, common, standing.head)
        displaced = await asyncio.to_thread(self._displace, common) if page else 0
        while page:
            await asyncio.to_thread(self._adopt, page)
            taken += len(page)
            self.remaining = standing.head - page[-1].number
            page = await self._fetch(hub, page[-1].number, standing.head)
        await self.finish()
        logger.warning("log.recovered", taken=taken, displaced=displaced)
        return Recovered(taken, displaced)

    async def finish(self) -> int:
        """Write again what was put aside, now that the log is whole; answers how many entries that
        made."""
        self.remaining = 0
        return await asyncio.to_thread(self._replace_displaced)

    async def _common(self, hub: Hub, head: int) -> int:
        """The highest number up to which both logs are the same; a log is a chain, so one equal
        hash stands for all before it."""
        low, high = 0, min(head, await asyncio.to_thread(self._head))
        while low < high:
            middle = (low + high + 1) // 2
            if await self._hash_at_hub(hub, middle) == await asyncio.to_thread(self._hash, middle):
                low = middle
            else:
                high = middle - 1
        return low

    async def _hash_at_hub(self, hub: Hub, number: int) -> bytes:
        index, place = divmod(number - 1, digests.FANOUT)
        found = await hub.digests(log_pb2.TREE_ENTRIES, 1, [index], number)
        if len(found) <= place:
            raise HubAway("The hub's log of ours has become shorter.")
        return found[place]

    async def _fetch(self, hub: Hub, after: int, last: int) -> list[Candidate]:
        if after >= last:
            return []
        question = log_pb2.EntriesQuestion(first=after + 1, last=last)
        response = await hub.compare(log_pb2.CompareRequest(entries=question))
        return await asyncio.to_thread(self._verify, response.entries, after)

    def _verify(self, envelopes: Sequence[bytes], after: int) -> list[Candidate]:
        with self._store.reading() as session:
            ring = keys.ring(session, self._seal)
        ledger = Ledger(self._seal.centre, ring, after, self._hash(after))
        judged = ledger.judge(list(envelopes), lambda _: None)
        good = [each.candidate for each in judged if each.standing is Standing.ACCEPTED]
        if not judged or len(good) < len(judged):
            raise Unproven(f"The entries after {after} that the hub shows are not ours.")
        return [each for each in good if each is not None]

    def _head(self) -> int:
        with self._store.reading() as session:
            return journal.head_number(session)

    def _hash(self, number: int) -> bytes:
        with self._store.reading() as session:
            line = journal.find(session, number)
        return line.hash if line else log.GENESIS

    def _displace(self, common: int) -> int:
        with self._store.writing() as session:
            count = adopting.displace(session, common)
        if count:
            logger.warning("log.displaced", after=common, entries=count)
        return count

    def _adopt(self, page: Sequence[Candidate]) -> None:
        with self._store.writing() as session:
            adopting.adopt(session, self._seal, page)

    def _replace_displaced(self) -> int:
        with self._store.reading() as session:
            if not adopting.is_displaced(session):
                return 0
        with self._store.writing() as session:
            return adopting.replace_displaced(session, replace(self._seal, gate=Gate()))
