"""Delivery over a real broker to a hub that is played."""

from typing import Any

from bri.log.v1 import log_pb2

from bri_kit import transport
from tests.integration.node.running import RunningNode, a_document, ndjson, read
from tests.integration.node.standin import StandInHub
from tests.integration.node.test_imports import line
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


async def settled(node: RunningNode, count: int) -> dict[str, Any]:
    """The delivery report once nothing waits any more of `count` entries."""
    return await eventually(
        node.delivery, lambda it: it["waiting"] == 0 and it["hub_head"] == count, seconds=30
    )


async def test_what_is_published_reaches_the_hub_and_is_acknowledged(
    linked: RunningNode, hub: StandInHub
) -> None:
    record = await linked.publish()
    await linked.create()
    report = await settled(linked, 1)
    [entry] = hub.entries
    assert (entry.published.id, list(entry.published.topics)) == (record["id"], ["solid-waste"])
    assert report["accepted"] == 1
    assert (report["sent"], report["since"], report["rejected"]) == (1, None, 0)
    assert (report["connected"], report["hub_head"]) == (True, 1)
    assert hub.messages == [hub.receipts[1].hash.hex()]


async def test_a_rejection_reaches_the_editor_with_its_reason(
    linked: RunningNode, hub: StandInHub
) -> None:
    hub.rejects.add(2)
    await linked.publish()
    record = await linked.publish()
    report = await settled(linked, 2)
    assert (report["accepted"], report["rejected"]) == (1, 1)
    [rejection] = report["rejections"]
    assert rejection["record"] == record["id"]
    assert rejection["reason"] == "unknown-topic"
    assert rejection["detail"] == "No topic is called so."


async def test_editors_go_on_without_a_broker_and_everything_goes_out_later(
    linked: RunningNode, hub: StandInHub, broker: NatsServer
) -> None:
    await linked.publish()
    await settled(linked, 1)
    broker.stop()
    for _ in range(5):
        await linked.publish()
    report = await linked.delivery()
    assert (report["written"], report["waiting"]) == (6, 5)
    assert report["since"] is not None
    broker.start()
    await settled(linked, 6)
    assert [entry.number for entry in hub.entries] == list(range(1, 7))


async def test_a_node_that_never_saw_its_broker_works_and_delivers_once_there_is_one(
    node: RunningNode, broker: NatsServer
) -> None:
    broker.stop()
    await node.stop()
    node.settings = node.settings.model_copy(update={"nats_url": broker.url})
    await node.start()
    await node.publish()
    assert (await node.delivery())["connected"] is False
    broker.start()
    hub = StandInHub(broker.url, "sco", await node.public_key())
    await hub.start()
    await settled(node, 1)
    await hub.stop()


async def test_a_node_that_was_killed_sends_what_it_had_not_sent(
    linked: RunningNode, hub: StandInHub, broker: NatsServer
) -> None:
    await linked.publish()
    await settled(linked, 1)
    url, linked.settings = linked.settings, linked.settings.model_copy(update={"nats_url": ""})
    await linked.stop()
    await linked.start()
    await linked.publish()
    await linked.stop()
    linked.settings = url
    await linked.start()
    await settled(linked, 2)
    assert [entry.number for entry in hub.entries] == [1, 2]


async def test_lost_receipts_are_asked_for(linked: RunningNode, hub: StandInHub) -> None:
    hub.mute = True
    data = b"".join(line() for _ in range(250))
    await linked.editor.post("/api/v1/imports?publish=true", content=data)
    assert (await settled(linked, 250))["accepted"] == 250


async def refusal_of(node: RunningNode, record: dict[str, Any]) -> log_pb2.Receipt:
    """The refusal of a record's newest entry, once that was sent: then receipts are heard, too."""
    proof = read(await node.reader.get(f"/api/v1/records/{record['id']}/proof"))
    await eventually(node.delivery, lambda it: it["sent"] == proof["number"])
    return log_pb2.Receipt(
        number=proof["number"],
        hash=bytes.fromhex(proof["hash"]),
        verdict=log_pb2.VERDICT_REFUSED,
        reason="unknown-key",
    )


async def test_a_receipt_for_other_bytes_is_not_taken(linked: RunningNode, hub: StandInHub) -> None:
    hub.deaf = True
    await linked.publish()
    other = await linked.publish()
    forged = log_pb2.Receipt(number=1, hash=bytes(32), verdict=log_pb2.VERDICT_ACCEPTED)
    foreign = log_pb2.Receipt(number=9, hash=bytes(32), verdict=log_pb2.VERDICT_REJECTED)
    huge = log_pb2.Receipt(number=2**64 - 1, hash=bytes(32), verdict=log_pb2.VERDICT_REJECTED)
    refusal = await refusal_of(linked, other)
    await hub.client.publish("bri.receipt.sco", b"\xff\xff")
    for receipt in (forged, foreign, huge, refusal):
        await hub.tell(receipt)
    # They are taken in order, so with the last one the others were looked at.
    report = await eventually(linked.delivery, lambda it: it["refused"])
    assert (report["waiting"], report["accepted"], report["rejected"]) == (2, 0, 0)


async def test_a_refused_entry_is_told_and_waits(linked: RunningNode, hub: StandInHub) -> None:
    hub.deaf = True
    await hub.tell(await refusal_of(linked, await linked.publish()))
    report = await eventually(linked.delivery, lambda it: it["refused"])
    assert [refused["reason"] for refused in report["refusals"]] == ["unknown-key"]
    assert report["waiting"] == 1
    hub.deaf = False
    report = await settled(linked, 1)
    assert (report["accepted"], report["refused"]) == (1, 0)


async def test_what_the_hub_asks_for_is_sent_again(linked: RunningNode, hub: StandInHub) -> None:
    data = b"".join(line() for _ in range(5))
    answers = ndjson(await linked.editor.post("/api/v1/imports?publish=true", content=data))
    await settled(linked, 5)
    hub.forget(1)
    await hub.ask_again(2, 4)
    await eventually(lambda: _numbers(hub), lambda it: it == [1, 2, 3, 4])
    assert [entry.published.id for entry in hub.entries] == [it["id"] for it in answers[:4]]


async def _numbers(hub: StandInHub) -> list[int]:
    return [entry.number for entry in hub.entries]


async def test_a_hub_that_was_restored_gets_what_it_lost(
    linked: RunningNode, hub: StandInHub, broker: NatsServer
) -> None:
    for _ in range(3):
        await linked.publish()
    await settled(linked, 3)
    hub.forget(1)
    await hub.client.jetstream().purge_stream(transport.STREAM)
    # Nothing waits, so nobody asks; but with a new connection the node asks where the hub stands.
    broker.stop()
    broker.start()
    await eventually(lambda: _numbers(hub), lambda it: it == [1, 2, 3])


async def test_a_broker_whose_store_is_gone_loses_nothing(
    linked: RunningNode, hub: StandInHub
) -> None:
    hub.deaf = True
    for _ in range(3):
        await linked.publish()
    await eventually(linked.delivery, lambda it: it["sent"] == 3)
    hub.deaf = False
    report = await settled(linked, 3)
    assert report["accepted"] == 3


async def test_an_entry_beyond_what_the_broker_takes_does_not_stop_the_node(
    linked: RunningNode, hub: StandInHub
) -> None:
    body = "<p>" + "x" * 2_000_000 + "</p>"
    editions = {tag: {"title": "a", "body": body} for tag in ("zh", "en", "ru")}
    await linked.publish(editions=editions)
    await linked.publish(**a_document())
    await settled(linked, 2)
