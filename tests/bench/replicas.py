"""Two hub processes and three search replicas behind one port, on PostgreSQL:
`python -m tests.bench.replicas [RECORDS]`.

Told: reads a second with one, two and three replicas; and, while readers go on asking, what is lost
where a replica is killed, and where the hub process that ingests is. A machine of few cores gains
little from more replicas: they share it with the hubs, the readers and PostgreSQL.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.table import Table

from bri_cli.child import tie_to_parent
from bri_hub.admission import admit
from bri_hub.ingest.pipeline import Arrival, apply_batch, read_batch
from bri_hub.searching import SearchClient
from bri_hub.tables import URL_VARIABLE, open_database
from bri_kit.errors import BriError
from tests.bench import corpus
from tests.bench.balancer import balancer
from tests.support import postgres
from tests.support.centres import Centre
from tests.support.nats import NatsServer
from tests.support.site import free_port

COUNT = 3_000
REPLICAS = 3
HUBS = 2
READERS = 16
SECONDS = 6.0
_BATCH = 1_000
_START_SECONDS = 180.0


@dataclass(slots=True)
class Reads:
    """What readers got: answers by status, and requests whose connection broke."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.statuses[200] / self.seconds

    @property
    def failed(self) -> int:
        """Requests that were answered, and not with what was asked for."""
        return self.statuses.total() - self.statuses[200]


@dataclass(slots=True)
class Cluster:
    """Processes on one database; ports are known before anything runs."""

    folder: Path
    database: str
    nats_url: str
    hub_ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(HUBS)])
    change_ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(HUBS)])
    search_ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(REPLICAS)])
    hubs: list[subprocess.Popen[bytes]] = field(default_factory=list)
    replicas: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_hub(self) -> None:
        """Start the next hub process; the first one ingests."""
        number = len(self.hubs)
        environment = {
            "BRI_HUB_DATA": str(self.folder / f"hub-{number}"),
            "BRI_HUB_PORT": str(self.hub_ports[number]),
            "BRI_HUB_CHANGES_PORT": str(self.change_ports[number]),
            "BRI_HUB_DATABASE_URL": self.database,
            "BRI_HUB_NATS_URL": self.nats_url,
            "BRI_HUB_SEARCH_URL": ",".join(f"127.0.0.1:{each}" for each in self.search_ports),
            "BRI_HUB_DUMPS_KEPT": "0",
        }
        self.hubs.append(self._start(f"hub-{number}", "bri_hub", environment))

    def start_replica(self) -> None:
        """Start the next search replica, which follows whichever hub process ingests."""
        number = len(self.replicas)
        followed = ",".join(f"127.0.0.1:{each}" for each in self.change_ports)
        environment = {
            "BRI_SEARCH_DATA": str(self.folder / f"search-{number}"),
            "BRI_SEARCH_NAME": f"search-{number}",
            "BRI_SEARCH_PORT": str(self.search_ports[number]),
            "BRI_SEARCH_HTTP_PORT": str(free_port()),
            "BRI_SEARCH_HUB_URL": f"ipv4:{followed}",
            "BRI_SEARCH_EMBEDDER": "off",
        }
        self.replicas.append(self._start(f"search-{number}", "bri_search", environment))

    def end(self) -> None:
        """Kill whatever runs."""
        for process in (*self.replicas, *self.hubs):
            process.kill()
            process.wait()

    def _start(
        self, name: str, module: str, environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module],
                env=os.environ | environment | {"MALLOC_ARENA_MAX": "2"},
                stdout=log,
                stderr=log,
                preexec_fn=tie_to_parent(),
            )


def main(count: int = COUNT) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        table = asyncio.run(_measure(Path(folder), count))
    Console(width=100).print(table)


async def _measure(folder: Path, count: int) -> Table:
    table = Table(title=f"{HUBS} hub processes, search replicas, {count:,} records, PostgreSQL")
    for column in ("", "reads a second", "ratio", "failed", "broken in flight"):
        table.add_column(column, justify="left" if not column else "right")
    with _cluster(folder, count) as cluster:
        for _ in range(HUBS):
            cluster.start_hub()
            await _answers(cluster.hub_ports[len(cluster.hubs) - 1])
        async with balancer(cluster.hub_ports) as port:
            first = 0.0
            for number in range(1, REPLICAS + 1):
                cluster.start_replica()
                await _caught_up(cluster.search_ports[number - 1], count)
                reads = await _read(port)
                first = first or reads.rate
                _add(table, f"{number} replica{'s' * (number > 1)}", reads, first)
            killed = cluster.replicas[-1]
            reads = await _read(port, lambda: killed.send_signal(signal.SIGKILL))
            _add(table, "3 replicas, one killed meanwhile", reads, first)
            holder = cluster.hubs[0]
            reads = await _read(port, lambda: holder.send_signal(signal.SIGKILL))
            _add(table, "2 hub processes, the ingesting one killed meanwhile", reads, first)
    table.caption = f"{os.cpu_count()} cores for all of it, {READERS} readers"
    return table


def _add(table: Table, name: str, reads: Reads, first: float) -> None:
    rate = f"{reads.rate:,.0f}"
    table.add_row(name, rate, f"{reads.rate / first:.2f}", str(reads.failed), str(reads.broken))


@contextmanager
def _cluster(folder: Path, count: int) -> Iterator[Cluster]:
    broker = NatsServer(folder / "nats")
    broker.start()
    cluster = Cluster(folder, postgres.new_database(), broker.url)
    try:
        _fill(cluster, count)
        yield cluster
    finally:
        cluster.end()
        broker.stop()


def _fill(cluster: Cluster, count: int) -> None:
    """Have the database hold what a centre published."""
    centre = Centre("sco")
    os.environ[URL_VARIABLE] = cluster.database
    try:
        admit(cluster.folder, _introduction(centre))
    finally:
        del os.environ[URL_VARIABLE]
    engine = open_database(cluster.folder, cluster.database)
    documents = corpus.records(count)
    arrivals = [
        Arrival("sco", centre.publish(corpus.to_record(centre.record_id(), each)))
        for each in documents
    ]
    for start in range(0, count, _BATCH):
        apply_batch(engine, read_batch(engine, arrivals[start : start + _BATCH]))
    engine.dispose()


def _introduction(centre: Centre) -> dict[str, object]:
    return {
        "code": centre.code,
        "names": {"en": "A centre"},
        "languages": list(corpus.LANGUAGES),
        "countries": ["KZ"],
        "public_key": b64encode(centre.public_key).decode(),
        "url": "http://sco.test",
    }


async def _read(port: int, event: Callable[[], None] | None = None) -> Reads:
    """Ask for SECONDS, as many readers at once; `event` happens in the middle."""
    reads = Reads()
    began = time.perf_counter()
    until = began + SECONDS
    if event is not None:
        asyncio.get_running_loop().call_later(SECONDS / 3, event)
    await asyncio.gather(*(_reader(port, number, until, reads) for number in range(READERS)))
    reads.seconds = time.perf_counter() - began
    return reads


async def _reader(port: int, number: int, until: float, reads: Reads) -> None:
    """One reader, on a connection that is made anew where it breaks."""
    words = _words(number)
    while time.perf_counter() < until:
        try:
            async with _connection(port) as ask:
                while time.perf_counter() < until:
                    reads.statuses[await ask(next(words))] += 1
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


async def _answers(port: int) -> None:
    async def probe() -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200

    await _until(probe)


async def _caught_up(port: int, count: int) -> None:
    client = SearchClient(f"127.0.0.1:{port}")

    async def probe() -> bool:
        return (await client.status()).records == count

    try:
        await _until(probe)
    finally:
        await client.close()


async def _until(probe: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.perf_counter() + _START_SECONDS
    while time.perf_counter() < deadline:
        try:
            if await probe():
                return
        except (httpx.TransportError, BriError):
            pass  # it is starting
        await asyncio.sleep(0.1)
    raise TimeoutError("a process did not come up")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
