"""Two hub processes and three search replicas on one PostgreSQL database, each a process."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bri_cli.child import tie_to_parent
from bri_hub.admission import admit
from bri_hub.ingest.pipeline import Arrival, apply_batch, read_batch
from bri_hub.searching import SearchClient
from bri_hub.tables import URL_VARIABLE, open_database
from bri_kit.errors import BriError
from tests.bench import corpus, processors
from tests.support import postgres
from tests.support.centres import Centre
from tests.support.nats import NatsServer
from tests.support.site import free_port

REPLICAS = 3
HUBS = 2
HUB_TIME, DATABASE_TIME = "hubs", "PostgreSQL"
"""Whose processor time is told."""
_BATCH = 1_000
_START_SECONDS = 180.0

_TOKEN = secrets.token_urlsafe()
"""Of the change log."""


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
            "BRI_HUB_CHANGES_TOKEN": _TOKEN,
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
            "BRI_SEARCH_HUB_TOKEN": _TOKEN,
            "BRI_SEARCH_EMBEDDER": "off",
        }
        self.replicas.append(self._start(f"search-{number}", "bri_search", environment))

    def processes(self) -> dict[str, list[int]]:
        """Whose processor time is counted, our own excepted."""
        replicas = {replica_time(at): [each.pid] for at, each in enumerate(self.replicas)}
        hubs = [each.pid for each in self.hubs]
        return {HUB_TIME: hubs, DATABASE_TIME: processors.started("postgres")} | replicas

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


def replica_time(at: int) -> str:
    """What a replica's processor time is told as."""
    return f"replica {at}"


@contextmanager
def running(folder: Path, count: int) -> Iterator[Cluster]:
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


async def answers(port: int) -> None:
    async def probe() -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200

    await _until(probe)


async def caught_up(port: int, count: int) -> None:
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
