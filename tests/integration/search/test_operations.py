"""What operators see of a replica over HTTP."""

import socket
from pathlib import Path

import httpx
import pytest
from bri.search.v1 import search_pb2

from bri_search import operations
from bri_search.settings import SearchSettings
from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.waiting import eventually


async def _get(reader: Reader, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{reader.http_port}{path}")


async def test_a_replica_tells_how_it_is(hub: StandInHub, reader: Reader) -> None:
    """Alive at once, ready once the hub has answered and the dictionaries are there."""
    assert (await _get(reader, "/healthz")).status_code == 200
    ready = await eventually(lambda: _get(reader, "/readyz"), lambda answer: answer.is_success)
    assert ready.json() == {"status": "ready"}


async def test_a_replica_without_a_hub_says_so(tmp_path: Path) -> None:
    """503 with the reason."""
    alone = Reader(tmp_path, "127.0.0.1:9")
    await alone.start()
    answer = await _get(alone, "/readyz")
    assert answer.status_code == 503
    assert "The hub has not answered yet." in answer.json()["detail"]
    await alone.stop()


async def test_measurements_are_those_of_this_replica(hub: StandInHub, reader: Reader) -> None:
    """Questions by kind and outcome; cursor, lag, records and backlog."""
    await hub.publish("Waste")
    await reader.caught_up(hub)
    await reader.stub.Search(search_pb2.SearchRequest(text="waste", limit=1))
    text = (await _get(reader, "/metrics")).text
    assert 'search_question_duration_seconds_count{kind="search",outcome="answered"}' in text
    for line in ("search_cursor 1.0", "search_cursor_lag 0.0", "search_records 1.0"):
        assert f"{line}\n" in text
    assert "search_embedding_backlog 0.0\n" in text
    assert "search_by_meaning 0.0\n" in text


def test_an_address_in_use_is_one_clear_line(tmp_path: Path) -> None:
    """Before anything else is begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SearchSettings(data=tmp_path, http_port=taken.getsockname()[1])
        with pytest.raises(RuntimeError, match=r"cannot listen on 127\.0\.0\.1"):
            operations.bind(settings)
