"""What centres send, over a real broker: kept, answered, refused, asked for again."""

from base64 import b64decode
from pathlib import Path

import pytest
from bri.log.v1 import log_pb2
from nats.aio.client import Client
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from bri_hub.ingest import loop, pipeline
from bri_kit import log, signing, transport
from bri_kit.trust import Ledger, Standing
from tests.integration.hub.running import Line, RunningHub, introduce, running_hub
from tests.support.centres import Centre, a_record
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


async def test_what_a_centre_publishes_can_be_read_and_proven(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """The record is there, its centre has a receipt, and anyone can verify the chain."""
    ids = [sco.record_id() for _ in range(3)]
    await line.send(*(sco.publish(a_record(each, zh="固体废物", ru="Отходы")) for each in ids))
    shown = (await hub.has(ids[2])).json()
    assert shown["editions"]["ru"]["title"] == "Отходы"
    receipt = await line.receipt(sco.head)
    assert (receipt.number, receipt.verdict) == (3, log_pb2.VERDICT_ACCEPTED)
    assert line.head == 3
    proofs = [await hub.json(f"/api/v1/records/{each}/proof") for each in ids]
    envelopes = [
        log_pb2.SignedEntry(
            entry=b64decode(proof["entry"]),
            signature=b64decode(proof["signature"]),
            key=b64decode(proof["key"]),
        ).SerializeToString()
        for proof in proofs
    ]
    assert envelopes == sco.entries
    ledger = Ledger("sco", sco.public_key)
    judged = ledger.judge(envelopes, lambda _: None)
    assert {each.standing for each in judged} == {Standing.ACCEPTED}
    assert proofs[2]["previous"] == proofs[1]["hash"]


async def test_a_rejected_record_is_answered_in_words(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """An editor is told which field; the log goes on."""
    bad = a_record(sco.record_id())
    bad.editions[0].title = " "
    await line.send(sco.publish(bad))
    receipt = await line.receipt(sco.head)
    assert receipt.verdict == log_pb2.VERDICT_REJECTED
    assert receipt.reason == "invalid-content"
    assert "editions.en.title: must not be blank" in receipt.detail
    good = sco.record_id()
    await line.send(sco.publish(a_record(good)))
    await hub.has(good)
    assert (await hub.http.get(f"/api/v1/records/{bad.id}")).status_code == 404
    assert (await hub.centre())["rejected"] == 1


def bad_bytes(sco: Centre, name: str) -> bytes:
    twin = Centre("sco", key=sco.key)
    signed = log_pb2.SignedEntry.FromString(twin.publish())
    match name:
        case "not-an-entry":
            return b"GET / HTTP/1.1"
        case "signature-mismatch":
            signed.signature = bytes(64)
        case "unknown-key":
            return Centre("sco").publish()
        case "foreign-entry":
            return Centre("asean", key=sco.key).publish()
        case "too-large":
            signed.entry = bytes(log.MAX_ENTRY_BYTES + 1)
    return signed.SerializeToString()


@pytest.mark.parametrize(
    "fault", ["not-an-entry", "signature-mismatch", "unknown-key", "foreign-entry", "too-large"]
)
async def test_bad_bytes_are_refused_and_the_next_good_entry_goes_through(
    hub: RunningHub, sco: Centre, line: Line, fault: str
) -> None:
    """Refused with a receipt, counted, and the head stays."""
    good = sco.record_id()
    await line.send(bad_bytes(sco, fault), sco.publish(a_record(good)))
    await hub.has(good)

    async def refusals() -> list[log_pb2.Receipt]:
        refused = log_pb2.VERDICT_REFUSED
        return [each for each in line.receipts.values() if each.verdict == refused]

    (receipt,) = await eventually(refusals)
    assert receipt.reason == fault
    assert receipt.detail
    assert (await hub.centre())["refused"] == 1
    assert (await hub.centre())["last_entry"]["number"] == 1
    assert f'hub_refused_total{{fault="{fault}"}}' in (await hub.http.get("/metrics")).text


async def test_a_forked_history_is_refused(hub: RunningHub, sco: Centre, line: Line) -> None:
    """A second entry of one number is not taken, however well signed, and suspends the centre."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    await hub.has(record_id)
    twin = Centre("sco", key=sco.key)
    await line.send(twin.publish())
    receipt = await line.receipt(twin.head)
    assert (receipt.verdict, receipt.reason) == (log_pb2.VERDICT_REFUSED, "forked-history")
    centre = await hub.centre()
    assert (centre["state"], centre["forks"], centre["last_entry"]["number"]) == ("suspended", 1, 1)
    await hub.has(record_id, status=404)


async def test_an_unknown_centre_is_refused_and_admitted_without_a_restart(
    hub: RunningHub, sco: Centre, data: Path, line: Line
) -> None:
    """Also a refused centre gets its receipt; once admitted, its next entry brings the others."""
    stranger = Centre("kz-igtic")
    theirs = Line(line.client, "kz-igtic")
    await theirs.listen()
    await theirs.send(stranger.publish())
    receipt = await theirs.receipt(stranger.head)
    assert (receipt.verdict, receipt.reason) == (log_pb2.VERDICT_REFUSED, "unknown-centre")
    assert (await hub.json("/api/v1/status"))["refused"] == 1
    introduce(data, stranger)
    record_id = stranger.record_id()
    await theirs.send(stranger.publish(a_record(record_id)))
    request = await theirs.request()
    assert (request.first, request.last) == (1, 1)
    await theirs.send(stranger.entries[0])
    await hub.has(record_id)


async def test_a_gap_is_asked_for_and_filled(hub: RunningHub, sco: Centre, line: Line) -> None:
    """What came early waits, `/status` shows it, and all of it is there when the gap is filled."""
    ids = [sco.record_id() for _ in range(5)]
    entries = [sco.publish(a_record(each)) for each in ids]
    await line.send(entries[0], entries[3], entries[4])
    request = await line.request()
    assert (request.first, request.last) == (2, 3)
    centre = await hub.centre()
    assert (centre["lag"]["entries"], centre["gaps"], centre["missing"]) == (4, 1, 2)
    assert centre["lag"]["seconds"] >= 0
    await line.send(entries[2], entries[1])
    await hub.has(ids[4])
    centre = await hub.centre()
    assert (centre["lag"], centre["gaps"]) == ({"entries": 0, "seconds": 0.0}, 0)
    assert (await line.receipt(sco.head)).number == 5


async def test_a_lost_request_is_repeated(
    hub: RunningHub, sco: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A centre that has gone silent is asked again, without anything new arriving."""
    monkeypatch.setattr("bri_hub.resending.PATIENCE_SECONDS", 0.0)
    sco.publish()
    await line.send(sco.publish())
    for _ in range(2):
        assert (await line.request()).last == 1


async def test_a_repeat_is_answered_again(hub: RunningHub, sco: Centre, line: Line) -> None:
    """A centre that lost its receipts gets them by sending again, and nothing changes."""
    await line.send(sco.publish())
    await line.receipt(sco.head)
    head = (await hub.json("/api/v1/status"))["head"]
    line.receipts.clear()
    await line.send(*sco.entries)
    assert (await line.receipt(sco.head)).verdict == log_pb2.VERDICT_ACCEPTED
    assert (await hub.json("/api/v1/status"))["head"] == head


async def test_receipts_are_answered_on_request(hub: RunningHub, sco: Centre, line: Line) -> None:
    """After being away a centre asks for those after a number; to a stranger there are none."""
    bad = a_record(sco.record_id())
    bad.countries.append("XX")
    await line.send(sco.publish(), sco.publish(bad), sco.publish())
    await line.receipt(sco.head)
    answer = await line.ask(1)
    assert (answer.centre, answer.head) == ("sco", 3)
    assert [each.number for each in answer.receipts] == [2, 3]
    assert [each.reason for each in answer.receipts] == ["invalid-content", ""]
    assert (await line.ask(2**64 - 1)).head == 3
    nobody = await Line(line.client, "nobody").ask(0)
    assert (nobody.head, len(nobody.receipts)) == (0, 0)


async def test_receipts_on_request_come_in_pages(
    hub: RunningHub, sco: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, an answer is bounded."""
    monkeypatch.setattr("bri_hub.repository.receipts.MAX_RECEIPTS", 2)
    await line.send(*(sco.publish() for _ in range(3)))
    await line.receipt(sco.head)
    assert [each.number for each in (await line.ask(0)).receipts] == [1, 2]
    assert [each.number for each in (await line.ask(2)).receipts] == [3]


async def test_a_restarted_hub_goes_on_where_it_was(
    data: Path, sco: Centre, broker: NatsServer, line: Line
) -> None:
    """What was published while it was down is there after; nothing is there twice."""
    first, second = sco.record_id(), sco.record_id()
    async with running_hub(data, broker.url) as hub:
        await line.send(sco.publish(a_record(first)))
        await hub.has(first)
    await line.send(sco.publish(a_record(second)), *(sco.publish() for _ in range(1_500)))
    async with running_hub(data, broker.url) as hub:
        await hub.has(first)
        await hub.has(second)
        await line.receipt(sco.head)
        centre = await hub.centre()
        assert (centre["last_entry"]["number"], centre["records"]) == (1_502, 1_502)


async def test_without_a_broker_the_hub_serves_and_finds_it_later(
    data: Path, sco: Centre, broker: NatsServer
) -> None:
    """Reading does not need the broker; ingest begins when it comes."""
    broker.stop()
    async with running_hub(data, broker.url) as hub:
        assert (await hub.json("/api/v1/centres"))["items"][0]["code"] == "sco"
        ready = await hub.json("/readyz")
        assert any("NATS" in said for said in ready["remarks"])
        broker.start()
        client = await transport.connect(broker.url, "sco")
        record_id = sco.record_id()
        await Line(client, "sco").send(sco.publish(a_record(record_id)))
        await hub.has(record_id)
        await client.close()


async def test_a_broker_that_comes_back_empty_is_followed_again(
    hub: RunningHub, sco: Centre, line: Line
) -> None:
    """Entries that its store lost are missed by their numbers, and asked for."""
    ids = [sco.record_id() for _ in range(3)]
    entries = [sco.publish(a_record(each)) for each in ids]
    await line.send(entries[0])
    await hub.has(ids[0])
    await line.client.jetstream().delete_stream(transport.STREAM)
    await line.send(entries[2])
    request = await line.request()
    assert (request.first, request.last) == (2, 2)
    await line.send(entries[1])
    await hub.has(ids[2])


async def test_what_the_database_does_not_take_is_tried_again(
    hub: RunningHub, sco: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acknowledged before it is stored, nothing is passed over, nothing is doubled."""
    tried: list[bytes] = []

    def fail_twice(engine: Engine, batch: pipeline.Batch) -> pipeline.Outcome:
        tried.append(batch.by_centre["sco"][0])
        if len(tried) <= 2:
            raise OperationalError("INSERT", None, Exception("disk I/O error"))
        return pipeline.apply_batch(engine, batch)

    async def is_tried() -> bool:
        return bool(tried)

    monkeypatch.setattr(loop, "apply_batch", fail_twice)
    record_id = sco.record_id()
    await line.send(sco.publish())
    await eventually(is_tried)
    await line.send(sco.publish(a_record(record_id)))
    await hub.has(record_id)
    first, second = sco.entries
    assert tried == [first, first, first, second]
    assert (await line.receipt(sco.head)).verdict == log_pb2.VERDICT_ACCEPTED
    assert (await hub.centre())["records"] == 2
    await eventually(lambda: unacknowledged(line.client), lambda count: count == 0)


async def unacknowledged(client: Client) -> int | None:
    info = await client.jetstream().consumer_info(transport.STREAM, transport.HUB_CONSUMER)
    pending: int | None = info.num_ack_pending
    return pending


async def test_the_centres_key_is_public(hub: RunningHub, sco: Centre) -> None:
    """Whoever wants to verify a proof finds the key at the hub."""
    centre = await hub.json("/api/v1/centres/sco")
    assert b64decode(centre["public_key"]) == signing.public_key(sco.key)
    assert centre["url"] == "http://sco.test"
    assert (await hub.http.get("/api/v1/centres/nobody")).status_code == 404
