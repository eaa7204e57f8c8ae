"""Reconciliation: what we hold and what the hub holds are compared, and made the same again.

Rules:
- the log is compared by digests of ranges, then the records; of the bytes that the hub keeps it
  hashes a part again each time, going round;
- what the hub lacks is sent again, what it holds beyond our log is fetched, and what it holds
  damaged is offered once more, all of it proven; nothing is removed because it is absent somewhere;
- concurrent calls are one run; whoever calls waits `ANSWER_SECONDS` at most, and the run goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from bri.log.v1 import log_pb2

from bri_kit import clock, digests
from bri_kit.errors import Unavailable
from bri_node import comparison, delivery, descent, journal, measures, verdicts
from bri_node.hub import Hub, HubAway
from bri_node.store import Store

ANSWER_SECONDS = 20.0
CHECKED = 4_096
"""How many of the hub's entries it hashes again in one run."""
CHECKED_AT_ONCE = 1_024
MENDED_AT_ONCE = 2 * 1024 * 1024
"""Bytes of entries in one offer."""
MANY_WAITING = 1_000
"""Where more entries wait than this, records are not compared: they will differ."""

Report = dict[str, Any]

logger = structlog.get_logger()


class Reconciler:
    """Compares one centre's log with the hub's. `last` is the newest report, None before the first.
    Belongs to one event loop."""

    def __init__(
        self, store: Store, centre: str, settle: Callable[[], Awaitable[list[Report]]]
    ) -> None:
        """`settle` has the relay ask the hub where it stands, and heal what that shows; it answers
        what was sent again."""
        self.last: Report | None = None
        self.hub: Hub | None = None
        """The line to the hub, while there is one."""
        self._store = store
        self._centre = centre
        self._settle = settle
        self._running: asyncio.Task[Report] | None = None
        self._checked = 0

    async def answer(self) -> Report:
        """A run's report; of the run under way where there is one.

        Raises:
            Unavailable: the hub cannot be asked, or the run takes longer than callers wait.
        """
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self.run())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.shield(self._running)
        except TimeoutError as error:
            detail = f"Comparing takes longer than {ANSWER_SECONDS:.0f} s; it goes on."
            raise Unavailable(f"{detail} Its result will be at /api/v1/delivery.") from error

    async def run(self) -> Report:
        """Compare and repair once.

        Raises:
            Unavailable: the hub cannot be asked.
        """
        hub = self.hub
        if hub is None:
            raise Unavailable("There is no connection to the broker, so the hub cannot be asked.")
        bytes_before, rounds_before = hub.bytes, hub.rounds
        try:
            report = await self._compare(hub)
        except HubAway as error:
            measures.COMPARISONS.labels(self._centre, "failed").inc()
            raise Unavailable(str(error)) from error
        report |= {"bytes": hub.bytes - bytes_before, "rounds": hub.rounds - rounds_before}
        outcome = "differed" if report["differed"] or report["resent"] else "same"
        measures.COMPARISONS.labels(self._centre, outcome).inc()
        measures.COMPARISON_BYTES.labels(self._centre).inc(report["bytes"])
        logger.info("log.compared", outcome=outcome, bytes=report["bytes"])
        self.last = report
        return report

    async def _compare(self, hub: Hub) -> Report:
        resent = await self._settle()
        standing = await hub.compare(log_pb2.CompareRequest())
        written = await asyncio.to_thread(self._written)
        upto = min(written, standing.head)
        differed, whole = await self._compare_entries(hub, upto)
        records, all_records = await self._compare_records(hub, upto)
        accepted, rejected, rejections = await asyncio.to_thread(self._rejections)
        report: Report = {
            "at": clock.timestamp(),
            "written": written,
            "held": standing.head - standing.rejected,
            "waiting": written - accepted - rejected,
            "differed": differed + records,
            "complete": whole and all_records,
            "resent": resent,
            "rejected": rejections,
            "rejected_count": rejected,
        }
        return report | {"summary": verdicts.summary(report)}

    async def _compare_entries(self, hub: Hub, upto: int) -> tuple[list[Report], bool]:
        def within(level: int, index: int, upto: int) -> list[bytes]:
            with self._store.reading() as session:
                log = comparison.Log(session)
                found = digests.within(log.side, level, index, upto)
            if log.made:
                with self._store.writing() as session:
                    comparison.keep_digests(session, log.made)
            return found

        found = await descent.find_differing(hub, log_pb2.TREE_ENTRIES, within, upto)
        numbers = {*found.numbers, *await self._damaged(hub, upto)}
        return await self._offer(hub, sorted(numbers)), found.whole

    async def _damaged(self, hub: Hub, upto: int) -> list[int]:
        """What the hub finds when it hashes the next part of its bytes again."""
        found: list[int] = []
        began = self._checked if self._checked < upto else 0
        self._checked = min(began + CHECKED, upto)
        for first in range(began + 1, self._checked + 1, CHECKED_AT_ONCE):
            last = min(first + CHECKED_AT_ONCE - 1, self._checked)
            question = log_pb2.CheckQuestion(first=first, last=last)
            found += (await hub.compare(log_pb2.CompareRequest(check=question))).numbers
        return found

    async def _offer(self, hub: Hub, numbers: Sequence[int]) -> list[Report]:
        """Offer the hub our bytes of entries that it holds otherwise, the last ones first: an entry
        is proven by the one after it."""
        mended: set[int] = set()
        records: dict[int, str] = {}
        rest = sorted(numbers, reverse=True)
        while rest:
            lines = await asyncio.to_thread(self._lines, rest)
            offer = log_pb2.Mending(entries=[line.envelope for line in lines])
            mended.update((await hub.compare(log_pb2.CompareRequest(mending=offer))).numbers)
            records |= {line.number: line.record_id for line in lines}
            rest = rest[len(lines) :]
        return [verdicts.entry(number, records[number], number in mended) for number in numbers]

    def _lines(self, numbers: Sequence[int]) -> list[journal.LogLine]:
        found: list[journal.LogLine] = []
        size = 0
        with self._store.reading() as session:
            for number in numbers:
                line = journal.find(session, number)
                assert line is not None, "numbers are compared up to our head"
                size += len(line.envelope)
                if found and size > MENDED_AT_ONCE:
                    break
                found.append(line)
        return found

    async def _compare_records(self, hub: Hub, upto: int) -> tuple[list[Report], bool]:
        ours = await asyncio.to_thread(self._records)
        if ours is None:
            return [], False

        def within(level: int, index: int, upto: int) -> list[bytes]:
            return digests.within(ours.side, level, index, upto)

        found = await descent.find_differing(hub, log_pb2.TREE_RECORDS, within, upto)
        if not found.numbers:
            return [], found.whole
        question = log_pb2.RecordsQuestion(numbers=found.numbers)
        theirs = await hub.compare(log_pb2.CompareRequest(records=question))
        wrong = await asyncio.to_thread(
            self._wrong, ours.at(set(found.numbers)), theirs.records, upto
        )
        return await self._remake(hub, wrong), found.whole

    def _records(self) -> comparison.Records | None:
        with self._store.reading() as session:
            head, settled = journal.head_number(session), delivery.settled_number(session)
            return comparison.Records(session) if head - settled <= MANY_WAITING else None

    def _wrong(
        self,
        ours: dict[str, comparison.Shown],
        theirs: Sequence[log_pb2.RecordState],
        upto: int,
    ) -> list[str]:
        """The records that the hub shows otherwise than it should; what is on its way is no
        difference."""
        shown = {each.id: each for each in theirs}
        with self._store.reading() as session:
            return [
                each
                for each in sorted({*ours, *shown})
                if comparison.is_wrong(session, each, shown.get(each), upto)
            ]

    async def _remake(self, hub: Hub, wrong: Sequence[str]) -> list[Report]:
        if not wrong:
            return []
        offer = log_pb2.Mending(records=wrong)
        answer = await hub.compare(log_pb2.CompareRequest(mending=offer))
        remade = {each.id for each in answer.records}
        return [verdicts.record(each, each in remade) for each in wrong]

    def _written(self) -> int:
        with self._store.reading() as session:
            return journal.head_number(session)

    def _rejections(self) -> tuple[int, int, list[Report]]:
        with self._store.reading() as session:
            accepted, rejected = delivery.count_final(session)
            return accepted, rejected, delivery.rejected(session)
