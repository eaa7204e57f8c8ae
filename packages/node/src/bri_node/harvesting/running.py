"""Reading the centre's sources when they are due, a few at a time, as long as the node runs.

Rules:
- what is due is kept in the database: a restart only delays it;
- reading happens in another process (`bri_harvesting.child`), keeping in a thread, a batch a
  transaction; nothing of it holds up whoever reads or writes here;
- a batch and the cursor behind it are one transaction; a table is one batch, or nothing;
- a source that was changed or removed while it was read keeps nothing more of that reading;
- AT_ONCE sources are read at the same time, so one that is slow does not keep the others waiting;
  a source is read once at a time, and what is found is kept by one reading at a time;
- a source that exhausted its limits is read again later each time, the first time after
  AFTER_EXHAUSTION;
- whatever goes wrong with a source is told of that source, and the others go on.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import orjson
import structlog
from sqlmodel import Session

from bri_harvesting import child
from bri_harvesting.exchange import Order
from bri_harvesting.source import MAX_FAULTS, Fault, Gone, Item, Kind, Limits, Mark, Source
from bri_kit import clock
from bri_kit.errors import Unavailable
from bri_node.harvesting import keeping, sources
from bri_node.harvesting.items import prepare
from bri_node.harvesting.keeping import Reading, Tally
from bri_node.harvesttables import HarvestSourceRow
from bri_node.node import Node

LOOK_EVERY = 1.0
"""Seconds between two looks at what is due."""
AT_ONCE = 2
BATCH = 200
PROBES = 10
"""Addresses of things no longer listed that are tried in one reading."""
PROBE_AGAIN = timedelta(days=1)
AFTER_EXHAUSTION = timedelta(hours=1)
_UNSTABLE = 3

logger = structlog.get_logger()


class SourceChanged(Exception):
    """The source is not as it was when its reading began."""


@dataclass
class Readings:
    """The readings of one node: the names of the sources that are being read, and the locks under
    which one is begun and what it found is kept."""

    busy: set[str] = field(default_factory=set)
    beginning: asyncio.Lock = field(default_factory=asyncio.Lock)
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Run:
    """One reading of a source: what it began with, and what came of it so far."""

    node: Node
    source: HarvestSourceRow
    order: Order
    keeping: asyncio.Lock
    began_at: str
    tally: Tally = field(default_factory=Tally)
    faults: list[Fault] = field(default_factory=list)
    pending: list[Item | Gone] = field(default_factory=list)
    marked: Mark | None = None

    @property
    def fatal(self) -> Fault | None:
        """What ended the reading, where it did not end well."""
        return next((each for each in self.faults if each.fatal), None)


async def run(
    node: Node,
    read: child.Read = child.read,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    every: float = LOOK_EVERY,
) -> None:
    """Read what is due, as long as the node runs."""
    readings = Readings()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_run(node, read, limits, every, readings))


async def _run(
    node: Node, read: child.Read, limits: Limits, every: float, readings: Readings
) -> None:
    while True:
        try:
            while await run_due(node, read, limits, readings):
                pass
        except Exception:  # one bad reading must not be the last
            logger.exception("harvest.failed")
        await asyncio.sleep(every)


async def run_due(
    node: Node, read: child.Read, limits: Limits, readings: Readings | None = None
) -> bool:
    """Read the source that has been waiting longest and is not being read; answers whether there
    was one."""
    readings = readings or Readings()
    async with readings.beginning:
        running = await asyncio.to_thread(_begin, node, limits, readings)
        if running is None:
            return False
        readings.busy.add(running.source.name)
    try:
        await _run_one(running, read)
    finally:
        readings.busy.discard(running.source.name)
    return True


async def _run_one(running: Run, read: child.Read) -> None:
    started = time.perf_counter()
    try:
        await _read(running, read)
    except SourceChanged:
        logger.info("harvest.abandoned", source=running.source.name)
        return
    except Unavailable as fact:
        running.faults.append(Fault("waiting", fact.detail, fatal=True))
    except Exception as error:
        logger.exception("harvest.broken", source=running.source.name)
        running.faults.append(Fault("broken", type(error).__name__, fatal=True))
    took = round((time.perf_counter() - started) * 1000)
    await asyncio.to_thread(_end, running, took)


def _begin(node: Node, limits: Limits, readings: Readings) -> Run | None:
    with node.store.reading() as session:
        name = sources.due(session, readings.busy)
    if name is None:
        return None
    with node.store.writing() as session:
        row = session.get(HarvestSourceRow, name)
        if row is None or row.next_at is None:
            return None
        before = clock.rfc3339(clock.now() - PROBE_AGAIN)
        probes = keeping.to_probe(session, row, PROBES, before)
        order = Order(_source(node, row), orjson.loads(row.cursor), probes, limits)
        session.flush()
        session.expunge(row)
    return Run(node, row, order, readings.keeping, clock.timestamp())


def _source(node: Node, row: HarvestSourceRow) -> Source:
    settings = sources.settings_of(row)
    return Source(
        kind=cast(Kind, row.kind),  # what is due has an address, so it is one of these
        url=row.url,
        languages=tuple(node.profile.edition_languages),
        language=settings.language,
        mapping=settings.mapping,
        links=settings.links,
        set_=settings.set,
        allowed=node.settings.fetch_allowed,
    )


async def _read(running: Run, read: child.Read) -> None:
    whole = running.source.kind == "table"
    async with aclosing(read(running.order)) as findings:
        async for finding in findings:
            match finding:
                case Item() | Gone():
                    running.pending.append(finding)
                    if len(running.pending) >= BATCH and not whole:
                        await _kept(running, None)
                case Fault():
                    if len(running.faults) < MAX_FAULTS or finding.fatal:
                        running.faults.append(finding)
                case Mark():
                    await _kept(running, finding)
    if running.fatal is None and running.pending:  # what was tried after the last mark
        await _kept(running, None)


async def _kept(running: Run, mark: Mark | None) -> None:
    async with running.keeping:
        await asyncio.to_thread(_keep, running, mark)


def _keep(running: Run, mark: Mark | None) -> None:
    pending, running.pending = running.pending, []
    found = [each for each in pending if isinstance(each, Item)]
    node, settings = running.node, sources.settings_of(running.source)
    prepared, faults = prepare(found, settings, node.profile)
    if faults and mark is not None and mark.whole:
        running.faults += [replace(each, fatal=True) for each in faults[:MAX_FAULTS]]
        return
    running.faults += faults[: max(0, MAX_FAULTS - len(running.faults))]
    if running.source.publish:
        node.centre.seal.gate.wait()
    # What a transaction that fails has counted was not done.
    tally = replace(running.tally, ids=list(running.tally.ids))
    with node.store.writing() as session:
        row = _unchanged(session, running)
        reading = Reading(node.centre, row, running.began_at, tally, publish=row.publish)
        keeping.keep(session, reading, prepared)
        keeping.propose_gone(session, reading, [each for each in pending if isinstance(each, Gone)])
        if mark is not None:
            _advance(session, reading, row, mark)
    running.tally, running.marked = tally, mark or running.marked


def _advance(session: Session, reading: Reading, row: HarvestSourceRow, mark: Mark) -> None:
    row.cursor = orjson.dumps(mark.cursor).decode()
    if mark.whole:
        keeping.propose_unlisted(session, reading)
    if not mark.unchanged:
        row.listed_at = reading.began_at


def _unchanged(session: Session, running: Run) -> HarvestSourceRow:
    row = session.get(HarvestSourceRow, running.source.name)
    begun_with = (running.source.revision, running.source.created_at)
    if row is None or (row.revision, row.created_at) != begun_with:
        raise SourceChanged
    return row


def _end(running: Run, took_ms: int) -> None:
    tell_unstable(running.tally, running.faults)
    fatal = running.fatal
    done = outcome(running.tally, running.faults, running.began_at, took_ms)
    with running.node.store.writing() as session:
        try:
            row = _unchanged(session, running)
        except SourceChanged:
            return
        row.outcome = orjson.dumps(done).decode()
        row.ran_at = running.began_at
        row.succeeded_at = row.succeeded_at if fatal else running.began_at
        if row.next_at == running.source.next_at:  # else somebody has asked for it again
            wait = fatal.retry_after if fatal else 0
            if fatal and fatal.code == "exhausted":
                wait = max(wait, round(AFTER_EXHAUSTION.total_seconds()))
            sources.plan(row, failed=fatal is not None, retry_after=wait)
    told = {name: value for name, value in asdict(running.tally).items() if isinstance(value, int)}
    fault = fatal.code if fatal else ""
    logger.info("harvest.read", source=running.source.name, fault=fault, took_ms=took_ms, **told)


def tell_unstable(tally: Tally, faults: list[Fault]) -> None:
    """Say so where a source's items have other identities than before."""
    if tally.renamed >= _UNSTABLE and tally.renamed > tally.unchanged - tally.renamed:
        detail = f"{tally.renamed} items came under other identities than before"
        faults.append(Fault("identities", f"{detail}; they were recognised by address or text"))


def outcome(tally: Tally, faults: Sequence[Fault], began_at: str, took_ms: int) -> dict[str, Any]:
    """How a reading went, as it is kept and told."""
    counts = asdict(tally)
    counts.pop("ids")
    return {
        "at": began_at,
        "took_ms": took_ms,
        "failed": any(each.fatal for each in faults),
        **counts,
        "faults": [
            {"code": each.code, "detail": each.detail, "place": each.place} for each in faults
        ],
    }
