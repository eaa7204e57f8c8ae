"""A node and its hub, each of which can be stopped, restored from a copy, and started."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from bri_hub.admission import admit
from bri_hub.searching import SearchClient
from bri_kit import database
from tests.integration.hub.running import RunningHub, running_hub
from tests.integration.node.running import RunningNode, read
from tests.support import folders
from tests.support.waiting import eventually

PATIENCE_SECONDS = 40.0


class Pair:
    """`hub` runs between `start_hub` and `stop_hub`."""

    def __init__(self, node: RunningNode, hub_data: Path, nats_url: str) -> None:
        self.node = node
        self.hub_data = hub_data
        self.hub: RunningHub
        self._nats_url = nats_url
        self._open = AsyncExitStack()

    async def admit(self) -> None:
        admit(self.hub_data, read(await self.node.reader.get("/api/v1/centre")))

    async def start_hub(self) -> None:
        self.hub = await self._open.enter_async_context(running_hub(self.hub_data, self._nats_url))

    async def search_with(self, url: str) -> None:
        """Have the hub that runs ask the search service at `url`."""
        parts = self.hub.app.state.parts
        await parts.search.close()
        parts.search = SearchClient(url)

    async def stop_hub(self) -> None:
        await self._open.aclose()

    async def settled(self, count: int) -> dict[str, Any]:
        """The node's report once the hub has answered all of `count` entries."""

        def whole(report: dict[str, Any]) -> bool:
            return (report["written"], report["waiting"], report["hub_head"]) == (count, 0, count)

        return await eventually(self.node.delivery, whole, seconds=PATIENCE_SECONDS)

    async def resync(self) -> dict[str, Any]:
        answer = await self.node.editor.post("/api/v1/resync")
        assert answer.status_code == 200, answer.text
        return read(answer)

    async def same(self, count: int) -> None:
        """Node and hub hold `count` entries, byte for byte."""
        await self.settled(count)
        entries = [self.entries(self.node_file), self.entries(self.hub_file)]
        assert len(entries[0]) == count
        assert entries[0] == entries[1]

    @property
    def node_file(self) -> Path:
        return self.node.data / "node.db"

    @property
    def hub_file(self) -> Path:
        return self.hub_data / "hub.db"

    def entries(self, file: Path) -> list[tuple[int, bytes, bytes]]:
        found = ask(file, "SELECT number, hash, envelope FROM entry ORDER BY number")
        return [(row[0], row[1], row[2]) for row in found]

    def copy(self, folder: Path) -> Path:
        """A backup of the folder of something that does not run."""
        backup = folder.with_name(f"{folder.name}-backup")
        folders.copy(folder, backup)
        return backup

    def restore(self, folder: Path) -> None:
        """Put the backup back; the backup can be used again."""
        folders.put_back(folder.with_name(f"{folder.name}-backup"), folder)


def ask(file: Path, statement: str, **values: Any) -> list[Any]:
    """Run a statement on a database file, past everything that keeps it in order."""
    engine: Engine = database.connect(database.sqlite_url(file))
    try:
        with engine.execution_options(writes=True).begin() as connection:
            result = connection.execute(sqlalchemy.text(statement), values)
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()
