"""A replica whose records, files or disk are not in order: it goes on."""

import os
import subprocess
import sys
from pathlib import Path

import grpc
import httpx
import pytest
from bri.log.v1 import log_pb2
from bri.search.v1 import search_pb2

from bri_retrieval.embedded import condition
from bri_retrieval.stories import linker
from tests.chaos.disks import filled
from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.centres import a_record
from tests.support.damage import rot, small_disk
from tests.support.waiting import eventually

COUNT = 120


async def _remarks(reader: Reader) -> list[str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{reader.http_port}/readyz")
    return list(answer.json().get("remarks", []))


async def _metrics(reader: Reader) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{reader.http_port}/metrics")).text


async def _found(reader: Reader, text: str = "report") -> int:
    """How many are found, with every page of them read; -1 where that fails."""
    total = 0
    try:
        for offset in range(0, COUNT, 50):
            request = search_pb2.SearchRequest(text=text, language="en", limit=50, offset=offset)
            answer = await reader.stub.Search(request)
            total += len(answer.hits)
            assert answer.total >= len(answer.hits)
    except grpc.aio.AioRpcError:
        return -1
    return total


@pytest.fixture
async def many(hub: StandInHub, reader: Reader) -> Reader:
    """A replica that holds COUNT records, in several commits."""
    for _ in range(3):
        await hub.publish_many(COUNT // 3)
        await reader.caught_up(hub)
    assert await _found(reader) == COUNT
    return reader


async def test_a_date_in_the_far_future_stops_nobody(hub: StandInHub, reader: Reader) -> None:
    """One typing error in a year, and whatever comes after it, are found."""
    record = a_record(hub.centre.record_id(), en="Waste in the year 2926")
    record.dates.original = "2926-01-01"
    await hub.add(record.id, hub.centre.publish(record))
    await hub.publish("Waste today")
    await reader.caught_up(hub)
    assert sorted(await reader.titles("waste")) == ["Waste in the year 2926", "Waste today"]


async def test_an_entry_that_cannot_be_read_stops_nobody(hub: StandInHub, reader: Reader) -> None:
    """It is counted and named where operators look, and the next ones are found."""
    envelope = log_pb2.SignedEntry(entry=b"\xff\xff no entry").SerializeToString()
    await hub.add("sco:broken", envelope)
    await hub.publish("Waste")
    status = await reader.caught_up(hub)
    assert (status.set_aside, list(status.set_aside_newest)) == (1, ["sco:broken"])
    assert await reader.titles("waste") == ["Waste"]
    assert "search_records_set_aside 1.0\n" in await _metrics(reader)
    assert "1 records could not be indexed" in (await _remarks(reader))[0]


async def test_linking_that_fails_for_one_goes_on_with_the_others(
    hub: StandInHub, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What editors joined is joined, though another record of the same turn cannot be looked at."""
    relink = linker.Linker.relink

    def failing(self: linker.Linker, record_ids: list[str]) -> int:
        if bad in record_ids:
            raise RecursionError("maximum recursion depth exceeded")
        return relink(self, record_ids)

    monkeypatch.setattr(linker.Linker, "relink", failing)
    one, two, bad = [await hub.publish(title) for title in ("One", "Two", "Bad")]
    await hub.join(one, two)
    await hub.join(bad, two)
    await eventually(lambda: _story(reader, one), lambda story: story == [two])
    status = await eventually(reader.status, lambda status: status.not_linked == 1)
    await eventually(reader.status, lambda status: status.embedding_backlog == 0)
    assert status.set_aside == 0


async def _story(reader: Reader, record_id: str) -> list[str]:
    return list((await reader.stub.Story(search_pb2.StoryRequest(id=record_id))).ids)


@pytest.mark.parametrize(
    "kind",
    [
        *("*.store", "*.term", "*.idx", "*.pos", "*.fast", "*.fieldnorm"),
        *("meta.json", ".managed.json"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
async def test_an_index_that_is_rotten_at_the_start_is_filled_again(
    hub: StandInHub, many: Reader, kind: str, seed: int
) -> None:
    """Whichever file it is, and whether reading it fails or answers wrongly."""
    await many.stop()
    files = sorted((many.settings.data / "index").glob(kind))
    assert files
    for each in files:
        rot(each, seed, footer=100 if "*" in kind else 0)
    await many.start()
    await eventually(lambda: _found(many), lambda found: found == COUNT)
    assert hub.asked_after[-1] == 0


@pytest.mark.parametrize("kind", ["*.store", "*.term", "*.fast"])
async def test_an_index_that_rots_in_use_is_filled_again(
    hub: StandInHub, many: Reader, kind: str
) -> None:
    """A question meets it; without a restart, and without waiting for a publication."""
    await many.stop()
    await many.start()  # what was read before may still be remembered
    await eventually(lambda: _of(hub.asked_after), lambda asked: asked[-1] == COUNT)
    for each in (many.settings.data / "index").glob(kind):
        rot(each, share=1.0, footer=100)
    await eventually(lambda: _of_again(many, hub), lambda asked: asked == 0)
    await eventually(lambda: _found(many), lambda found: found == COUNT)
    await eventually(lambda: _remarks(many), lambda told: not told)


async def test_a_replica_says_that_it_is_being_filled_again(hub: StandInHub, many: Reader) -> None:
    """To whoever asks whether it is ready, and in its status, until it is as far as the log."""
    await many.stop()
    await hub.stop()
    rot(next((many.settings.data / "index").glob("*.store")), footer=100)
    await many.start()
    assert "being filled again" in (await _remarks_of(many))[0]
    assert "search_index_impaired 1.0\n" in await _metrics(many)
    await hub.start()
    await many.caught_up(hub)
    await eventually(lambda: _remarks_of(many), lambda told: not told)
    assert await _found(many) == COUNT


async def _of(values: list[int]) -> list[int]:
    return values


async def _of_again(reader: Reader, hub: StandInHub) -> int:
    """Where the log was asked for last, after another look at all pages."""
    await _found(reader)
    return hub.asked_after[-1]


def _is_settled(told: list[str]) -> bool:
    return not told or "damaged 3 times within an hour" in told[0]


async def _remarks_of(reader: Reader) -> list[str]:
    return list((await reader.status()).remarks)


async def test_an_index_that_rots_again_and_again_waits(
    hub: StandInHub, many: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing disk is not written to for ever; it says so, and tries again after a while."""
    monkeypatch.setattr(condition, "FIRST_PAUSE", 3_600.0)
    monkeypatch.setattr(condition, "LONGEST_PAUSE", 3_600.0)
    for _ in range(condition.OFTEN):
        await many.stop()
        for each in (many.settings.data / "index").glob("*.store"):
            rot(each, footer=100)
        await many.start()
        told = await eventually(lambda: _remarks_of(many), _is_settled)
    assert told
    assert await _found(many) == 0
    monkeypatch.setattr(condition, "LONGEST_PAUSE", 0.0)
    await eventually(lambda: _found(many), lambda found: found == COUNT)


async def test_a_full_disk_costs_news_and_no_answers(hub: StandInHub, tmp_path: Path) -> None:
    """What there was is found, also after a restart; when there is room the rest comes."""
    with small_disk(tmp_path / "disk", "24m"):
        reader = Reader(tmp_path / "disk" / "search", hub.url)
        await reader.start()
        await hub.publish("Before")
        await reader.caught_up(hub)
        with filled(tmp_path / "disk"):
            await hub.publish("Meanwhile")
            told = await eventually(lambda: _remarks(reader))
            assert "no room on the disk" in told[0]
            assert await reader.titles() == ["Before"]
            await reader.stop()
            await reader.start()
            assert await reader.titles() == ["Before"]
            told = await eventually(lambda: _remarks_of(reader))
            assert "no room on the disk" in told[0]
        await eventually(reader.titles, lambda titles: set(titles) == {"Before", "Meanwhile"})
        await eventually(lambda: _remarks(reader), lambda told: not told)
        await reader.stop()


_FILL = """
import sys
from pathlib import Path
import numpy as np
from bri_retrieval.meaning.vectors import Row, Vectors, VectorsUnavailable
from tests.chaos.disks import filled
disk = Path(sys.argv[1])
row = Row("en", 0, np.ones(384, np.float32))
vectors = Vectors(disk / "meaning", "model", 384)
vectors.put("sco:0", [row]); vectors.commit()
with filled(disk):
    try:
        for each in range(1, 30_000):
            vectors.put(f"sco:{each}", [row] * 20); vectors.commit()
    except VectorsUnavailable as reason:
        print("refused:", reason)
    assert vectors.nearest(row.vector, 1)
vectors.put("sco:1", [row]); vectors.commit()
vectors.close()
print(Vectors(disk / "meaning", "model", 384).ledger.names())
"""


def test_vectors_on_a_full_disk_are_refused_and_end_no_process(tmp_path: Path) -> None:
    """Not even where the file had only promised room (SIGBUS)."""
    with small_disk(tmp_path / "disk", "8m"):
        done = subprocess.run(
            [sys.executable, "-c", _FILL, str(tmp_path / "disk")],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "refused:" in done.stdout
    assert "sco:1" in done.stdout
