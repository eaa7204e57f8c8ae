"""A centre's keys at the hub: rotated by the log, revoked and entered by the admin, and proven."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey
from sqlmodel import Session

from bri_cli.proof import examine, linked_keys, read_proof, verdict
from bri_hub import administration, service
from bri_hub.administration import Decision
from bri_hub.admission import admit
from bri_hub.repository import proving
from bri_hub.tables import Centre as CentreRow
from bri_hub.tables import Early, open_database
from bri_kit import database, log, signing
from bri_kit.errors import AlreadyExists, IllegalTransition, NotFound
from bri_kit.keyring import keys_json
from tests.support.centres import Centre, a_record
from tests.unit.hub.hub import Hub, answers

Decide = Callable[[Session, Decision], dict[str, Any]]


def enter(key: bytes) -> Decide:
    return lambda session, why: administration.enter_key(session, why, key)


def revoke(key: bytes | None = None) -> Decide:
    return lambda session, why: administration.revoke_key(session, why, key)


def keys(hub: Hub) -> list[tuple[int, int | None, bool]]:
    told = hub.ask(lambda session: service.read_centre(session, "sco"))["keys"]
    return [(each["first"], each["last"], each["revoked"]) for each in told]


def test_a_rotation_is_an_entry_and_changes_the_key(hub: Hub, sco: Centre) -> None:
    """It is answered like any entry, is no record's, and the next key signs from there on."""
    assert keys(hub) == [(1, None, False)]
    entries = [sco.publish(), sco.rotate(), sco.publish()]
    assert answers(hub.take(*entries)) == [
        (1, "ACCEPTED", ""),
        (2, "ACCEPTED", ""),
        (3, "ACCEPTED", ""),
    ]
    assert keys(hub) == [(1, 2, False), (3, None, False)]
    assert hub.centre().public_key == sco.public_key
    assert len(hub.states()) == 2
    assert answers(hub.take(*entries)) == [
        (1, "ACCEPTED", ""),
        (2, "ACCEPTED", ""),
        (3, "ACCEPTED", ""),
    ]


def test_what_waited_for_a_rotation_is_taken_after_it(hub: Hub, sco: Centre) -> None:
    """The new key is not known before: such entries are refused, harm nobody, and come again."""
    one, two, three = sco.publish(), sco.rotate(), sco.publish()
    assert answers(hub.take(one, three)) == [(1, "ACCEPTED", ""), (3, "REFUSED", "unknown-key")]
    assert answers(hub.take(two, three)) == [(2, "ACCEPTED", ""), (3, "ACCEPTED", "")]


def test_a_revoked_key_is_replaced_by_one_that_was_entered(hub: Hub, sco: Centre) -> None:
    """Its entries beyond the head are refused, also those that wait; signed anew they count."""
    hub.take(sco.publish(), sco.publish())
    on_the_way, after = sco.publish(), sco.publish()
    hub.take(after)
    told = hub.decide(revoke(), "the laptop was stolen")
    assert [each["revoked"] for each in told["keys"]] == [True]
    assert answers(hub.take(on_the_way)) == [(3, "REFUSED", "revoked-key")]
    new = SigningKey.generate()
    hub.decide(enter(signing.public_key(new)), "told by telephone")
    assert keys(hub) == [(1, 2, True), (3, None, False)]
    anew = log_pb2.SignedEntry.FromString(on_the_way)
    anew.signature, anew.key = signing.sign(new, anew.entry), signing.public_key(new)
    assert answers(hub.take(anew.SerializeToString())) == [
        (3, "ACCEPTED", ""), (4, "REFUSED", "revoked-key"),
    ]  # fmt: skip
    assert hub.count(Early) == 0
    assert answers(hub.take(sco.entries[0])) == [(1, "ACCEPTED", "")]


def test_a_key_that_was_revoked_before_it_signed_is_passed_over(hub: Hub, sco: Centre) -> None:
    """The next one has the same first number."""
    hub.take(sco.publish(), sco.rotate())
    hub.decide(revoke())
    sco.key = SigningKey.generate()
    hub.decide(enter(sco.public_key))
    assert keys(hub) == [(1, 2, False), (3, 2, True), (3, None, False)]
    assert answers(hub.take(sco.publish())) == [(3, "ACCEPTED", "")]
    assert answers(hub.take(sco.rotate(), sco.publish())) == [
        (4, "ACCEPTED", ""),
        (5, "ACCEPTED", ""),
    ]


def test_a_decision_about_keys_that_makes_no_sense_is_an_error(hub: Hub, sco: Centre) -> None:
    """A key in use is not passed over, none comes back, and none is revoked twice."""
    hub.take(sco.publish())
    with pytest.raises(IllegalTransition):
        hub.decide(enter(bytes(range(32))))
    with pytest.raises(NotFound):
        hub.decide(revoke(bytes(32)))
    hub.decide(revoke())
    with pytest.raises(IllegalTransition):
        hub.decide(revoke())
    with pytest.raises(AlreadyExists):
        hub.decide(enter(sco.public_key))
    with pytest.raises(NotFound):
        hub.decide(revoke(), code="nobody")


def proof_of(hub: Hub, record: str) -> dict[str, Any]:
    return hub.ask(lambda session: service.read_proof(session, record))


def genuine(hub: Hub, record: str, key: bytes) -> bool:
    """Whether the proof of a record convinces somebody who trusts `key`, and asks nobody."""
    proof = read_proof(proof_of(hub, record))
    return verdict(examine(record, proof, linked_keys("sco", key, proof.rotations), None))


def test_a_proof_convinces_whoever_trusts_any_key(hub: Hub, sco: Centre) -> None:
    """Records of every key, by the first, the last, and those between."""
    trusted = [sco.public_key]
    ids = []
    for _ in range(3):
        ids.append(sco.record_id())
        hub.take(sco.publish(a_record(ids[-1])), sco.rotate())
        trusted.append(sco.public_key)
    assert all(genuine(hub, record, key) for record in ids for key in trusted)
    assert not genuine(hub, ids[0], Centre().public_key)


def test_a_spoiled_signature_inside_a_run_can_still_be_proven(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof leads to the signature that was checked, pages on."""
    monkeypatch.setattr(proving, "_PAGE", 2)
    record = a_record(sco.record_id())
    sco.publish(record)
    for _ in range(6):
        sco.publish()
    for number in range(5):
        spoiled = log_pb2.SignedEntry.FromString(sco.entries[number])
        spoiled.signature = bytes(64)
        sco.entries[number] = spoiled.SerializeToString()
    hub.take(*sco.entries)
    assert hub.centre().number == 7
    assert len(proof_of(hub, record.id)["run"]) == 5
    assert genuine(hub, record.id, sco.public_key)


def introduction(centre: Centre, key: bytes, **more: Any) -> dict[str, Any]:
    text = b64encode(key).decode()
    return {
        "code": centre.code,
        "names": {"en": "S"},
        "languages": ["en"],
        "public_key": text,
    } | more


def test_admission_knows_a_centre_by_any_of_its_keys(tmp_path: Path) -> None:
    """The log proves which is in use; a centre that comes late begins with its first."""
    sco = Centre("sco")
    first = sco.public_key
    admit(tmp_path, introduction(sco, first))
    sco.rotate()
    ring = keys_json(_ring(first, sco))
    admit(tmp_path, introduction(sco, sco.public_key, keys=ring))
    assert _admitted_key(tmp_path) == first
    late = tmp_path / "late"
    admit(late, introduction(sco, sco.public_key, keys=ring))
    assert _admitted_key(late) == first


def _ring(first: bytes, centre: Centre) -> Any:
    from bri_kit.trust import Ledger

    ledger = Ledger("sco", first)
    ledger.judge(centre.entries, lambda _: None)
    return ledger.keys


def _admitted_key(data: Path) -> bytes:
    engine = open_database(data)
    with database.reading(engine) as session:
        key = session.get_one(CentreRow, "sco").public_key
    engine.dispose()
    return key


def test_a_rotation_is_not_about_a_record() -> None:
    """So it names none."""
    sco = Centre("sco")
    entry = log_pb2.SignedEntry.FromString(sco.rotate()).entry
    assert log.record_id(log_pb2.Entry.FromString(entry)) == ""
