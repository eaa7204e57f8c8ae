"""Mirrors of one centre, made of what its own server gives: dumps and changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from bri_kit import clock
from bri_node.tables import EntryRow
from tests.integration.node.running import RunningNode, read
from tests.support.mirror import Mirror, everything


async def retract(node: RunningNode, record: dict[str, Any]) -> None:
    answer = await node.editor.post(
        f"/api/v1/records/{record['id']}/retract", json={"reason": "wrong"}
    )
    assert answer.status_code == 200, answer.text


async def test_a_dump_and_the_changes_since_make_a_mirror(node: RunningNode) -> None:
    """What was published and withdrawn after the dump is in the changes; drafts are in neither."""
    records = [await node.publish() for _ in range(5)]
    await retract(node, records[4])
    await node.create()
    dump = await node.app.state.node.dumping.make()
    assert (dump.records, dump.lines, dump.change) == (4, 5, 6)
    await retract(node, records[0])
    await node.publish(countries=["CN"])
    mirror = Mirror(node.reader)
    await mirror.load_dump()
    assert records[0]["id"] in mirror.records
    await mirror.follow()
    assert mirror.records == await everything(node.reader)
    assert len(mirror.records) == 4
    alone = Mirror(node.reader)
    await alone.follow()
    assert alone.records == mirror.records


async def test_a_withdrawn_record_is_told_with_its_tombstone(node: RunningNode) -> None:
    """Why, when and which revision, as the record's own address says it."""
    record = await node.publish()
    await retract(node, record)
    [line] = read(await node.reader.get("/api/v1/changes"))["items"]
    gone = read(await node.reader.get(f"/api/v1/records/{record['id']}"))
    assert (line["change"], line["state"]) == (2, "retracted")
    assert line["tombstone"] == {name: gone[name] for name in line["tombstone"]}
    assert line["tombstone"]["reason"] == "wrong"


async def test_a_position_of_another_log_is_told(node: RunningNode) -> None:
    """A log that went on otherwise under the same numbers, as after a restored backup: 410, and a
    harvest that was under way begins again."""
    for _ in range(3):
        await node.publish()
    page = read(await node.reader.get("/api/v1/changes?limit=2"))
    again = f"/api/v1/changes?epoch={page['epoch']}&after={page['after']}"
    assert len(read(await node.reader.get(again))["items"]) == 1
    with node.app.state.node.store.writing() as session:
        session.get_one(EntryRow, 2).hash = bytes(range(32))
    assert (await node.reader.get(again)).status_code == 410
    assert (await node.reader.get("/api/v1/changes?after=4")).status_code == 410
    ahead = await node.reader.get(f"/api/v1/changes?epoch={page['epoch']}&after=9")
    assert ahead.status_code == 410
    assert ahead.json()["title"] == "The change log began anew"


async def test_a_harvest_of_another_log_begins_again(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resumption token says which log it goes on in."""
    monkeypatch.setattr("bri_exchange.oai.answering.PAGE", 2)
    for _ in range(5):
        await node.publish()
    asked = "/oai?verb=ListRecords&metadataPrefix=bri"
    token = (await node.reader.get(asked)).text.rpartition("</resumptionToken>")[0]
    token = token.rpartition(">")[2]
    on = f"/oai?verb=ListRecords&resumptionToken={token}"
    assert "badResumptionToken" not in (await node.reader.get(on)).text
    with node.app.state.node.store.writing() as session:
        session.get_one(EntryRow, 2).hash = bytes(range(32))
    assert "badResumptionToken" in (await node.reader.get(on)).text


async def test_a_dump_is_due_once_the_log_has_begun(node: RunningNode) -> None:
    """Not of an empty log; then each day at its hour, and a missed one at once."""
    dumping = node.app.state.node.dumping
    assert dumping.seconds_left() == 3600
    await node.publish()
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert dumping.seconds_left() == 0
    with time_machine.travel(datetime(2999, 1, 1, 12, tzinfo=UTC), tick=False):
        await dumping.make()
        assert dumping.seconds_left() == 13 * 3600
    catalogue = (await node.reader.get("/catalog.ttl")).text
    assert "/dumps/" in catalogue
