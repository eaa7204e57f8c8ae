"""What one hostile source may cost, and that the others do not wait for it."""

import asyncio
import resource
import time
from dataclasses import replace
from datetime import datetime

from bri_harvesting import child, feeds
from bri_harvesting.exchange import Order
from bri_harvesting.source import Fault, Findings, Limits, Mark, Source
from bri_node.desk import remarks
from bri_node.harvesting import running
from tests.integration.harvesting.harvesting import (
    Harvester,
    counts,
    feed_of,
    item,
    publish,
)
from tests.integration.harvesting.test_repositories import Repository, record
from tests.support.publisher import ALLOWED, Answer, Asked, Publisher
from tests.support.readings import QUICK, reading_of
from tests.support.waiting import eventually


def _cpu_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


async def _read_in_child(publisher: Publisher, body: bytes, limits: Limits) -> list[Fault]:
    publisher.routes["/feed"] = Answer(body)
    source = Source("feed", publisher.url("/feed"), ("en",), allowed=ALLOWED)
    found = [each async for each in child.read(Order(source, limits=limits))]
    return [each for each in found if isinstance(each, Fault)]


async def test_a_document_costs_seconds_and_says_so(publisher: Publisher) -> None:
    """Elements without end are read for as long as one document may take; the fault says why."""
    limits = replace(QUICK, cpu_seconds=1.0, cpu_seconds_a_mib=0.0, all_seconds=60)
    began = _cpu_seconds()
    [fault] = await _read_in_child(publisher, b"<rss><channel>" + b"<a/>" * 1_500_000, limits)
    assert (fault.code, fault.fatal) == ("exhausted", True)
    assert "1.0 s of processor time" in fault.detail
    assert _cpu_seconds() - began < 10


async def test_document_types_without_end_cost_nothing(publisher: Publisher) -> None:
    """Each is read once: 9 MB, before the root element and within."""
    for body in (b"<!DOCTYPE[" * 900_000, b"<rss>" + b"<!DOCTYPE[" * 900_000):
        began = _cpu_seconds()
        [fault] = await _read_in_child(publisher, body, replace(QUICK, all_seconds=60))
        assert fault.code == "not-a-feed"
        assert _cpu_seconds() - began < 10


def test_a_prologue_is_cut_off_in_one_pass() -> None:
    """Comments, instructions and document types, finished or not; the root element stays."""
    subset = '<!DOCTYPE a [<!ENTITY b "]>"> <!-- don\'t ]> --> <!ELEMENT c ANY>] >'
    for prologue in (
        "<?xml version='1.0'?>\n<!-- > --> ",
        subset,
        "<!DOCTYPE rss>",
        "\ufeff junk ",
    ):
        assert feeds._from_root(f"{prologue}<rss a='<'>x") == "<rss a='<'>x"
    for part in (
        "<!DOCTYPE[",
        "<!--",
        "<?",
        "<!DOCTYPE a [",
        '<!DOCTYPE a ["',
        "\n",
        "<!DOCTYPE a ",
    ):
        assert feeds._from_root(part * 200_000) == ""


async def test_a_reading_that_used_its_time_leaves_the_rest_for_the_next(
    publisher: Publisher,
) -> None:
    """What was read is kept with its cursor, nothing is a fault, no further page is asked for."""
    repository = Repository([record(n) for n in range(1, 6)])

    def slow(asked: Asked) -> Answer:
        ends_at = time.process_time() + 0.2
        while time.process_time() < ends_at:
            pass
        return repository.answer(asked)

    publisher.routes["/oai"] = slow
    limits = replace(QUICK, all_cpu_seconds=0.1)
    reading = await reading_of("oai", publisher.url("/oai"), limits=limits)
    assert (reading.faults, reading.cursor["token"]) == ([], "2")
    assert len(publisher.asked) == 1


async def test_an_exhausted_source_is_read_later_each_time(
    publisher: Publisher, node: Harvester
) -> None:
    """An hour later at first, however often it is read else; the reason stands with the source."""
    await node.add(publish(publisher, item(1)), every_minutes=5)

    async def exhausted(order: Order) -> Findings:
        yield Fault("exhausted", "one document needs more than 6.0 s", fatal=True)

    waits = []
    for _ in range(6):
        await node.editor.post("/api/v1/sources/news/run")
        assert await running.run_due(node.app.state.node, exhausted, QUICK)
        source = await node.source()
        assert source["last"]["faults"][0]["code"] == "exhausted"
        waits.append(_minutes(source["next_at"]) - _minutes(source["ran_at"]))
    assert waits[0] >= 59
    assert waits[-1] > 2 * waits[0]


def _minutes(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() / 60


async def test_a_slow_source_does_not_keep_others_waiting(
    publisher: Publisher, node: Harvester
) -> None:
    """While one is being read, another is begun and ends; the slow one is not read twice."""
    url = publish(publisher, item(1))
    await node.add(url)
    second = {"name": "more", "kind": "feed", "url": url}
    assert (await node.editor.post("/api/v1/sources", json=second)).status_code == 201
    let_go, begun = asyncio.Event(), []

    async def read(order: Order) -> Findings:
        begun.append(order.source.url)
        if len(begun) == 1:
            await let_go.wait()
        yield Mark({"page": "1"})

    task = asyncio.create_task(running.run(node.app.state.node, read, QUICK, every=0.05))

    async def one_was_read() -> bool:
        ran = [(await node.source(name))["ran_at"] for name in ("news", "more")]
        return sum(each is not None for each in ran) == 1

    await eventually(one_was_read)
    assert len(begun) == 2
    let_go.set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


DAMAGED = feed_of(item(1), item(2, "caf@")).encode().replace(b"@", b"\xe9")


async def test_what_was_recovered_waits_for_an_editor(
    publisher: Publisher, node: Harvester
) -> None:
    """Also where the source publishes: a draft, with a comment that says what was assumed."""
    await node.add(publisher.put("/feed", DAMAGED), publish=True)
    last = await node.harvest()
    assert counts(last) == {"new": 2}
    assert last["held"] == 1
    assert len(await node.records("published")) == 1
    [draft] = await node.records("draft")
    with node.app.state.node.store.reading() as session:
        [comment] = remarks.thread(session, draft["id"])
        assert comment.author == "source news"
        assert "check letters" in comment.text


async def test_a_change_that_was_recovered_is_proposed(
    publisher: Publisher, node: Harvester
) -> None:
    """The published record stays; the proposal says what was assumed."""
    await node.add(publish(publisher, item(1)), publish=True)
    await node.harvest()
    publisher.put("/feed", feed_of(item(1, "caf@")).encode().replace(b"@", b"\xe9"))
    assert counts(await node.harvest()) == {"proposed": 1}
    [proposal] = await node.proposals()
    assert "check letters" in proposal["reason"]
