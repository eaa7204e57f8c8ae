"""Two hub processes and three search replicas behind one port, on PostgreSQL:
`python -m tests.bench.replicas [RECORDS]`.

Told, for one, two and three replicas:
- at a load that one of them can bear (RATE), how long an answer takes, and whose processor time it
  costs: all replicas', the busiest one's, the hubs', PostgreSQL's, the client's own;
- with readers who wait for nothing, answers a second.

A machine of few cores gains no answers from more replicas: they share it with all the others. What
more machines would gain is told by the busiest replica's time for an answer: where two have half of
it each, two machines answer twice as much. And, while readers go on asking: what is lost where a
replica is killed, and where the hub process that ingests is.
"""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from tests.bench import corpus, processors
from tests.bench.balancer import balancer
from tests.bench.cluster import (
    DATABASE_TIME,
    HUB_TIME,
    HUBS,
    REPLICAS,
    Cluster,
    answers,
    caught_up,
    replica_time,
    running,
)
from tests.bench.federation import percentile

COUNT = 3_000
READERS = 16
SECONDS = 6.0
RATE = 40.0
"""Questions a second of the bounded load."""
_WARMING_SECONDS = 2.0
_CLIENT = "client"
_COSTS = (
    "median / p99", "replicas", "busiest", "hubs", "PostgreSQL", "client", "busiest could, a second"
)  # fmt: skip
_RATES = ("answers a second", "ratio", "failed", "broken in flight")


@dataclass(slots=True)
class Reads:
    """What readers got: answers by status, and requests whose connection broke."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    waits: list[float] = field(default_factory=list)
    """How long answers took, in seconds, from when they were due."""
    times: dict[str, float] = field(default_factory=dict)
    """Seconds of processor time, by whose it was."""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.statuses[200] / self.seconds

    def cost(self, whose: str) -> float:
        """Milliseconds of processor time for each answer."""
        return self.times[whose] / self.statuses.total() * 1_000

    @property
    def failed(self) -> int:
        """Requests that were answered, and not with what was asked for."""
        return self.statuses.total() - self.statuses[200]


def main(count: int = COUNT) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        tables = asyncio.run(_measure(Path(folder), count))
    for table in tables:
        Console(width=100).print(table)


async def _measure(folder: Path, count: int) -> tuple[Table, Table]:
    costs = _table(f"{RATE:g} questions a second, {count:,} records, PostgreSQL", _COSTS)
    rates = _table(f"{READERS} readers who wait for nothing, {HUBS} hub processes", _RATES)
    with running(folder, count) as cluster:
        for _ in range(HUBS):
            cluster.start_hub()
            await answers(cluster.hub_ports[len(cluster.hubs) - 1])
        async with balancer(cluster.hub_ports) as port:
            first = 0.0
            for number in range(1, REPLICAS + 1):
                cluster.start_replica()
                await caught_up(cluster.search_ports[number - 1], count)
                name = f"{number} replica{'s' * (number > 1)}"
                await _read(cluster, port, RATE, seconds=_WARMING_SECONDS)
                _add_cost(costs, name, await _read(cluster, port, RATE), number)
                reads = await _read(cluster, port)
                first = first or reads.rate
                _add_rate(rates, name, reads, first)
            for name, process in (
                ("3 replicas, one killed meanwhile", cluster.replicas[-1]),
                ("2 hub processes, the ingesting one killed", cluster.hubs[0]),
            ):
                reads = await _read(cluster, port, killed=process)
                _add_rate(rates, name, reads, first)
    costs.caption = "processor time in milliseconds an answer; the client's has the balancer in it"
    rates.caption = f"{os.cpu_count()} cores for all of it; at most {READERS} in flight"
    return costs, rates


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table("", title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _add_cost(table: Table, name: str, reads: Reads, replicas: int) -> None:
    median, worst = (percentile(reads.waits, share) * 1_000 for share in (0.5, 0.99))
    each = [reads.cost(replica_time(at)) for at in range(replicas)]
    told = (sum(each), max(each), *map(reads.cost, (HUB_TIME, DATABASE_TIME, _CLIENT)))
    could = f"{1_000 / max(each):,.0f}"
    table.add_row(name, f"{median:.0f} / {worst:.0f} ms", *(f"{ms:.1f}" for ms in told), could)


def _add_rate(table: Table, name: str, reads: Reads, first: float) -> None:
    rate = f"{reads.rate:,.0f}"
    table.add_row(name, rate, f"{reads.rate / first:.2f}", str(reads.failed), str(reads.broken))


async def _read(
    cluster: Cluster,
    port: int,
    rate: float = inf,
    *,
    seconds: float = SECONDS,
    killed: subprocess.Popen[bytes] | None = None,
) -> Reads:
    """Ask for so many seconds, as many readers at once, `rate` questions a second of all together;
    a process is killed meanwhile where one is named."""
    reads, groups = Reads(), cluster.processes()
    before, own, began = processors.used(groups), time.process_time(), time.perf_counter()
    if killed is not None:
        asyncio.get_running_loop().call_later(seconds / 3, killed.send_signal, signal.SIGKILL)
    readers = (_reader(port, at, (began, seconds, rate), reads) for at in range(READERS))
    await asyncio.gather(*readers)
    reads.seconds = time.perf_counter() - began
    reads.times = {name: now - before[name] for name, now in processors.used(groups).items()}
    reads.times[_CLIENT] = time.process_time() - own
    return reads


async def _reader(port: int, at: int, pace: tuple[float, float, float], reads: Reads) -> None:
    """One reader, on a connection that is made anew where it breaks, whose questions are every
    READERS-th of all."""
    began, seconds, rate = pace
    until, words, turns = began + seconds, _words(at), itertools.count(at, READERS)
    while (now := time.perf_counter()) < until:
        try:
            async with _connection(port) as ask:
                while (due := max(began + next(turns) / rate, now if rate == inf else 0)) < until:
                    await asyncio.sleep(due - time.perf_counter())
                    reads.statuses[await ask(next(words))] += 1
                    now = time.perf_counter()
                    reads.waits.append(now - due)
                return
        except (OSError, EOFError, ValueError):
            reads.broken += 1


Ask = Callable[[str], Awaitable[int]]


@asynccontextmanager
async def _connection(port: int) -> AsyncIterator[Ask]:
    """HTTP by hand: a client that costs little leaves the cores to what is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(words: str) -> int:
        query = urlencode({"q": words, "lang": "en", "mode": "words"})
        writer.write(f"GET /api/v1/search?{query} HTTP/1.1\r\nHost: hub.test\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        [length] = (line.split(":")[1] for line in lines if line.startswith("content-length:"))
        await reader.readexactly(int(length))
        return int(lines[0].split()[1])

    try:
        yield ask
    finally:
        writer.close()


def _words(number: int) -> Iterator[str]:
    """Two words of a passage, each time others."""
    texts = corpus.passages()["en"]
    at = number
    while True:
        found = [word for word in texts[at % len(texts)].split() if word.isalpha()]
        yield " ".join(found[at % 7 :][:2])
        at += READERS


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
