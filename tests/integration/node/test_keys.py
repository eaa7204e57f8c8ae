"""A node changes its key while it runs, and crashes in between lose nothing."""

from base64 import b64decode
from pathlib import Path

import pytest
from bri.log.v1 import log_pb2

from bri_kit import log, signing
from bri_kit.errors import IllegalTransition
from bri_kit.keyring import read_keys
from bri_kit.trust import Ledger
from bri_node import keys, rotating
from bri_node.keys import KeyFile, KeyLost, Seal
from bri_node.store import Store, open_store
from tests.integration.node.running import RunningNode, log_of, read


def seal_of(node: RunningNode) -> Seal:
    """As another process has it."""
    return Seal("sco", KeyFile(node.data / "key"))


async def accepted(node: RunningNode, first: bytes) -> Ledger:
    """The node's whole log, as one who knows its first key accepts it."""
    ledger = Ledger("sco", first)
    envelopes = [
        log_pb2.SignedEntry(
            **{name: b64decode(item[name]) for name in ("entry", "signature", "key")}
        ).SerializeToString()
        async for item in log_of(node.reader)
    ]
    judged = ledger.judge(envelopes, lambda _: None)
    assert {each.standing for each in judged} == {"accepted"}
    return ledger


def other(node: RunningNode) -> Store:
    return open_store(node.data, "sco")


async def test_a_key_rotated_from_outside_signs_from_the_next_entry_on(node: RunningNode) -> None:
    """The node need not be told: the database does, with the log."""
    first = await node.public_key()
    record = await node.publish()
    store = other(node)
    changed = rotating.rotate(store, seal_of(node))
    store.close()
    await node.publish()
    assert await node.public_key() == changed.key != first
    ledger = await accepted(node, first)
    told = read(await node.reader.get("/api/v1/centre"))["keys"]
    assert read_keys(told) == ledger.keys
    proof = read(await node.reader.get(f"/api/v1/records/{record['id']}/proof"))
    assert len(proof["rotations"]) == len(ledger.keys.tenures) - 1 >= 1
    await node.stop()
    await node.start()
    await node.publish()
    await accepted(node, first)


async def test_the_old_key_is_gone_and_the_new_one_in_its_place(node: RunningNode) -> None:
    """One file holds one key, readable by its owner alone."""
    before = (node.data / "key").read_bytes()
    store = other(node)
    rotating.rotate(store, seal_of(node))
    store.close()
    assert not (node.data / "key.next").exists()
    assert (node.data / "key").read_bytes() != before
    assert (node.data / "key").stat().st_mode & 0o777 == 0o600


def crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_a_crash_before_the_commit_leaves_the_old_key(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next rotation takes the key that was made for it."""
    first = await node.public_key()
    await node.publish()
    store = other(node)
    with monkeypatch.context() as patch:
        patch.setattr(keys, "hand_over", crash)
        with pytest.raises(KeyboardInterrupt):
            rotating.rotate(store, seal_of(node))
    made = signing.public_key(signing.load_or_create(node.data / "key.next"))
    await node.publish()
    assert await node.public_key() == first
    assert rotating.rotate(store, seal_of(node)).key == made
    store.close()
    await node.publish()
    await accepted(node, first)


async def test_a_crash_after_the_commit_is_mended_by_whoever_writes_next(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running on or started again: the key that was committed to is found beside the old one."""
    first = await node.public_key()
    store = other(node)
    for restart in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(KeyboardInterrupt):
                rotating.rotate(store, seal_of(node))
        assert (node.data / "key.next").exists()
        if restart:
            await node.stop()
            await node.start()
        await node.publish()
        assert not (node.data / "key.next").exists()
    store.close()
    await accepted(node, first)


async def test_a_node_whose_key_is_lost_does_not_start_and_says_so(node: RunningNode) -> None:
    """A file from an older backup holds a key that the log has left behind."""
    old = (node.data / "key").read_bytes()
    store = other(node)
    rotating.rotate(store, seal_of(node))
    store.close()
    await node.stop()
    (node.data / "key").write_bytes(old)
    with pytest.raises(KeyLost, match="does not hold the key"):
        await node.start()


async def test_a_stolen_key_is_replaced_without_its_word(node: RunningNode) -> None:
    """What the hub did not accept is signed anew, with the same bytes under the same numbers."""
    first = await node.public_key()
    for _ in range(4):
        await node.publish()
    before = [item async for item in log_of(node.reader)]
    store = other(node)
    changed = rotating.replace(store, seal_of(node), 2)
    store.close()
    await node.publish()
    after = [item async for item in log_of(node.reader)]
    assert (changed.first, changed.signed_anew) == (3, 2)
    assert [each["hash"] for each in after[:4]] == [each["hash"] for each in before]
    assert [each["signature"] for each in after[:2]] == [each["signature"] for each in before[:2]]
    ring = read_keys(read(await node.reader.get("/api/v1/centre"))["keys"])
    assert [each[1:] for each in ring.tenures] == [(1, 2, True), (3, None, False)]
    assert ring.tenures[0].key == first
    for item in after[2:]:
        entry = b64decode(item["entry"])
        assert signing.is_signed(changed.key, entry, b64decode(item["signature"]))
        assert log.entry_hash(entry).hex() == item["hash"]


async def test_a_key_is_not_replaced_where_it_does_not_sign(node: RunningNode) -> None:
    """Beyond the log's end, or before a rotation."""
    await node.publish()
    store = other(node)
    for after in (-1, 2):
        with pytest.raises(IllegalTransition):
            rotating.replace(store, seal_of(node), after)
    rotating.rotate(store, seal_of(node))
    with pytest.raises(IllegalTransition):
        rotating.replace(store, seal_of(node), 1)
    store.close()
