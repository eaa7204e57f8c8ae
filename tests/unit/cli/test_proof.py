"""A record is genuine where nothing about its entry is wrong."""

from base64 import b64encode

import pytest
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey

from bri_cli.proof import (
    Proof,
    ProofUnreadable,
    examine,
    linked_keys,
    read_envelope,
    read_proof,
    verdict,
)
from bri_kit import log, signing
from bri_kit.keyring import Keyring
from tests.support.centres import Centre


@pytest.fixture
def centre() -> Centre:
    centre = Centre()
    for _ in range(3):
        centre.publish()
    return centre


def envelope(centre: Centre, number: int) -> log_pb2.SignedEntry:
    return log_pb2.SignedEntry.FromString(centre.entries[number - 1])


def record_of(signed: log_pb2.SignedEntry) -> str:
    return log.record_id(log_pb2.Entry.FromString(signed.entry))


def neighbours(centre: Centre, number: int) -> list[bytes]:
    return [envelope(centre, each).entry for each in (number - 1, number) if each]


def passed(centre: Centre, number: int, **changes: object) -> list[bool | None]:
    signed = envelope(centre, number)
    arguments = {
        "record_id": record_of(signed), "proof": Proof(signed),
        "keys": Keyring.of(centre.public_key), "neighbours": neighbours(centre, number),
    }  # fmt: skip
    return [check.passed for check in examine(**arguments | changes)]  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_honest_entry_is_genuine(centre: Centre, number: int) -> None:
    """Wherever in the log it stands."""
    assert passed(centre, number) == [True] * 5


def test_without_the_centre_its_signature_still_counts(centre: Centre) -> None:
    """What could not be checked is neither passed nor failed."""
    checks = passed(centre, 2, neighbours=None)
    assert checks == [True, True, True, None, None]
    signed = envelope(centre, 2)
    assert verdict(examine(record_of(signed), Proof(signed), Keyring.of(centre.public_key), None))


def test_another_key_is_not_the_centres(centre: Centre) -> None:
    """The key that travels in the envelope proves nothing."""
    assert passed(centre, 2, keys=Keyring.of(Centre().public_key)) == [False]


def test_changed_bytes_are_not_signed(centre: Centre) -> None:
    """Nor are they in the log."""
    signed = envelope(centre, 2)
    entry = log_pb2.Entry.FromString(signed.entry)
    entry.published.editions[0].title = "Something else"
    signed.entry = entry.SerializeToString()
    assert passed(centre, 2, proof=Proof(signed)) == [True, False, True, False, True]


def test_a_proof_of_another_record_proves_nothing(centre: Centre) -> None:
    """However genuine it is."""
    other = record_of(envelope(centre, 3))
    assert passed(centre, 2, record_id=other) == [True, True, False, True, True]


def test_an_entry_that_does_not_follow_is_seen(centre: Centre) -> None:
    """The log holds another entry before it than the one it names, or none."""
    second = envelope(centre, 2).entry
    third = envelope(centre, 3).entry
    assert passed(centre, 2, neighbours=[third, second])[-1] is False
    assert passed(centre, 2, neighbours=[second])[-1] is False


def test_a_proof_needs_all_its_parts(centre: Centre) -> None:
    """In base64."""
    signed = envelope(centre, 1)
    document = {
        "entry": b64encode(signed.entry).decode(),
        "signature": b64encode(signed.signature).decode(),
        "key": b64encode(signed.key).decode(),
    }
    assert read_envelope(document) == signed
    for broken in ({**document, "key": "?"}, {"entry": document["entry"]}, {**document, "key": 1}):
        with pytest.raises(ProofUnreadable):
            read_envelope(broken)


def proof_of(centre: Centre, number: int, *, run: int = 0) -> Proof:
    """As the hub answers it: with `run` entries after it, and all rotations."""
    following = [envelope(centre, number + each) for each in range(1, run + 1)]
    entries = [envelope(centre, each) for each in range(1, len(centre.entries) + 1)]
    rotations = [each for each in entries if is_rotation(each)]
    return Proof(envelope(centre, number), following, rotations)


def is_rotation(signed: log_pb2.SignedEntry) -> bool:
    return log_pb2.Entry.FromString(signed.entry).HasField("rotated")


def spoil(centre: Centre, number: int) -> None:
    signed = envelope(centre, number)
    signed.signature = bytes(64)
    centre.entries[number - 1] = signed.SerializeToString()


def test_a_record_signed_by_an_older_key_is_genuine_by_the_newer_and_the_other_way() -> None:
    """The keys vouch for each other by the rotation; one that has no part in it does not."""
    centre = Centre()
    centre.publish()
    old = centre.public_key
    centre.rotate()
    centre.publish()
    centre.rotate()
    centre.publish()
    for trusted in (old, centre.public_key):
        for number in (1, 3, 5):
            proof = proof_of(centre, number)
            keys = linked_keys("sco", trusted, proof.rotations)
            assert verdict(examine(record_of(proof.envelope), proof, keys, None))
    stranger = linked_keys("sco", Centre().public_key, proof_of(centre, 1).rotations)
    proof = proof_of(centre, 1)
    assert not verdict(examine(record_of(proof.envelope), proof, stranger, None))


def test_a_key_signs_nothing_outside_its_numbers() -> None:
    """What an old key signs after it handed over is not the centre's."""
    centre = Centre()
    centre.publish()
    old = centre.key
    centre.rotate()
    rotations = proof_of(centre, 1).rotations
    centre.key = old
    centre.publish()
    proof = Proof(envelope(centre, 3), (), rotations)
    keys = linked_keys("sco", Centre(key=old).public_key, rotations)
    checks = examine(record_of(proof.envelope), proof, keys, None)
    assert [check.detail for check in checks] == ["retired-key"]


def test_a_forged_rotation_leads_nowhere(centre: Centre) -> None:
    """Nobody takes a log over without both keys' signatures."""
    thief = Centre(centre.code)
    thief.rotate(centre.key)
    forged = envelope(thief, 1)
    rotation = log_pb2.Entry.FromString(forged.entry)
    rotation.rotated.proof = bytes(64)
    forged.entry = rotation.SerializeToString()
    forged.signature = thief_key_signs(forged.entry)
    keys = linked_keys("sco", centre.public_key, [forged])
    assert keys == Keyring.of(centre.public_key)


def thief_key_signs(data: bytes) -> bytes:
    return signing.sign(SigningKey.generate(), data)


def test_a_spoiled_signature_is_made_good_by_a_later_one(centre: Centre) -> None:
    """The run up to the next good signature proves the entry; without it nothing does."""
    spoil(centre, 1)
    spoil(centre, 2)
    record = record_of(envelope(centre, 1))
    keys = Keyring.of(centre.public_key)
    assert verdict(examine(record, proof_of(centre, 1, run=2), keys, None))
    assert not verdict(examine(record, proof_of(centre, 1, run=1), keys, None))
    other = Proof(envelope(centre, 1), [envelope(centre, 3)])
    assert not verdict(examine(record, other, keys, None))


def test_a_proof_is_read_with_all_that_it_leads_to(centre: Centre) -> None:
    """And without, from an older hub; what is no list of entries is unreadable."""
    document = log.whole_proof_json(centre.entries[0], centre.entries[1:], [])
    assert read_proof(document) == proof_of(centre, 1, run=2)
    bare = log.proof_json(centre.entries[0])
    assert read_proof(bare) == Proof(envelope(centre, 1), [], [])
    for broken in ({"run": [1]}, {"rotations": ["x"]}, {"run": 7}):
        with pytest.raises(ProofUnreadable):
            read_proof(document | broken)
