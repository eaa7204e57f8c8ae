"""A node that harvests when the test says so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bri_harvesting.exchange import Order
from bri_harvesting.reading import read as read_here
from bri_harvesting.source import Findings
from bri_node.harvesting.running import run_due
from sco_platform.profile import PROFILE
from tests.integration.node.running import RunningNode, read
from tests.support.publisher import ALLOWED, Publisher
from tests.support.readings import QUICK

EN = "The ministry has adopted rules for the handling of solid waste"


def here(order: Order) -> Findings:
    """Read in this process: the other has tests of its own."""
    return read_here(order.source, order.cursor, order.probes, order.limits)


class Harvester(RunningNode):
    """A node whose sources are read by `harvest`."""

    def __init__(self, data: Path) -> None:
        super().__init__(PROFILE, data)
        self.settings = self.settings.model_copy(
            update={"harvest": False, "fetch_allowed": ALLOWED}
        )

    async def add(self, url: str, kind: str = "feed", **more: Any) -> dict[str, Any]:
        """A new source, called news."""
        document = {"name": "news", "kind": kind, "url": url} | more
        answer = await self.editor.post("/api/v1/sources", json=document)
        assert answer.status_code == 201, answer.text
        return read(answer)

    async def harvest(self, name: str = "news") -> dict[str, Any]:
        """Read the source now; answers how it went."""
        assert (await self.editor.post(f"/api/v1/sources/{name}/run")).status_code == 202
        assert await run_due(self.app.state.node, here, QUICK)
        last = (await self.source(name))["last"]
        assert isinstance(last, dict)
        return last

    async def source(self, name: str = "news") -> dict[str, Any]:
        return read(await self.editor.get(f"/api/v1/sources/{name}"))

    async def records(self, state: str = "draft") -> list[dict[str, Any]]:
        """All records in a state, the oldest first."""
        answer = await self.editor.get("/api/v1/records", params={"state": state, "limit": 100})
        items: list[dict[str, Any]] = read(answer)["items"]
        return sorted(items, key=lambda each: str(each["id"]))

    async def proposals(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = read(await self.editor.get("/api/v1/proposals"))["items"]
        return items

    async def decide(self, number: int, decision: str) -> int:
        answer = await self.editor.post(f"/api/v1/proposals/{number}/{decision}")
        return answer.status_code


def counts(last: Mapping[str, Any]) -> dict[str, int]:
    """What a reading came to, without what it did not."""
    names = ("new", "revised", "unchanged", "renamed", "duplicates", "proposed")
    return {name: last[name] for name in names if last[name]}


def feed_of(*items: str) -> str:
    head = "<title>Waste News</title><link>https://example.org/</link><language>en</language>"
    return f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def item(number: int, text: str = "Who collects what.", guid: str = "", link: str = "") -> str:
    guid = guid or f"tag:{number}"
    link = link or f"https://example.org/{number}"
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><link>{link}</link>'
        f"<title>{EN} {number}</title><description>{text}</description></item>"
    )


def publish(publisher: Publisher, *items: str) -> str:
    return publisher.put("/feed", feed_of(*items))
