"""A node's own index, which may be lost at any time."""

import shutil
from typing import Any

import pytest

from bri_node import indexer
from tests.integration.node.running import RunningNode, read
from tests.support.waiting import eventually


async def total(node: RunningNode) -> int:
    answer: dict[str, Any] = read(await node.reader.get("/api/v1/search"))
    return int(answer["total"])


async def test_an_index_that_is_deleted_in_use_fills_itself_again(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a restart; what was published before and after is found, each once."""
    monkeypatch.setattr(indexer, "_RETRY_SECONDS", 0.05)
    await node.publish()
    await eventually(lambda: total(node), lambda found: found == 1)
    shutil.rmtree(node.data / "index", ignore_errors=True)  # a merge may be writing
    await node.publish(kind="case")
    await eventually(lambda: total(node), lambda found: found == 2)
    await eventually(lambda: node.reader.get("/readyz"), lambda answer: answer.status_code == 200)
