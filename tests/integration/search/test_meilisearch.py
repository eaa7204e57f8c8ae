"""A replica on a Meilisearch that goes away, comes back, and comes back empty."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from pydantic import SecretStr

from bri_hub.searching import SearchClient
from bri_kit.errors import Unavailable
from bri_retrieval.engine import Query
from bri_search import app
from bri_search.settings import SearchSettings
from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.meili import MeiliServer
from tests.support.waiting import eventually


@pytest.fixture
def meilisearch(tmp_path: Path) -> Iterator[MeiliServer]:
    server = MeiliServer(tmp_path / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def reader(
    hub: StandInHub, tmp_path: Path, meilisearch: MeiliServer
) -> AsyncIterator[Reader]:
    reader = Reader(tmp_path / "search", hub.url)
    reader.settings.engine = "meilisearch"
    reader.settings.meili_url = meilisearch.url
    reader.settings.meili_key = SecretStr(meilisearch.key)
    await reader.start()
    yield reader
    await reader.stop()


async def _found(reader: Reader) -> list[str]:
    """What is found; nothing while the engine is away."""
    try:
        return sorted(await reader.titles())
    except grpc.aio.AioRpcError:
        return []


async def test_a_replica_on_a_server_follows_and_answers(hub: StandInHub, reader: Reader) -> None:
    """As every replica does, and says what it runs on."""
    record_id = await hub.publish("Glacier monitoring in Tajikistan")
    status = await reader.caught_up(hub)
    assert (status.engine, status.records) == ("meilisearch", 1)
    assert await reader.titles("glaciers") == ["Glacier monitoring in Tajikistan"]
    await hub.retract(record_id)
    assert (await reader.caught_up(hub)).records == 0


async def test_a_server_that_is_away_is_unavailable_and_recovers(
    hub: StandInHub, reader: Reader, meilisearch: MeiliServer
) -> None:
    """Readers are told the reason; what was published meanwhile comes by itself."""
    await hub.publish("Before")
    await reader.caught_up(hub)
    meilisearch.stop()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await reader.titles()
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "Meilisearch does not answer" in str(refused.value.details())
    await hub.publish("Meanwhile")
    meilisearch.start()
    await eventually(lambda: _found(reader), lambda titles: titles == ["Before", "Meanwhile"])


async def test_readers_at_the_hub_are_told_the_reason(
    hub: StandInHub, reader: Reader, meilisearch: MeiliServer
) -> None:
    """What search says of it, and not where it is; where search itself is away, only that."""
    await hub.publish("Water")
    await reader.caught_up(hub)
    meilisearch.stop()
    asked = SearchClient(f"127.0.0.1:{reader.port}")
    with pytest.raises(Unavailable, match=r"Meilisearch does not answer: .*read") as told:
        await asked.search(Query("water"))
    assert "127.0.0.1" not in str(told.value)
    await reader.stop()
    with pytest.raises(Unavailable, match=r"^Search does not answer\. Records"):
        await asked.search(Query("water"))
    await asked.close()
    await reader.start()


async def test_a_server_that_comes_back_empty_is_filled_anew(
    hub: StandInHub, reader: Reader, meilisearch: MeiliServer
) -> None:
    """Though nothing was published that would have shown it."""
    await hub.publish("One")
    await hub.publish("Two")
    await reader.caught_up(hub)
    meilisearch.stop()
    meilisearch.wipe()
    meilisearch.start()
    await eventually(lambda: _found(reader), lambda titles: titles == ["One", "Two"])


async def test_a_replica_starts_before_its_server(
    hub: StandInHub, tmp_path: Path, meilisearch: MeiliServer
) -> None:
    """It waits for it, and answers once it is there."""
    await hub.publish("Water")
    meilisearch.stop()
    early = Reader(tmp_path / "early", hub.url)
    early.settings.engine = "meilisearch"
    early.settings.meili_url = meilisearch.url
    early.settings.meili_key = SecretStr(meilisearch.key)
    await early.start()
    assert await _found(early) == []
    meilisearch.start()
    await eventually(lambda: _found(early), lambda titles: titles == ["Water"])
    await early.stop()


def test_a_wrong_key_ends_the_process_with_the_reason(
    tmp_path: Path, meilisearch: MeiliServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for a server that will never serve us."""
    settings = SearchSettings(
        data=tmp_path / "search",
        port=0,
        http_port=0,
        engine="meilisearch",
        meili_url=meilisearch.url,
        meili_key=SecretStr("wrong"),
    )
    assert app.run(settings) == app.CANNOT_START
    assert "invalid_api_key" in capsys.readouterr().out
