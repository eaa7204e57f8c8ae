"""Looking for retracted records: every door that is open is told."""

from collections.abc import Sequence
from typing import Any

import httpx

from bri_retrieval.engine import Hit, Query, Results, Suggestion
from tests.chaos.doors import Doors
from tests.chaos.world import Line, Reach

RECORD = "sco:01JD4XAAAAAAAAAAAAAAAAAAAA"
OTHER = "sco:01JD4XBBBBBBBBBBBBBBBBBBBB"
MARK = "zqaaaaaaaaaa"
RETRACTION = Line(2, RECORD, 1, is_publication=False, mark="zqbbbbbbbbbb", hash=b"")


class Replica:
    """A search replica that leaks, or does not."""

    def __init__(self, *, leaks: bool = False, in_story: bool = False) -> None:
        self.leaks = leaks
        self.in_story = in_story

    async def search(self, query: Query) -> Results:
        told = (RECORD,) if self.in_story else ()
        hit = a_hit(OTHER if self.in_story else RECORD, told)
        hits = [hit] if self.leaks and query.text == MARK else []
        return Results(len(hits), hits)

    async def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        return [Suggestion(f"Waste {MARK}", "title", RECORD)] if self.leaks else []


def a_hit(record_id: str, story: Sequence[str]) -> Hit:
    return Hit(record_id, "sco", "news", "en", "Waste", "", "", (), (), (), story)


async def reach(leaks: str = "", replica: Replica | None = None) -> list[Reach]:
    """What is reached where the address `leaks` answers as if the record were still there."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_open = f"{request.url.host}{request.url.path}" == leaks
        if request.url.path.startswith("/api/v1/records/"):
            return httpx.Response(200 if is_open else 410, json={})
        assert request.url.params["q"] == MARK
        found: dict[str, Any] = {"id": RECORD, "story": [], "text": f"Waste {MARK}"}
        rows = [found] if is_open else []
        return httpx.Response(200, json={"hits": rows, "items": rows})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        replicas: Any = [Replica(), replica or Replica()]
        doors = Doors(client, "http://hub", {"sco": "http://sco"}, replicas, {RECORD: {MARK}})
        return await doors.reach(RETRACTION)


async def test_a_record_that_is_gone_is_reached_by_no_door() -> None:
    """410 at its addresses, and nothing for its words."""
    assert await reach() == []


async def test_each_address_of_hub_and_node_is_tried() -> None:
    """An answer other than 410 is an open door: 200, and 404 too, which has no tombstone."""
    for address in (
        f"hub/api/v1/records/{RECORD}",
        f"hub/api/v1/records/{RECORD}/story",
        f"sco/api/v1/records/{RECORD}",
        "hub/api/v1/search",
        "hub/api/v1/suggest",
        "sco/api/v1/search",
    ):
        [found] = await reach(address)
        assert found.record_id == RECORD


async def test_each_replica_is_asked() -> None:
    """The hub asks one of them only."""
    doors = [found.door for found in await reach(replica=Replica(leaks=True))]
    assert doors == ["replica 1", "the suggestions of replica 1"]


async def test_a_name_on_the_card_of_a_story_is_an_open_door() -> None:
    """Whoever reads the card is led to the record."""
    leak = Replica(leaks=True, in_story=True)
    assert "replica 1" in [found.door for found in await reach(replica=leak)]
