"""The hub's public API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from bri.search.v1 import search_pb2, search_pb2_grpc

from tests.integration.hub.running import ADDRESS, Line, RunningHub, introduce, running_hub
from tests.support.centres import Centre, a_record
from tests.support.nats import NatsServer


class StandIn(search_pb2_grpc.SearchServiceServicer):
    """A search service that finds one record, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[search_pb2.SearchRequest] = []

    async def Search(  # noqa: N802 - the contract's name
        self, request: search_pb2.SearchRequest, context: Any
    ) -> search_pb2.SearchResponse:
        self.asked.append(request)
        if request.text == "refuse me":
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such syntax")
        count = search_pb2.FacetCount(value="sco", count=1)
        return search_pb2.SearchResponse(
            total=1,
            hits=[
                search_pb2.Hit(
                    id="sco:1", centre="sco", kind="news", title="Waste", editions=["en", "zh"]
                )
            ],
            facets=[search_pb2.Facet(name="centre", counts=[count])],
        )

    async def Suggest(  # noqa: N802 - the contract's name
        self, request: search_pb2.SuggestRequest, context: Any
    ) -> search_pb2.SuggestResponse:
        suggestion = search_pb2.Suggestion(text="solid waste", source="topic", code="solid-waste")
        return search_pb2.SuggestResponse(suggestions=[suggestion][: request.limit])

    async def Related(  # noqa: N802 - the contract's name
        self, request: search_pb2.RelatedRequest, context: Any
    ) -> search_pb2.SearchResponse:
        return search_pb2.SearchResponse()

    async def Story(  # noqa: N802 - the contract's name
        self, request: search_pb2.StoryRequest, context: Any
    ) -> search_pb2.StoryResponse:
        return search_pb2.StoryResponse()

    async def Percolate(  # noqa: N802 - the contract's name
        self, request: search_pb2.PercolateRequest, context: Any
    ) -> search_pb2.PercolateResponse:
        return search_pb2.PercolateResponse()

    async def Status(  # noqa: N802 - the contract's name
        self, request: search_pb2.StatusRequest, context: Any
    ) -> search_pb2.StatusResponse:
        return search_pb2.StatusResponse(
            cursor=3, records=3, engine="embedded", set_aside_meaning=1
        )


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
async def searching(
    data: Path, sco: Centre, broker: NatsServer, stand_in: StandIn
) -> AsyncIterator[RunningHub]:
    """A hub with a search service."""
    server = grpc.aio.server()
    search_pb2_grpc.add_SearchServiceServicer_to_server(stand_in, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with running_hub(data, broker.url, f"127.0.0.1:{port}") as hub:
        yield hub
    await server.stop(None)


async def test_a_search_is_passed_on_and_answered(searching: RunningHub, stand_in: StandIn) -> None:
    """Parameters and answer are those of the contract."""
    path = "/api/v1/search?q=отходы&lang=ru&kind=news&kind=policy&country=KZ&from=2019-01-01"
    answer = await searching.json(f"{path}&sort=newest&limit=5&offset=10")
    (asked,) = stand_in.asked
    assert (asked.text, asked.language, asked.since) == ("отходы", "ru", "2019-01-01")
    assert (list(asked.kinds), list(asked.countries)) == (["news", "policy"], ["KZ"])
    assert (asked.sort, asked.limit, asked.offset) == (search_pb2.SORT_NEWEST, 5, 10)
    assert (answer["total"], answer["facets"]) == (1, {"centre": {"sco": 1}})
    (hit,) = answer["hits"]
    assert hit["url"] == f"{ADDRESS}/api/v1/records/sco:1"
    assert (hit["editions"], hit["story"]) == (["en", "zh"], [])


async def test_suggestions_are_passed_on(searching: RunningHub) -> None:
    """Nothing typed, nothing suggested."""
    answer = await searching.json("/api/v1/suggest?q=sol&lang=en")
    item = {"text": "solid waste", "source": "topic", "code": "solid-waste"}
    assert answer == {"items": [item], "cursor": None}
    assert (await searching.json("/api/v1/suggest?q="))["items"] == []


async def test_a_question_that_search_refuses_is_the_readers_mistake(
    searching: RunningHub,
) -> None:
    """It is told as a problem, with what search said."""
    answer = await searching.http.get("/api/v1/search?q=refuse me")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "no such syntax"


async def test_the_status_tells_how_far_search_is(searching: RunningHub) -> None:
    """And the hub is ready when search answers and the broker is there."""
    status = await searching.json("/api/v1/status")
    assert status["search"]["cursor"] == 3
    assert (status["search"]["lag"], status["search"]["embedding_backlog"]) == (0, 0)
    assert status["search"]["set_aside_meaning"] == 1
    assert (await searching.http.get("/readyz")).status_code == 200


async def test_without_search_records_can_still_be_read(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """Search is told to be away, not broken."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    await hub.has(record_id)
    answer = await hub.http.get("/api/v1/search?q=waste")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Search does not answer" in answer.json()["detail"]
    assert (await hub.json("/api/v1/status"))["search"]["cursor"] is None
    ready = await hub.json("/readyz")
    assert ready["status"] == "ready"
    assert any("Search" in said for said in ready["remarks"])


async def test_a_record_that_has_not_changed_is_not_sent_again(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """Its tag is that of the entry."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    tag = (await hub.has(record_id)).headers["etag"]
    path = f"/api/v1/records/{record_id}"
    again = await hub.http.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    await line.send(sco.publish(a_record(record_id, 2, en="Revised")))
    await line.receipt(sco.head)
    changed = await hub.http.get(path, headers={"If-None-Match": tag})
    assert changed.json()["editions"]["en"]["title"] == "Revised"


async def test_records_are_listed_newest_first_a_page_at_a_time(
    hub: RunningHub, data: Path, sco: Centre, line: Line
) -> None:
    """A cursor leads to the next page, and filters hold."""
    asean = Centre("asean")
    introduce(data, asean)
    theirs = Line(line.client, "asean")
    await theirs.listen()
    ids = [sco.record_id() for _ in range(3)]
    await line.send(*(sco.publish(a_record(each)) for each in ids))
    await line.receipt(sco.head)
    await theirs.send(asean.publish())
    await theirs.receipt(asean.head)
    first = await hub.http.get("/api/v1/records?centre=sco&limit=2")
    page = first.json()
    assert [each["id"] for each in page["items"]] == [ids[2], ids[1]]
    assert 'rel="next"' in first.headers["link"]
    page = await hub.json(f"/api/v1/records?centre=sco&limit=2&cursor={page['cursor']}")
    assert [each["id"] for each in page["items"]] == [ids[0]]
    assert page["cursor"] is None
    assert len((await hub.json("/api/v1/records"))["items"]) == 4
    assert (await hub.json("/api/v1/records?kind=policy"))["items"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/records/sco:01JD4XG2Q7ZZZZZZZZZZZZZZZZ", 404),
        ("/api/v1/records/nonsense", 404),
        ("/api/v1/records?cursor=nonsense", 422),
        ("/api/v1/records?kind=poem", 422),
        ("/api/v1/records?limit=1000", 422),
        ("/api/v1/search?offset=10001", 422),
        ("/api/v1/suggest?q=a&limit=21", 422),
        ("/api/v1/nowhere", 404),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_document(
    hub: RunningHub, path: str, status: int
) -> None:
    """Whatever went wrong, the shape is the same."""
    answer = await hub.http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_the_vocabularies_have_labels(hub: RunningHub) -> None:
    """In Chinese, English and Russian."""
    topics = (await hub.json("/api/v1/topics"))["items"]
    assert all(topic["labels"].keys() >= {"zh", "en", "ru"} for topic in topics)
    countries = {each["code"]: each for each in (await hub.json("/api/v1/countries"))["items"]}
    assert countries["KZ"]["labels"] == {"zh": "哈萨克斯坦", "en": "Kazakhstan", "ru": "Казахстан"}


async def test_pages_from_elsewhere_may_read(hub: RunningHub) -> None:
    """The data is public."""
    answer = await hub.http.get("/api/v1/centres", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_what_a_centre_signed_is_still_made_safe(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """A signature says who wrote a body, not that it is harmless; the proof keeps the bytes."""
    record = a_record(sco.record_id())
    record.editions[0].body = "<p onclick=alert(1)>Waste\x01</p><script>alert(2)</script>"
    await line.send(sco.publish(record))
    document = (await hub.has(record.id)).json()
    assert document["editions"]["en"]["body"] == "<p>Waste</p>"
