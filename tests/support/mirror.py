"""Somebody else's copy of what a hub or a node gives, kept as the documentation says."""

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(slots=True)
class Mirror:
    """A copy, by its records' ids, of what `source` serves."""

    source: httpx.AsyncClient
    records: dict[str, Any] = field(default_factory=dict)
    epoch: str = ""
    after: int = 0

    async def load_dump(self) -> None:
        """Begin with the newest dump."""
        (dump, *_) = (await self._read("/dumps/"))["items"]
        answer = await self.source.get(dump["url"])
        for line in gzip.decompress(answer.content).splitlines():
            self._apply(json.loads(line))
        self.epoch, self.after = dump["epoch"], dump["change"]

    async def follow(self, limit: int = 2) -> None:
        """Go on with what changed since."""
        while True:
            query = f"epoch={self.epoch}&after={self.after}&limit={limit}"
            page = await self._read(f"/api/v1/changes?{query}")
            for each in page["items"]:
                self._apply(each)
            self.epoch, self.after = page["epoch"], page["after"]
            if page["cursor"] is None:
                return

    async def _read(self, url: str) -> Any:
        answer = await self.source.get(url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _apply(self, line: dict[str, Any]) -> None:
        self.records.pop(line["id"], None)
        if line["state"] == "published":
            self.records[line["id"]] = line["record"]


async def everything(source: httpx.AsyncClient) -> dict[str, Any]:
    """What the list of `source` itself shows."""
    found: dict[str, Any] = {}
    url = "/api/v1/records?limit=100"
    while url:
        answer = await source.get(url)
        found |= {each["id"]: each for each in answer.json()["items"]}
        url = answer.links["next"]["url"] if "next" in answer.links else ""
    return found
