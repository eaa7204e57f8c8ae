"""The ledger follows a centre from key to key, and no key reaches beyond its numbers."""

import pytest
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey

from bri_kit import log, signing
from bri_kit.keyring import Keyring, Tenure, keys_json, read_keys
from bri_kit.trust import Fault, Judgement, Ledger, Standing
from tests.support.centres import AT, Centre


def nothing_known(_number: int) -> bytes | None:
    return None


def known_of(centre: Centre) -> dict[int, bytes]:
    envelopes = map(log_pb2.SignedEntry.FromString, centre.entries)
    return {n: log.entry_hash(each.entry) for n, each in enumerate(envelopes, 1)}


def standings(judgements: list[Judgement]) -> list[str]:
    return [each.fault or each.standing for each in judgements]


def twin_of(centre: Centre, key: SigningKey | None = None) -> Centre:
    """Another who holds the centre's log, and one of its keys."""
    twin = Centre(centre.code, key or centre.key)
    twin.entries, twin.head = list(centre.entries), centre.head
    return twin


def resigned(envelope: bytes, key: SigningKey) -> bytes:
    """The same entry under another signature."""
    signed = log_pb2.SignedEntry.FromString(envelope)
    signed.signature, signed.key = signing.sign(key, signed.entry), signing.public_key(key)
    return signed.SerializeToString()


@pytest.fixture
def centre() -> Centre:
    """Two entries, a rotation as the third, and two entries by the new key."""
    centre = Centre()
    centre.publish()
    centre.publish()
    return centre


def test_a_rotation_hands_the_log_over(centre: Centre) -> None:
    """The new key signs from the next entry on; repeats of what the old one signed stay known."""
    ledger = Ledger("sco", centre.public_key)
    old = centre.public_key
    centre.rotate()
    centre.publish()
    centre.rotate()
    centre.publish()
    assert standings(ledger.judge(centre.entries, nothing_known)) == ["accepted"] * 6
    assert [each[1:] for each in ledger.keys.tenures] == [
        (1, 3, False), (4, 5, False), (6, None, False),
    ]  # fmt: skip
    assert ledger.keys.tenures[0].key == old
    assert standings(ledger.judge(centre.entries, known_of(centre).get)) == ["known"] * 6


def test_each_rotation_is_checked_by_itself(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One signature a run, one for each rotation's new key, and no more."""
    centre.rotate()
    centre.publish()
    centre.publish()
    checks = []
    check = signing.is_signed

    def counted(public: bytes, data: bytes, signature: bytes) -> bool:
        checks.append(public)
        return check(public, data, signature)

    first = log_pb2.SignedEntry.FromString(centre.entries[0]).key
    monkeypatch.setattr(signing, "is_signed", counted)
    Ledger("sco", first).judge(centre.entries, nothing_known)
    assert checks == [first, centre.public_key, centre.public_key]


def test_a_rotation_whose_signature_is_bad_changes_nothing(centre: Centre) -> None:
    """However well the key that it names signs what follows."""
    ledger = Ledger("sco", centre.public_key)
    thief = twin_of(centre)
    forged = log_pb2.SignedEntry.FromString(thief.rotate())
    forged.signature = bytes(64)
    thief.entries[-1] = forged.SerializeToString()
    thief.publish()
    judged = ledger.judge(thief.entries, nothing_known)
    expected = ["accepted", "accepted", Fault.SIGNATURE_MISMATCH, Fault.UNKNOWN_KEY]
    assert standings(judged) == expected


@pytest.mark.parametrize("bent", ["proof", "key", "own", "former", "elsewhere"])
def test_a_key_that_does_not_prove_itself_does_not_take_over(centre: Centre, bent: str) -> None:
    """A proof that is not the new key's for this place, no key at all, or one that was here before:
    the log stays where it is."""
    ledger = Ledger("sco", centre.public_key)
    former, new = centre.key, SigningKey.generate()
    if bent == "former":
        centre.rotate()
    number, previous = len(centre.entries) + 1, centre.head
    target = {"own": centre.key, "former": former}.get(bent, new)
    place = number + 1 if bent == "elsewhere" else number
    sealed = log.seal_rotation(
        target, centre="sco", number=place, previous=previous, at=AT, key=centre.key
    )
    rotation = log_pb2.Entry.FromString(sealed.entry).rotated
    if bent == "proof":
        rotation.proof = bytes(64)
    if bent == "key":
        rotation.key = rotation.key[:31]
    entry = log_pb2.Entry(rotated=rotation)
    again = log.seal(entry, centre="sco", number=number, previous=previous, at=AT, key=centre.key)
    envelopes = [*centre.entries, again.SerializeToString()]
    judged = ledger.judge(envelopes, nothing_known)
    assert standings(judged)[-1] == Fault.INVALID_ROTATION
    assert ledger.number == number - 1


def test_a_retired_key_signs_nothing_new(centre: Centre) -> None:
    """Neither the next entry nor one far ahead."""
    old = centre.key
    centre.rotate()
    ledger = Ledger("sco", signing.public_key(old))
    ledger.judge(centre.entries, nothing_known)
    twin = twin_of(centre, old)
    twin.publish()
    twin.publish()
    judged = ledger.judge(twin.entries[3:], nothing_known)
    assert standings(judged) == [Fault.RETIRED_KEY] * 2


def test_a_new_key_does_not_sign_for_the_old(centre: Centre) -> None:
    """A repeat under another signature than the one that counts is no repeat."""
    first = centre.public_key
    centre.rotate()
    ledger = Ledger("sco", first)
    ledger.judge(centre.entries, nothing_known)
    again = resigned(centre.entries[0], centre.key)
    assert standings(ledger.judge([again], known_of(centre).get)) == [Fault.RETIRED_KEY]


def test_a_revoked_key_proves_nothing_but_what_was_accepted(centre: Centre) -> None:
    """Its thief can neither go on with the log nor fork it; repeats stay known."""
    ring = Keyring.of(centre.public_key).revoked(centre.public_key, 2)
    ledger = Ledger("sco", ring, 2, centre.head)
    known = known_of(centre)
    thief = Centre("sco", centre.key)
    thief.publish()
    thief.publish()
    assert standings(ledger.judge(thief.entries, known.get)) == [Fault.REVOKED_KEY] * 2
    further = twin_of(centre)
    further.publish()
    further.publish()
    judged = ledger.judge(further.entries, known.get)
    assert standings(judged) == ["known", "known", Fault.REVOKED_KEY, Fault.REVOKED_KEY]


def test_a_key_that_was_entered_goes_on_with_the_same_bytes(centre: Centre) -> None:
    """What the old key signed beyond its number counts once the new one has signed it."""
    ring = Keyring.of(centre.public_key).revoked(centre.public_key, 1)
    new = SigningKey.generate()
    entered = ring.entered(signing.public_key(new), 2)
    ledger = Ledger("sco", entered, 1, known_of(centre)[1])
    assert standings(ledger.judge(centre.entries[1:], nothing_known)) == [Fault.REVOKED_KEY]
    again = resigned(centre.entries[1], new)
    assert standings(ledger.judge([again], nothing_known)) == ["accepted"]
    twin_of(centre, new).publish()


def test_only_what_the_centre_signed_is_a_fork(centre: Centre) -> None:
    """A duplicate that nobody signed is a bad signature, and proves nothing against the centre."""
    ledger = Ledger("sco", centre.public_key)
    ledger.judge(centre.entries, nothing_known)
    twin = Centre("sco", centre.key)
    authentic = twin.publish()
    spoiled = log_pb2.SignedEntry.FromString(authentic)
    spoiled.signature = bytes(64)
    foreign = resigned(authentic, SigningKey.generate())
    judged = ledger.judge([spoiled.SerializeToString(), foreign, authentic], known_of(centre).get)
    expected = [Fault.SIGNATURE_MISMATCH, Fault.UNKNOWN_KEY, Fault.FORKED_HISTORY]
    assert standings(judged) == expected


def test_no_key_no_entries(centre: Centre) -> None:
    """Between a revocation and the next key nothing is accepted."""
    ring = Keyring.of(centre.public_key).revoked(centre.public_key, 0)
    assert ring.at(1) is None
    judged = Ledger("sco", ring).judge(centre.entries, nothing_known)
    assert {each.standing for each in judged} == {Standing.REFUSED}


def test_a_ring_is_told_and_read() -> None:
    """As the public API shows it; what is no ring is an error."""
    ring = Keyring((Tenure(bytes(32), 1, 7, True), Tenure(bytes(range(32)), 8)))
    assert read_keys(keys_json(ring)) == ring
    with pytest.raises((KeyError, ValueError)):
        read_keys([{"key": "?", "first": 1}])
