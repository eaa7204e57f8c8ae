"""The hub asks several replicas of search: in turn, and once more elsewhere where one fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from bri.search.v1 import search_pb2, search_pb2_grpc

from bri_hub import searching
from bri_hub.searching import SearchClient
from bri_kit.errors import InvalidInput, Unavailable
from bri_retrieval.engine import Query
from tests.integration.hub.running import NOWHERE
from tests.support.waiting import eventually

ASKED = 12


class Replica(search_pb2_grpc.SearchServiceServicer):
    """Counts its questions; answers, unless it has a fault."""

    def __init__(self) -> None:
        self.asked = 0
        self.fault: grpc.StatusCode | None = None
        self.silent = False
        self.port = 0
        self.server = grpc.aio.server()

    async def start(self) -> None:
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()

    async def Search(self, request: Any, context: Any) -> search_pb2.SearchResponse:  # noqa: N802
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.fault is not None:
            await context.abort(self.fault, "for the test")
        return search_pb2.SearchResponse(total=7)


@pytest.fixture
async def replicas() -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as stack:
        found = [Replica() for _ in range(3)]  # type: ignore[abstract]
        for each in found:
            await each.start()
            stack.push_async_callback(each.server.stop, None)
        yield found


@pytest.fixture
async def client(replicas: list[Replica]) -> AsyncIterator[SearchClient]:
    client = SearchClient(", ".join(f"127.0.0.1:{each.port}" for each in replicas))
    yield client
    await client.close()


async def ask(client: SearchClient, times: int = ASKED) -> None:
    for _ in range(times):
        assert (await client.search(Query(text="waste", language="en"))).total == 7


async def test_replicas_are_asked_in_turn(client: SearchClient, replicas: list[Replica]) -> None:
    """Each as often as the others."""
    await ask(client)
    assert [each.asked for each in replicas] == [ASKED // 3] * 3


@pytest.mark.parametrize("fault", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED])
async def test_another_is_asked_where_one_cannot(
    client: SearchClient, replicas: list[Replica], fault: grpc.StatusCode
) -> None:
    """Readers notice nothing."""
    replicas[1].fault = fault
    await ask(client)
    assert sum(each.asked for each in replicas if each.fault is None) == ASKED


async def test_a_replica_that_ends_costs_no_question(
    client: SearchClient, replicas: list[Replica]
) -> None:
    """Not even one that it was being asked; when it is back, it is asked again."""
    await ask(client)
    replicas[0].silent = True
    under_way = [asyncio.create_task(ask(client, 1)) for _ in range(3)]

    async def silent() -> bool:
        return replicas[0].asked > ASKED // 3

    await eventually(silent)
    await replicas[0].server.stop(None)
    await asyncio.gather(*under_way)
    await ask(client)
    again = Replica()  # type: ignore[abstract]
    again.port = replicas[0].port
    await again.start()

    async def asked() -> bool:
        await ask(client, 1)
        return again.asked > 0

    await eventually(asked)
    await again.server.stop(None)


async def test_one_that_says_nothing_is_passed_over(
    client: SearchClient, replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question waits for it in vain; the next ones do not."""
    monkeypatch.setattr(searching, "DEADLINE_SECONDS", 0.3)
    replicas[2].silent = True
    refused = 0
    for _ in range(ASKED):
        try:
            await ask(client, 1)
        except Unavailable:
            refused += 1
    assert refused == 1
    assert replicas[2].asked == 1


async def test_a_question_that_is_wrong_is_asked_once(
    client: SearchClient, replicas: list[Replica]
) -> None:
    """It would be wrong everywhere."""
    for each in replicas:
        each.fault = grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(InvalidInput):
        await ask(client, 1)
    assert sum(each.asked for each in replicas) == 1


async def test_one_that_is_full_and_alone_is_not_asked_twice(replicas: list[Replica]) -> None:
    """Who has too much to do is not given more."""
    replicas[0].fault = grpc.StatusCode.RESOURCE_EXHAUSTED
    client = SearchClient(f"127.0.0.1:{replicas[0].port}")
    with pytest.raises(Unavailable):
        await ask(client, 1)
    assert replicas[0].asked == 1
    await client.close()


@pytest.mark.parametrize("addresses", [NOWHERE, f"{NOWHERE},{NOWHERE}"])
async def test_where_nobody_answers_search_is_away(addresses: str) -> None:
    """Said so, and soon."""
    client = SearchClient(addresses)
    with pytest.raises(Unavailable):
        await ask(client, 1)
    await client.close()
