"""What it costs to compare two logs of which one entry differs: `python -m tests.bench.comparing`.

Node and hub hold the same log but for one entry in its midst. The node finds it by the questions
that it would ask over the network, here asked directly: bytes of requests and answers, and time.
Entries are as small as they can be, because comparing does not read them.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from bri.log.v1 import log_pb2
from nats.aio.msg import Msg
from sqlalchemy import Engine, insert
from sqlmodel import col

from bri_hub.ingest import comparing
from bri_hub.tables import Centre as CentreRow
from bri_hub.tables import Entry, open_database
from bri_kit import database, digests, log
from bri_kit.clock import timestamp
from bri_node import comparison, descent
from bri_node.hub import Hub
from bri_node.store import Store, open_store
from bri_node.tables import EntryRow, LogHead

CENTRE = "sco"


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes moved and questions asked to find the difference; seconds of the first comparison,
    which makes the digests of all chunks, and of the next one."""

    moved: int
    rounds: int
    first: float
    again: float


class Direct:
    """Stands in for the connection: a question is answered by the hub's code at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def request(self, _subject: str, data: bytes, **_: object) -> Msg:
        answer = comparing.answer(self._engine, CENTRE, data)
        return Msg(None, data=answer.SerializeToString())  # type: ignore[arg-type]


def _hash(number: int) -> bytes:
    return log.entry_hash(str(number).encode())


@contextmanager
def two_logs(folder: Path, count: int) -> Iterator[tuple[Store, Engine]]:
    """A node's and a hub's database with `count` equal entries."""
    store, engine = open_store(folder / "node", CENTRE), open_database(folder / "hub")
    at = timestamp()
    shared = [
        {"number": number, "record_id": "", "hash": _hash(number), "envelope": b"x"}
        for number in range(1, count + 1)
    ]
    with store.writing() as session:
        rows = [row | {"written_at": at} for row in shared]
        session.connection().execute(insert(EntryRow.__table__), rows)
        head = session.get_one(LogHead, CENTRE)
        head.number, head.hash = count, _hash(count)
    more = {"centre": CENTRE, "received_at": at, "verdict": "accepted", "reason": "", "detail": ""}
    with database.writing(engine) as session:
        session.connection().execute(insert(Entry.__table__), [row | more for row in shared])
        session.add(_centre(count, at))
    yield store, engine
    store.close()
    engine.dispose()


def _centre(count: int, at: str) -> CentreRow:
    return CentreRow(
        code=CENTRE,
        names={},
        languages=[],
        edition_languages=[],
        countries=[],
        public_key=bytes(32),
        admitted_at=at,
        number=count,
        newest=count,
        head=_hash(count),
    )


async def find(store: Store, engine: Engine, count: int) -> tuple[list[int], Hub]:
    """The numbers that differ, and the line over which they were found."""
    hub = Hub(Direct(engine), CENTRE, 60)  # type: ignore[arg-type]

    def within(level: int, index: int, upto: int) -> list[bytes]:
        with store.reading() as session:
            ours = comparison.Log(session)
            found = digests.within(ours.side, level, index, upto)
        with store.writing() as session:
            comparison.keep_digests(session, ours.made)
        return found

    found = await descent.find_differing(hub, log_pb2.TREE_ENTRIES, within, count)
    return found.numbers, hub


def measure(count: int = 100_000) -> Cost:
    """The cost of finding one difference in two logs of `count` entries."""
    number = count * 2 // 3
    with tempfile.TemporaryDirectory() as folder, two_logs(Path(folder), count) as (store, engine):
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(
                sqlalchemy.update(Entry).where(col(Entry.number) == number).values(hash=_hash(0))
            )
        began = time.perf_counter()
        found, hub = asyncio.run(find(store, engine, count))
        first = time.perf_counter() - began
        assert found == [number]
        began = time.perf_counter()
        asyncio.run(find(store, engine, count))
        again = time.perf_counter() - began
    return Cost(hub.bytes, hub.rounds, first, again)


if __name__ == "__main__":
    cost = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    print(f"moved           {cost.moved:10,d} bytes in {cost.rounds} rounds  (goal 65,536)")
    print(f"first time      {cost.first:10.2f} s")
    print(f"again           {cost.again:10.2f} s")
