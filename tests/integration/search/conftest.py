"""A hub that is played, and a search replica that follows it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_search import app
from bri_search.settings import SearchSettings
from tests.integration.search.standin import StandInHub
from tests.support.waiting import eventually


class Reader:
    """A replica on `data`, asked over a real connection; it can be stopped and started."""

    def __init__(self, data: Path, hub_url: str) -> None:
        self.settings = SearchSettings(
            data=data, port=0, http_port=0, hub_url=hub_url, embedder="off"
        )
        self._open = AsyncExitStack()

    async def start(self) -> None:
        running = await self._open.enter_async_context(app.replica(self.settings))
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{running.port}")
        self.channel = await self._open.enter_async_context(channel)
        self.port, self.http_port = running.port, running.http_port
        self.stub = search_pb2_grpc.SearchServiceStub(self.channel)

    async def stop(self) -> None:
        await self._open.aclose()

    async def titles(self, text: str = "") -> list[str]:
        request = search_pb2.SearchRequest(text=text, language="en", limit=10)
        return [hit.title for hit in (await self.stub.Search(request)).hits]

    async def status(self) -> search_pb2.StatusResponse:
        answer: search_pb2.StatusResponse = await self.stub.Status(search_pb2.StatusRequest())
        return answer

    async def caught_up(self, hub: StandInHub) -> search_pb2.StatusResponse:
        """The status once everything the hub has can be searched."""
        return await eventually(self.status, lambda status: status.cursor == hub.head)


@pytest.fixture
async def hub() -> AsyncIterator[StandInHub]:
    hub = StandInHub()
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def reader(hub: StandInHub, tmp_path: Path) -> AsyncIterator[Reader]:
    reader = Reader(tmp_path, hub.url)
    await reader.start()
    yield reader
    await reader.stop()
