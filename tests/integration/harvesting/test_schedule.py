"""When a source is read, and what a reading that ends early has kept."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bri_harvesting.exchange import Order
from bri_harvesting.source import Finding, Findings, Item, Mark
from bri_node.harvesting.running import run_due
from tests.integration.harvesting.harvesting import (
    EN,
    Harvester,
    counts,
    here,
    item,
    publish,
)
from tests.support.publisher import Answer, Publisher
from tests.support.readings import QUICK


async def test_a_cursor_and_what_lies_before_it_are_one(
    publisher: Publisher, node: Harvester
) -> None:
    """A reading that breaks keeps what it had marked, and goes on from there; nothing is lost and
    nothing comes twice."""
    await node.add(publish(publisher, item(1)))
    orders: list[Order] = []

    async def broken(order: Order) -> AsyncGenerator[Finding, None]:
        orders.append(order)
        start = int(order.cursor.get("page", "0"))
        for number in range(start, start + 2):
            yield Item(f"{number}", "en", f"{EN} {number}", "<p>Text</p>", place=str(number))
            yield Mark({"page": str(number + 1)})
        yield Item("lost", "en", EN, "<p>Text</p>")
        raise OSError("the line broke")

    for _ in range(2):
        await node.editor.post("/api/v1/sources/news/run")
        assert await run_due(node.app.state.node, broken, QUICK)
        last = (await node.source())["last"]
        assert last["failed"]
        assert counts(last) == {"new": 2}
    assert [each.cursor for each in orders] == [{}, {"page": "2"}]
    assert len(await node.records()) == 4


async def test_a_source_that_is_changed_while_it_is_read_keeps_nothing_more(
    publisher: Publisher, node: Harvester
) -> None:
    """Whatever was on its way belongs to a source that is not there any more."""
    await node.add(publish(publisher, item(1)))

    async def slow(order: Order) -> Findings:
        await node.editor.delete("/api/v1/sources/news")
        async for finding in here(order):
            yield finding

    assert await run_due(node.app.state.node, slow, QUICK)
    assert await node.records() == []
    assert (await node.editor.get("/api/v1/sources/news")).status_code == 404


async def test_failures_back_off_and_a_restart_changes_nothing(
    publisher: Publisher, node: Harvester, tmp_path: Path
) -> None:
    """The next reading is later after each failure, never before the server allows, and is kept in
    the database."""
    url = publish(publisher, item(1))
    publisher.routes["/feed"] = Answer(b"", 503, {"Retry-After": "86400"})
    await node.add(url, every_minutes=10)
    await node.harvest()
    source = await node.source()
    assert source["failures"] == 1
    assert source["last"]["faults"][0]["code"] == "busy"
    assert source["succeeded_at"] is None
    assert source["next_at"] > source["ran_at"][:8]
    assert not await run_due(node.app.state.node, here, QUICK)
    await node.stop()
    await node.start()
    assert not await run_due(node.app.state.node, here, QUICK)
    assert (await node.source())["next_at"] == source["next_at"]
    publish(publisher, item(1))
    assert counts(await node.harvest()) == {"new": 1}
    assert (await node.source())["failures"] == 0


async def test_a_paused_source_is_read_only_when_somebody_asks(
    publisher: Publisher, node: Harvester
) -> None:
    """And then once."""
    await node.add(publish(publisher, item(1)), paused=True)
    assert not await run_due(node.app.state.node, here, QUICK)
    assert counts(await node.harvest()) == {"new": 1}
    assert (await node.source())["next_at"] is None


async def test_editing_goes_on_while_a_source_is_read(
    publisher: Publisher, node: Harvester
) -> None:
    """A server that keeps us waiting keeps nobody else."""
    publisher.routes["/feed"] = Answer(b"<rss", stalls=True)
    await node.add(publisher.url("/feed"))
    limits = QUICK.__class__(seconds=30, pause=0)
    reading = asyncio.create_task(run_due(node.app.state.node, here, limits))
    record = await node.publish()
    assert record["state"] == "published"
    assert not reading.done()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
