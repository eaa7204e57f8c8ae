"""Giving back: how quickly everything is written down and harvested, and what memory it takes.
`python -m tests.bench.exchange [RECORDS]`.

Rules:
- records are filled straight into the hub's database, by what ingest does with them;
- bare is the walk over the change log, each record made JSON, without writing it anywhere;
- memory is what the process grew by at its highest, from when the part began (Linux tells it).
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from bri_exchange.mirroring import change_json
from bri_hub.exchange.mirroring import opening
from bri_hub.exchange.routes import add_exchange
from bri_hub.exchange.working import Exchange
from bri_hub.ingest.pipeline import Arrival, apply_batch, read_batch
from bri_hub.parts import Parts
from bri_hub.portal import hub_site
from bri_hub.repository import catalogue
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings
from bri_hub.tables import open_database
from bri_kit import database
from tests.bench import corpus
from tests.bench.ingest import admit_centre
from tests.support.centres import Centre

COUNT = 10_000
_BATCH = 1_000
_STRETCH = 16_666
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
_KB, _MB = 1024, 1024 * 1024


@dataclass(slots=True)
class Cost:
    """What a part took: seconds, and bytes of memory beyond those at its beginning."""

    seconds: float = 0.0
    grown: int = 0


def main(count: int = COUNT) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        table = asyncio.run(_measure(Path(folder), count))
    Console(width=100).print(table)


async def _measure(folder: Path, count: int) -> Table:
    table = Table(title=f"Giving back {count:,} records of 4 KB", title_justify="left")
    for column in ("", "after", "a second", "ratio", "memory grew by"):
        table.add_column(column, justify="left" if not column else "right")
    engine = open_database(folder, "")
    _fill(folder, engine, count)
    settings = HubSettings(data=folder, port=1, public_url="http://hub", _env_file=None)
    parts = Parts(settings, engine, SearchClient("127.0.0.1:1"))
    exchange = parts.exchange = Exchange(settings, engine, parts.announcements)
    bare = await _cost(lambda: asyncio.to_thread(_walk, engine))
    rate = count / bare.seconds

    def add(name: str, cost: Cost) -> None:
        own = count / cost.seconds
        memory = f"{cost.grown / _MB:.0f} MB"
        table.add_row(name, f"{cost.seconds:.1f} s", f"{own:,.0f}", f"{own / rate:.2f}", memory)

    add("bare: walked, made JSON", bare)
    add("put where harvesters find it", await _cost(lambda: asyncio.to_thread(_shelve, exchange)))
    add("dump written, compressed", await _cost(exchange.dumping.make))
    app = FastAPI()
    app.state.parts = parts
    add_exchange(app, settings, hub_site(settings))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub")
    async with client:
        for name in ("bri", "oai_dc"):
            cost = await _cost(lambda name=name: _harvest(client, name))  # type: ignore[misc]
            add(f"harvested by OAI-PMH, {name}", cost)
        add("mirrored by changes", await _cost(lambda: _mirror(client)))
        asked = "/oai?verb=ListIdentifiers&metadataPrefix=bri"
        first = await _cost(lambda: client.get(asked))
    stretches = await _cost(lambda: asyncio.to_thread(_stretches, engine))
    [dump] = exchange.dumping.dumps.list()
    table.caption = (
        f"dump: {dump.size / count / _KB:.1f} KB a record; first page of headers, counted: "
        f"{first.seconds * 1000:.0f} ms; sitemap's index: {stretches.seconds * 1000:.0f} ms"
    )
    await parts.search.close()
    engine.dispose()
    return table


def _fill(folder: Path, engine: Engine, count: int) -> None:
    """Have the database hold what a centre published."""
    centre = Centre("sco")
    admit_centre(folder, centre)
    documents = corpus.records(count)
    while arrivals := [
        Arrival("sco", centre.publish(corpus.to_record(centre.record_id(), each)))
        for _, each in zip(range(_BATCH), documents, strict=False)
    ]:
        apply_batch(engine, read_batch(engine, arrivals))


def _walk(engine: Engine) -> None:
    with opening(engine)() as log:
        for change in log.walk(0):
            change_json(change)


def _shelve(exchange: Exchange) -> None:
    while exchange.shelving.place():
        pass


def _stretches(engine: Engine) -> None:
    with database.reading(engine) as session:
        catalogue.list_stretches(session, _STRETCH)


async def _harvest(client: httpx.AsyncClient, prefix: str) -> None:
    """As a harvester does: page by page, by the token of the page before."""
    asked = f"/oai?verb=ListRecords&metadataPrefix={prefix}"
    while asked:
        answer = await client.get(asked)
        found = _TOKEN.search(answer.raise_for_status().content)
        token = found[1].decode() if found else ""
        asked = f"/oai?verb=ListRecords&resumptionToken={token}" if token else ""


async def _mirror(client: httpx.AsyncClient) -> None:
    asked = "/api/v1/changes?limit=500"
    while asked:
        answer = (await client.get(asked)).raise_for_status()
        asked = answer.links["next"]["url"] if "next" in answer.links else ""


async def _cost(work: Callable[[], Awaitable[object]]) -> Cost:
    cost = Cost()
    with _told(cost):
        await work()
    return cost


@contextmanager
def _told(cost: Cost) -> Iterator[None]:
    Path("/proc/self/clear_refs").write_text("5")  # begin anew with what was highest
    before, began = _status("VmRSS"), time.perf_counter()
    yield
    cost.seconds = time.perf_counter() - began
    cost.grown = max(0, _status("VmHWM") - before)


def _status(name: str) -> int:
    """A size that Linux knows of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [size] = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(size) * _KB


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
