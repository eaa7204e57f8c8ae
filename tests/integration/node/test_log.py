"""The log over HTTP: numbered, chained, signed, and the same after a restart."""

import asyncio
from base64 import b64decode
from typing import Any

import pytest
import structlog
from bri.log.v1 import log_pb2

from asean_platform.profile import PROFILE as ASEAN
from bri_kit import log
from bri_kit.trust import Ledger, Standing
from bri_node.store import ForeignData
from tests.integration.node.running import RunningNode, a_document, log_of, read


def envelope_of(item: dict[str, Any]) -> bytes:
    """The signed entry that an item of the log shows, serialised."""
    entry, signature, key = (b64decode(item[name]) for name in ("entry", "signature", "key"))
    return log_pb2.SignedEntry(entry=entry, signature=signature, key=key).SerializeToString()


async def verified(node: RunningNode, limit: int = 1000) -> list[log_pb2.Entry]:
    """The entries of the node's log, judged by the rules of everybody else."""
    items = [item async for item in log_of(node.reader, limit)]
    ledger = Ledger("sco", await node.public_key())
    judgements = ledger.judge([envelope_of(item) for item in items], lambda _: None)
    assert {each.standing for each in judgements} <= {Standing.ACCEPTED}
    for item, each in zip(items, judgements, strict=True):
        assert each.candidate is not None
        entry = each.candidate.entry
        assert item["number"] == entry.number
        assert item["hash"] == each.candidate.hash.hex()
        assert item["previous"] == entry.previous.hex()
        assert item["record"] == log.record_id(entry)
        assert item["written_at"] == entry.written_at
    return [each.candidate.entry for each in judgements if each.candidate is not None]


async def test_what_the_public_can_read_is_a_chain_of_signed_entries(node: RunningNode) -> None:
    record = await node.publish()
    await node.create()
    path = f"/api/v1/records/{record['id']}"
    changed = a_document(topics=[])
    await node.editor.put(path, json=changed, headers={"If-Match": '"1"'})
    await node.editor.post(f"{path}/retract", json={"reason": "An error."})
    await node.editor.post(f"{path}/publish")

    first, second, third, fourth = await verified(node, limit=2)
    assert (first.published.revision, second.published.revision) == (1, 2)
    assert (third.retracted.revision, third.retracted.reason) == (2, "An error.")
    assert (fourth.published.revision, list(fourth.published.topics)) == (3, [])
    assert first.previous == log.GENESIS


async def test_a_proof_is_the_newest_entry_about_the_record(node: RunningNode) -> None:
    record, other = await node.publish(), await node.publish()
    path = f"/api/v1/records/{record['id']}"
    proof = read(await node.reader.get(f"{path}/proof"))
    [item, _] = [item async for item in log_of(node.reader)]
    assert proof == item | {"run": [], "rotations": []}
    await node.editor.post(f"{path}/retract", json={"reason": "x"})
    assert read(await node.reader.get(f"{path}/proof"))["number"] == 3
    assert read(await node.reader.get(f"/api/v1/records/{other['id']}/proof"))["number"] == 2


async def test_many_editors_at_once_make_one_chain(node: RunningNode) -> None:
    await asyncio.gather(*(node.publish() for _ in range(60)))
    assert [entry.number for entry in await verified(node)] == list(range(1, 61))


async def test_a_restarted_node_goes_on_where_it_was(node: RunningNode) -> None:
    await node.publish()
    key = await node.public_key()
    await node.stop()
    await node.start()
    await node.publish()
    assert await node.public_key() == key
    assert [entry.number for entry in await verified(node)] == [1, 2]


async def test_a_step_that_fails_leaves_neither_a_record_nor_an_entry(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken, structlog.testing.capture_logs() as logged:
        broken.setattr("bri_node.service._remember", fail)
        answer = await node.editor.post("/api/v1/records?publish=true", json=a_document())
    assert answer.status_code == 500
    assert [each["event"] for each in logged if each["log_level"] == "error"] == ["request.failed"]
    assert read(answer)["title"] == "Internal error"
    assert await verified(node) == []
    assert read(await node.reader.get("/api/v1/records"))["items"] == []
    await node.publish()
    assert [entry.number for entry in await verified(node)] == [1]


async def test_a_data_directory_belongs_to_one_centre(node: RunningNode) -> None:
    other = RunningNode(ASEAN, node.data)
    with pytest.raises(ForeignData, match="'sco'"):
        await other.start()


async def test_each_centre_carries_its_own_languages(tmp_path: Any) -> None:
    node = RunningNode(ASEAN, tmp_path)
    await node.start()
    editions = {
        tag: {"title": f"title {tag}", "body": "b"}
        for tag in ASEAN.edition_languages
        if tag != "zh"
    }
    editions["zh"] = {"title": "标题", "body": "b"}
    record = await node.publish(editions=editions)
    assert set(record["editions"]) == set(ASEAN.edition_languages)
    assert record["id"].startswith("asean:")
    await node.stop()
