"""Backups that were put back, stores that were wiped: each heals without anybody's command."""

import asyncio
import shutil
from contextlib import suppress
from typing import Any

import pytest
from nats.js.errors import NotFoundError

from bri_hub.domain import Gap
from bri_kit import transport
from bri_node import recovery
from bri_node.hub import HubAway
from tests.integration.node.running import a_document, read
from tests.integration.node.test_imports import line
from tests.integration.repair.pair import Pair
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


async def publish_many(pair: Pair, count: int) -> None:
    data = b"".join(line() for _ in range(count))
    answer = await pair.node.editor.post("/api/v1/imports?publish=true", content=data)
    assert f'"imported":{count}' in answer.text


async def test_a_restored_hub_gets_back_what_it_lost(pair: Pair, broker: NatsServer) -> None:
    """Nothing happens at the node, and the broker has forgotten everything: the hub's word that it
    stands lower is enough."""
    for _ in range(2):
        await pair.node.publish()
    await pair.settled(2)
    await pair.stop_hub()
    pair.copy(pair.hub_data)
    await pair.start_hub()
    await pair.node.publish()
    record = await pair.node.publish()
    await pair.settled(4)
    await pair.stop_hub()
    broker.stop()
    shutil.rmtree(broker.folder / "store")
    broker.start()
    pair.restore(pair.hub_data)
    await pair.start_hub()
    await pair.hub.has(record["id"])
    await pair.same(4)


async def test_answers_that_a_restored_hub_has_lost_are_forgotten(pair: Pair) -> None:
    """What it no longer holds waits again, until it answers anew."""
    await pair.node.publish()
    await pair.settled(1)
    await pair.stop_hub()
    pair.copy(pair.hub_data)
    await pair.start_hub()
    record = await pair.node.publish()
    await pair.settled(2)
    path = f"/api/v1/records/{record['id']}/delivery"
    before = read(await pair.node.editor.get(path))
    assert before["state"] == "accepted"
    await pair.stop_hub()
    pair.restore(pair.hub_data)
    await pair.start_hub()

    async def told() -> dict[str, Any]:
        return read(await pair.node.editor.get(path))

    after = await eventually(
        told, lambda it: it["state"] == "accepted" and it["at"] != before["at"], seconds=40
    )
    assert after["places"][0]["since"] == after["at"]


@pytest.mark.parametrize("how", ["stream", "files"])
async def test_a_wiped_store_loses_nothing(pair: Pair, broker: NatsServer, how: str) -> None:
    """The stream is deleted, or its files are, while entries are on their way, twice."""
    await pair.node.publish()
    await pair.settled(1)
    jetstream = pair.hub.app.state.parts.nats.jetstream()
    for _ in range(2):
        await publish_many(pair, 20)
        if how == "stream":
            with suppress(NotFoundError):  # nobody has made it again yet
                await jetstream.delete_stream(transport.STREAM)
        else:
            shutil.rmtree(broker.folder / "store", ignore_errors=True)
    await pair.node.publish()
    await pair.same(42)


async def test_a_node_that_was_away_for_long_delivers_everything(
    pair: Pair, broker: NatsServer
) -> None:
    """More entries than the hub keeps waiting, or asks for at once, in the meantime written."""
    broker.stop()
    for _ in range(3):
        await publish_many(pair, 2_500)
    broker.start()
    await pair.same(7_500)
    status = await pair.hub.centre()
    assert (status["records"], status["gaps"], status["resending"]) == (7_500, 0, None)


async def test_a_gap_is_shown_as_it_heals(pair: Pair) -> None:
    """`/status` says what is missing, what was asked for, and how much is still to come."""
    parts = pair.hub.app.state.parts
    parts.reminders.next_request("sco", Gap(5, 9), 0.0)
    assert (await pair.hub.centre())["resending"] == {"first": 5, "last": 9, "remaining": 5}


async def restore_node(pair: Pair) -> None:
    """Put the node's backup back, and start it."""
    await pair.node.stop()
    pair.restore(pair.node.data)
    await pair.node.start()


async def backed_up(pair: Pair) -> dict[str, Any]:
    """One record, delivered; then a backup of the node; then the record is revised and retracted,
    and two others are published. The first record."""
    record = await pair.node.publish()
    await pair.settled(1)
    await pair.node.stop()
    pair.copy(pair.node.data)
    await pair.node.start()
    path = f"/api/v1/records/{record['id']}"
    changed = a_document(topics=[])
    await pair.node.editor.put(path, json=changed, headers={"If-Match": '"1"'})
    await pair.node.editor.post(f"{path}/retract", json={"reason": "An error."})
    await pair.node.publish()
    await pair.node.publish()
    await pair.settled(5)
    return record


async def test_a_restored_node_fetches_its_own_log(pair: Pair) -> None:
    """It writes nothing under used numbers: records, history and log are as they were, the next
    entry follows, and the hub sees no fork."""
    record = await backed_up(pair)
    await restore_node(pair)
    await eventually(pair.node.delivery, lambda report: report["written"] == 5)
    listed = read(await pair.node.reader.get("/api/v1/records"))["items"]
    assert len(listed) == 2
    gone = await pair.node.reader.get(f"/api/v1/records/{record['id']}")
    assert (gone.status_code, gone.json()["reason"]) == (410, "An error.")
    await pair.node.publish()
    await pair.same(6)
    assert (await pair.hub.centre())["state"] == "active"
    again = await pair.node.editor.post(f"/api/v1/records/{record['id']}/publish")
    assert read(again)["revision"] == 3
    await pair.same(7)


async def test_publishing_waits_for_the_log_and_is_refused_where_it_does_not_come(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear 503 while the hub shows that there is more and does not send it; drafts go on."""
    await backed_up(pair)
    fetch = recovery.Recovery._fetch

    async def away(*_: object) -> Any:
        await asyncio.sleep(0)
        raise HubAway("The hub does not answer.")

    monkeypatch.setattr(recovery.Recovery, "_fetch", away)
    await restore_node(pair)
    report = await eventually(pair.node.delivery, lambda report: report["healing"])
    assert "restored from a backup" in report["healing"]["detail"]
    document = a_document()
    answer = await pair.node.editor.post("/api/v1/records?publish=true", json=document)
    assert (answer.status_code, read(answer)["title"]) == (503, "The log is being restored")
    imported = await pair.node.editor.post("/api/v1/imports?publish=true", content=line())
    assert "being fetched" in imported.text
    await pair.node.create()
    monkeypatch.setattr(recovery.Recovery, "_fetch", fetch)
    await eventually(pair.node.delivery, lambda report: report["healing"] is None)
    await pair.node.publish()
    await pair.same(6)


async def test_what_was_written_without_the_hubs_word_comes_after_what_was_lost(
    pair: Pair, broker: NatsServer
) -> None:
    """Restored, without a line, an editor publishes and retracts under numbers that were used.
    Nothing of it is sent; when the line is back the log is fetched and the work follows it."""
    await backed_up(pair)
    await pair.node.stop()
    pair.restore(pair.node.data)
    broker.stop()
    await pair.node.start()
    mine = await pair.node.publish(topics=[])
    other = await pair.node.publish()
    await pair.node.editor.post(f"/api/v1/records/{other['id']}/retract", json={"reason": "No."})
    assert (await pair.node.delivery())["written"] == 4
    broker.start()
    await pair.same(8)
    assert (await pair.hub.centre())["state"] == "active"
    shown = await pair.hub.has(mine["id"])
    assert shown.json()["topics"] == []
    await pair.hub.has(other["id"], 410)

    async def found() -> int:
        answer = await pair.node.reader.get("/api/v1/search?q=")
        return int(read(answer)["total"])

    await eventually(found, lambda total: total == 3, seconds=40)


async def test_a_hub_that_claims_more_and_cannot_show_it_stops_nobody(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that are not signed by our key are not ours, whoever shows them."""
    await backed_up(pair)

    async def forged(*_: object) -> Any:
        await asyncio.sleep(0)
        raise recovery.Unproven("The entries after 1 that the hub shows are not ours.")

    monkeypatch.setattr(recovery.Recovery, "_fetch", forged)
    await restore_node(pair)

    async def publish() -> int:
        answer = await pair.node.editor.post("/api/v1/records?publish=true", json=a_document())
        return answer.status_code

    await eventually(publish, lambda status: status == 201)
