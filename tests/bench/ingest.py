"""Receive to database at the hub, beside its bare parts: `python -m tests.bench.ingest [COUNT]`.

The same signed entries of about 4 KB are taken from the same kind of stream three times: received
and thrown away; written as rows, ready made, into the same tables; and taken in by the hub. What
could be reached without overlap is 1/(1/receive + 1/write); the ratio is to that, the median of
some rounds, because the same case varies from run to run.
"""

import asyncio
import gc
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from nats.aio.client import Client
from sqlalchemy import Connection, Engine, insert

from bri_hub.admission import admit
from bri_hub.announcing import Announcements
from bri_hub.ingest.loop import MAX_BATCH, Ingest
from bri_hub.repository import changelog
from bri_hub.tables import Entry, Record, open_database
from bri_kit import database, transport
from bri_kit.consuming import Consumer
from bri_kit.ending import end
from bri_kit.publishing import Outgoing, Publisher
from tests.bench.corpus import LANGUAGES, SHARED, records, to_record
from tests.support.centres import Centre
from tests.support.nats import NatsServer

WINDOW = 500


@dataclass(frozen=True, slots=True)
class Rates:
    """Entries a second: received alone, written alone, and taken in by the hub."""

    receive: float
    write: float
    ingest: float

    @property
    def bound(self) -> float:
        """What receiving and then writing would reach, with nothing between them."""
        return 1 / (1 / self.receive + 1 / self.write)

    @property
    def ratio(self) -> float:
        return self.ingest / self.bound


def signed_entries(centre: Centre, count: int, folder: Path = SHARED) -> list[bytes]:
    """A log of `count` publications, written with passages found in `folder`."""
    for document in records(count):
        centre.publish(to_record(centre.record_id(), document))
    return centre.entries


async def measure(count: int = 20_000, folder: Path = SHARED) -> Rates:
    """All three rates, one after the other."""
    gc.collect()
    gc.freeze()  # as the hub does when it starts
    centre = Centre()
    entries = signed_entries(centre, count, folder)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        admit_centre(data / "hub", centre)
        async with stream(data / "one", entries) as client:
            receive = await _receive(client, count)
        async with stream(data / "two", entries) as client:
            ingest = await take_in(client, data / "hub", count)
        write = _write(data / "hub", data / "bare")
    return Rates(count / receive, count / write, count / ingest)


def admit_centre(data: Path, centre: Centre) -> None:
    """Have the hub whose data is in `data` know the centre."""
    key = b64encode(centre.public_key).decode()
    names = {"en": "Bench"}
    admit(
        data,
        {"code": centre.code, "names": names, "languages": list(LANGUAGES), "public_key": key},
    )


@asynccontextmanager
async def stream(folder: Path, entries: Sequence[bytes]) -> AsyncIterator[Client]:
    """A server whose stream holds `entries`, and a connection to it."""
    server = NatsServer(folder)
    server.start()
    client = await transport.connect(server.url, "bench")
    try:
        await transport.ensure_stream(client)
        publisher = Publisher(client)
        for begin in range(0, len(entries), WINDOW):
            window = entries[begin : begin + WINDOW]
            messages = [Outgoing(f"{begin}-{at}", data) for at, data in enumerate(window)]
            # A busy disk can hold the broker's answer up; what it has already it recognises.
            while any(await publisher.publish(transport.log_subject("sco"), messages)):
                pass
        yield client
    finally:
        await client.close()
        server.stop()


async def _receive(client: Client, count: int) -> float:
    consumer = Consumer(client)
    began = time.perf_counter()
    await consumer.start()
    while count > 0:
        batch = await consumer.next_batch(MAX_BATCH)
        count -= len(batch)
        await consumer.acknowledge(batch[-1])
    return time.perf_counter() - began


async def take_in(client: Client, data: Path, count: int) -> float:
    """Seconds until the hub has taken in `count` entries."""
    engine = open_database(data)
    announcements = Announcements()
    ingest = Ingest(engine, announcements)
    began = time.perf_counter()
    running = asyncio.create_task(ingest.run(client))
    while True:
        news = announcements.news()
        with database.reading(engine) as session:
            if changelog.head(session) >= count:
                break
        await news.wait()
    taken = time.perf_counter() - began
    await end(running)
    ingest.close()
    engine.dispose()
    return taken


def _write(source: Path, data: Path) -> float:
    """Write the rows that the hub wrote once more, in batches as large as its own."""
    tables = (Entry, Record)
    hub = open_database(source)
    rows = {table: _rows(hub, table) for table in tables}
    hub.dispose()
    engine = open_database(data)
    count = len(rows[Entry])
    began = time.perf_counter()
    for begin in range(0, count, WINDOW):
        with database.writing(engine) as session:
            for table in tables:
                _insert(session.connection(), table, rows[table][begin : begin + WINDOW])
    taken = time.perf_counter() - began
    engine.dispose()
    return taken


def _rows(engine: Engine, table: type[Any]) -> list[tuple[Any, ...]]:
    columns = ", ".join(column.name for column in table.__table__.columns)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM {table.__tablename__}")
        return [tuple(row) for row in rows]


def _insert(connection: Connection, table: type[Any], rows: list[tuple[Any, ...]]) -> None:
    statement = str(insert(table).compile(connection.engine))
    connection.exec_driver_sql(statement, rows)


def measure_rounds(count: int = 20_000, rounds: int = 3) -> Rates:
    """The round whose ratio is the median."""
    measured = [asyncio.run(measure(count)) for _ in range(rounds)]
    return sorted(measured, key=lambda rates: rates.ratio)[rounds // 2]


def main() -> None:
    """Print the rates and the ratio."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("ERROR"))
    rates = measure_rounds(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"bare receive    {rates.receive:10,.0f} a second")
    print(f"bare write      {rates.write:10,.0f} a second")
    print(f"bound           {rates.bound:10,.0f} a second")
    print(f"hub's ingest    {rates.ingest:10,.0f} a second")
    print(f"ratio           {rates.ratio:10.2f}  (goal 0.80)")


if __name__ == "__main__":
    main()
