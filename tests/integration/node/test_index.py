"""A node's own index, which may be lost at any time."""

import re
import shutil
from typing import Any

import pytest
from tantivy import Document

from bri_node import indexer
from bri_retrieval.embedded import binding
from bri_retrieval.embedded.documents import document
from bri_retrieval.stories.card import Card
from tests.integration.node.running import RunningNode, read
from tests.support.damage import rot
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


async def test_one_record_does_not_stop_the_nodes_own_index(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set aside; what is published before and after is found, and the node is ready."""

    def failing(card: Card) -> Document:
        if any(member.kind == "case" for member in card.members):
            raise OverflowError("int too big to convert")
        return document(card)

    monkeypatch.setattr(binding, "document", failing)
    await node.publish()
    await node.publish(kind="case")
    await node.publish()
    await eventually(lambda: total(node), lambda found: found == 2)
    assert (await node.reader.get("/readyz")).status_code == 200
    assert re.search(r"node_records_set_aside\{.*\} 1\.0", (await node.reader.get("/metrics")).text)


async def test_a_nodes_index_that_rots_in_use_is_filled_again(node: RunningNode) -> None:
    """Without a restart, and without another publication."""
    await node.publish()
    await eventually(lambda: total(node), lambda found: found == 1)
    for each in (node.data / "index").glob("*.fast"):
        rot(each, share=1.0, footer=100)

    async def found() -> int:
        answer = await node.reader.get("/api/v1/search")
        return int(read(answer)["total"]) if answer.is_success else -1

    await eventually(found, lambda number: number == 1)
    await eventually(lambda: node.reader.get("/readyz"), lambda answer: answer.status_code == 200)
