"""Search over gRPC: answers, refusals, and health."""

from pathlib import Path

import grpc
import pytest
from bri.search.v1 import search_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bri_retrieval.engine import FACETS
from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.waiting import eventually


@pytest.fixture
async def filled(hub: StandInHub, reader: Reader) -> Reader:
    await hub.publish("Solid waste in Almaty", body="Landfills &amp; recycling of solid waste.")
    await reader.caught_up(hub)
    return reader


async def test_a_search_answers_with_cards_and_facets(filled: Reader) -> None:
    """Every property of a hit and every facet arrives."""
    request = search_pb2.SearchRequest(text="waste", language="en", limit=10)
    answer = await filled.stub.Search(request)
    hit = answer.hits[0]
    assert (answer.total, hit.centre, hit.kind, hit.language) == (1, "sco", "news", "en")
    assert hit.snippet == "Landfills &amp; recycling of solid <mark>waste</mark>."
    assert (hit.date, list(hit.countries), list(hit.topics)) == (
        "2019-01-08",
        ["KZ"],
        ["solid-waste"],
    )
    facets = {f.name: {c.value: c.count for c in f.counts} for f in answer.facets}
    assert facets["year"] == {"2019": 1}
    assert set(facets) == set(FACETS)


async def test_suggestions_are_answered(filled: Reader) -> None:
    """What is being typed is completed."""
    request = search_pb2.SuggestRequest(text="solid", language="en", limit=5)
    answer = await filled.stub.Suggest(request)
    assert [(each.text, each.source) for each in answer.suggestions] == [
        ("Solid waste", "topic"),
        ("Solid waste in Almaty", "title"),
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"limit": 101}, "limit: must not be more than 100."),
        ({"offset": 10_001}, "offset: must not be more than 10000."),
        ({"text": "x" * 1_001}, "text: must not be longer than 1000 characters."),
        ({"since": "yesterday"}, "since: 'yesterday' is not a date such as 2019-01-08."),
        ({"until": "2019-02-30"}, "until: '2019-02-30' is not a date such as 2019-01-08."),
        ({"since": "20190101"}, "since: '20190101' is not a date such as 2019-01-08."),
        ({"sort": 7}, "sort: 7 is not a known order."),
    ],
)
async def test_a_question_past_its_limits_is_refused_in_words(
    reader: Reader, wrong: dict[str, object], words: str
) -> None:
    """INVALID_ARGUMENT names the parameter and what is wrong with it."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await reader.stub.Search(search_pb2.SearchRequest(**wrong))  # type: ignore[arg-type]
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.value.details() == words


async def test_it_is_healthy_once_the_hub_has_answered(hub: StandInHub, tmp_path: Path) -> None:
    """Before that an empty index would answer as if there were nothing to find."""
    await hub.stop()
    reader = Reader(tmp_path, hub.url)
    await reader.start()
    health = health_pb2_grpc.HealthStub(reader.channel)

    async def state() -> int:
        answer = await health.Check(health_pb2.HealthCheckRequest())
        return int(answer.status)

    try:
        assert await state() == health_pb2.HealthCheckResponse.NOT_SERVING
        await hub.start()
        await eventually(state, lambda now: now == health_pb2.HealthCheckResponse.SERVING)
    finally:
        await reader.stop()
