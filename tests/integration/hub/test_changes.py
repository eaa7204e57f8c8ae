"""The change log as followers read it."""

from typing import Any

import grpc
import pytest
from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.domain import CentreState
from bri_hub.repository import changelog
from bri_hub.tables import Centre as CentreRow
from tests.integration.hub.running import Line, RunningHub
from tests.support.centres import Centre, a_record


async def changes(call: Any, upto: int) -> list[log_pb2.Change]:
    """The changes until the one with the number `upto`."""
    found: list[log_pb2.Change] = []
    async for response in call:
        found += response.changes
        if found and found[-1].number >= upto:
            return found
    raise AssertionError(f"ended after {len(found)} changes")


async def test_a_follower_gets_everything_then_what_comes(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """From 0 and live, byte for byte what the centre signed."""
    await line.send(*(sco.publish() for _ in range(3)))
    await line.receipt(sco.head)
    async with hub.follow() as call:
        found = await changes(call, 3)
        assert [each.entry.SerializeToString() for each in found] == sco.entries
        assert not any(each.hidden for each in found)
        await line.send(sco.publish())
        (live,) = await changes(call, 4)
        assert live.entry.SerializeToString() == sco.entries[3]
        assert 'hub_follower_cursor{follower="test"}' in (await hub.http.get("/metrics")).text


async def test_a_follower_hears_of_a_commit_at_once(
    hub: RunningHub, sco: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for the next time that it would look anyway."""
    monkeypatch.setattr("bri_hub.changes.SAFETY_SECONDS", 3_600)
    async with hub.follow() as call:
        assert (await call.read()).head == 0
        await line.send(sco.publish())
        assert (await call.read()).head == 1


async def test_a_follower_goes_on_from_its_cursor(hub: RunningHub, sco: Centre, line: Line) -> None:
    """Only what came after it is sent, a page at a time."""
    await line.send(*(sco.publish() for _ in range(1_203)))
    await line.receipt(sco.head)
    async with hub.follow(after=2) as call:
        pages = [await call.read() for _ in range(3)]
    assert [len(page.changes) for page in pages] == [500, 500, 201]
    assert pages[0].changes[0].number == 3
    assert pages[2].changes[-1].number == pages[2].head == 1_203


async def test_an_empty_log_says_that_its_head_is_0(hub: RunningHub) -> None:
    """A follower knows at once that there is nothing more."""
    async with hub.follow() as call:
        response = await call.read()
    assert (list(response.changes), response.head) == ([], 0)


async def test_a_page_is_bounded_in_bytes(
    hub: RunningHub, sco: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change larger than a page travels alone."""
    monkeypatch.setattr(changelog, "MAX_BYTES", 10)
    await line.send(sco.publish(), sco.publish())
    await line.receipt(sco.head)
    async with hub.follow() as call:
        pages = [await call.read(), await call.read()]
    assert [[each.number for each in page.changes] for page in pages] == [[1], [2]]


async def test_a_record_revised_twice_is_sent_once(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """The log is compacted: the newest change of a record is the one that there is."""
    record_id = sco.record_id()
    await line.send(*(sco.publish(a_record(record_id, number)) for number in (1, 2, 3)))
    await line.receipt(sco.head)
    async with hub.follow() as call:
        (change,) = await changes(call, 3)
    assert (change.number, change.record_id) == (3, record_id)
    entry = log_pb2.Entry.FromString(change.entry.entry)
    assert entry.published.revision == 3


async def test_a_retraction_is_sent_and_answered_as_a_tombstone(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """Followers get the signed retraction, readers when, why and by whom."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)), sco.retract(record_id, 1, "a wrong figure"))
    answer = await hub.has(record_id, 410)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["reason"] == "a wrong figure"
    assert problem["centre"] == "sco"
    assert problem["retracted_at"].endswith("Z")
    assert (await hub.http.get(f"/api/v1/records/{record_id}/story")).status_code == 410
    assert (await hub.json(f"/api/v1/records/{record_id}/proof"))["number"] == 2
    assert (await hub.json("/api/v1/records"))["items"] == []
    async with hub.follow() as call:
        (change,) = await changes(call, 2)
    entry = log_pb2.Entry.FromString(change.entry.entry)
    assert (entry.retracted.record_id, change.hidden) == (record_id, False)


async def test_a_limited_centres_records_are_hidden(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """They are followed, marked so, and nobody else is shown them."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    await hub.has(record_id)
    with Session(hub.app.state.parts.engine.execution_options(writes=True)) as session:
        session.get_one(CentreRow, "sco").state = CentreState.LIMITED
        session.commit()
    async with hub.follow() as call:
        (change,) = await changes(call, 1)
    assert change.hidden
    await hub.has(record_id, 404)


async def test_a_cursor_beyond_the_head_is_told_so(hub: RunningHub) -> None:
    """It is of another hub, or of before a backup was restored: the follower has to begin anew."""
    async with hub.follow(after=7) as call:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call.read()
    assert raised.value.code() is grpc.StatusCode.OUT_OF_RANGE
