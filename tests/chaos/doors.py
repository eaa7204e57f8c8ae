"""Whether a retracted record can still be reached: by every door that a reader could try.

The record's own address and its story must answer 410 at hub and node; the words of its titles must
find nothing in any search, and complete nothing that is typed.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import httpx

from bri_hub.searching import SearchClient
from bri_retrieval.engine import Query
from tests.chaos.world import Line, Reach

GONE = 410
BUSY = 503
TRIES = 5
"""How often a search that is too busy to answer is asked before its silence is an error."""


class Doors:
    """All doors of one federation. `marks` has the words of all titles that each record had."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        hub: str,
        nodes: Mapping[str, str],
        searches: Sequence[SearchClient],
        marks: Mapping[str, Collection[str]],
    ) -> None:
        self._client = client
        self._hub = f"{hub}/api/v1"
        self._nodes = {code: f"{url}/api/v1" for code, url in nodes.items()}
        self._searches = searches
        self._marks = marks

    async def reach(self, retraction: Line) -> list[Reach]:
        """The doors by which the record can be reached."""
        record_id = retraction.record_id
        node = self._nodes[record_id.partition(":")[0]]
        open_doors = [
            *await self._addresses(self._hub, "hub", record_id),
            *await self._addresses(node, "node", record_id, story=False),
        ]
        for mark in sorted(self._marks.get(record_id, ())):
            open_doors += await self._words(node, record_id, mark)
        return [Reach(record_id, door) for door in open_doors]

    async def _addresses(
        self, url: str, where: str, record_id: str, *, story: bool = True
    ) -> list[str]:
        tails = ("", "/story") if story else ("",)
        open_doors = []
        for tail in tails:
            answer = await self._client.get(f"{url}/records/{record_id}{tail}")
            if answer.status_code != GONE:
                open_doors.append(f"the {where}'s /records/…{tail} ({answer.status_code})")
        return open_doors

    async def _words(self, node: str, record_id: str, mark: str) -> list[str]:
        open_doors = []
        for url, where in ((self._hub, "the hub's search"), (node, "the node's search")):
            document = await self._ask(f"{url}/search", mark)
            if any(record_id in (hit["id"], *hit["story"]) for hit in document["hits"]):
                open_doors.append(where)
        document = await self._ask(f"{self._hub}/suggest", mark)
        if any(mark in item["text"] for item in document["items"]):
            open_doors.append("the hub's suggestions")
        for index, search in enumerate(self._searches):
            hits = (await search.search(Query(mark))).hits
            if any(record_id in (hit.id, *hit.story) for hit in hits):
                open_doors.append(f"replica {index}")
            if any(mark in each.text for each in await search.suggest(mark, "en", 5)):
                open_doors.append(f"the suggestions of replica {index}")
        return open_doors

    async def _ask(self, url: str, text: str) -> dict[str, Any]:
        for _ in range(TRIES):
            answer = await self._client.get(url, params={"q": text})
            if answer.status_code != BUSY:
                break
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
