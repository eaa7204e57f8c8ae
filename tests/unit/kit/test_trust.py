"""The ledger accepts exactly what a centre signed, in order, and names the rule that was broken."""

import pytest
from bri.log.v1 import log_pb2
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from bri_kit import log, signing
from bri_kit.trust import Fault, Judgement, Ledger, Standing
from tests.support.centres import AT, Centre, a_record


def nothing_known(_number: int) -> bytes | None:
    return None


def standings(judgements: list[Judgement]) -> list[str]:
    return [each.fault or each.standing for each in judgements]


@pytest.fixture
def centre() -> Centre:
    centre = Centre()
    for _ in range(5):
        centre.publish()
    return centre


def ledger_of(centre: Centre) -> Ledger:
    return Ledger(centre.code, centre.public_key)


def known_of(centre: Centre) -> dict[int, bytes]:
    envelopes = map(log_pb2.SignedEntry.FromString, centre.entries)
    return {n: log.entry_hash(each.entry) for n, each in enumerate(envelopes, 1)}


def test_an_unbroken_run_is_accepted(centre: Centre) -> None:
    """Every entry of an honest log is accepted and the head becomes the last one's hash."""
    ledger = ledger_of(centre)
    assert standings(ledger.judge(centre.entries, nothing_known)) == ["accepted"] * 5
    assert (ledger.number, ledger.head) == (5, centre.head)


def test_one_signature_vouches_for_the_run(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run costs one signature check, however long it is."""
    checks = []
    check = signing.is_signed

    def counted(public: bytes, data: bytes, signature: bytes) -> bool:
        checks.append(signature)
        return check(public, data, signature)

    monkeypatch.setattr(signing, "is_signed", counted)
    ledger_of(centre).judge(centre.entries, nothing_known)
    assert len(checks) == 1


def test_a_log_may_arrive_in_pieces(centre: Centre) -> None:
    """What was judged before is remembered by number and hash alone."""
    first = ledger_of(centre)
    first.judge(centre.entries[:2], nothing_known)
    second = Ledger(centre.code, centre.public_key, first.number, first.head)
    assert standings(second.judge(centre.entries[2:], nothing_known)) == ["accepted"] * 3


def test_repeats_are_known(centre: Centre) -> None:
    """An entry that comes again, in the same call or a later one, is known and changes nothing."""
    ledger = ledger_of(centre)
    again = [*centre.entries, centre.entries[2], centre.entries[4]]
    assert standings(ledger.judge(again, nothing_known))[-2:] == ["known", "known"]
    later = ledger.judge([centre.entries[0]], known_of(centre).get)
    assert standings(later) == ["known"]
    assert ledger.number == 5


def test_what_follows_a_gap_is_early(centre: Centre) -> None:
    """An authentic entry whose predecessors are missing waits, and the head stays."""
    ledger = ledger_of(centre)
    judged = ledger.judge([centre.entries[0], *centre.entries[3:]], nothing_known)
    assert standings(judged) == ["accepted", "early", "early"]
    assert ledger.number == 1


def test_altered_bytes_are_refused(centre: Centre) -> None:
    """One flipped bit inside an entry breaks its signature; entries after it wait."""
    sealed = log_pb2.SignedEntry.FromString(centre.entries[2])
    entry = log_pb2.Entry.FromString(sealed.entry)
    entry.published.editions[0].title += "!"
    sealed.entry = entry.SerializeToString()
    centre.entries[2] = sealed.SerializeToString()
    judged = ledger_of(centre).judge(centre.entries, nothing_known)
    expected = ["accepted", "accepted", Fault.SIGNATURE_MISMATCH, "early", "early"]
    assert standings(judged) == expected


def test_a_forged_last_entry_does_not_discredit_the_run(centre: Centre) -> None:
    """Where the last signature of a run fails, the good entries before it still count."""
    forger = Centre(centre.code, SigningKey.generate())
    forger.entries, forger.head = list(centre.entries), centre.head
    forged = log_pb2.SignedEntry.FromString(forger.publish())
    forged.key = centre.public_key
    judged = ledger_of(centre).judge([*centre.entries, forged.SerializeToString()], nothing_known)
    assert standings(judged) == ["accepted"] * 5 + [Fault.SIGNATURE_MISMATCH]


def test_a_key_of_somebody_else_is_unknown(centre: Centre) -> None:
    """An envelope that names another key is refused whatever it says."""
    other = Centre(centre.code)
    other.publish()
    judged = ledger_of(centre).judge(other.entries, nothing_known)
    assert standings(judged) == [Fault.UNKNOWN_KEY]


def test_a_centre_speaks_only_for_itself(centre: Centre) -> None:
    """Signing in another centre's name, or about another's record, is foreign."""
    ledger = Ledger("asean", centre.public_key)
    assert standings(ledger.judge(centre.entries[:1], nothing_known)) == [Fault.FOREIGN_ENTRY]
    meddler = Centre("sco", centre.key)
    meddler.publish(a_record(Centre("asean").record_id()))
    judged = ledger_of(centre).judge(meddler.entries, nothing_known)
    assert standings(judged) == [Fault.FOREIGN_ENTRY]


def test_a_second_history_is_a_fork(centre: Centre) -> None:
    """Two entries with one number, or a successor that denies the head, fork the history."""
    ledger = ledger_of(centre)
    ledger.judge(centre.entries, nothing_known)
    twin = Centre(centre.code, centre.key)
    for _ in range(6):
        twin.publish()
    judged = ledger.judge(twin.entries[4:], known_of(centre).get)
    assert standings(judged) == [Fault.FORKED_HISTORY] * 2
    assert ledger.head == centre.head


def test_an_entry_without_substance_is_none(centre: Centre) -> None:
    """An entry that changes nothing, or has no number or predecessor, is not an entry."""
    blank = log_pb2.Entry()
    empty = log.seal(blank, centre="sco", number=1, previous=log.GENESIS, at=AT, key=centre.key)
    entry = log.published(a_record("sco:1"))
    unnumbered = log.seal(entry, centre="sco", number=0, previous=b"", at=AT, key=centre.key)
    signed = [empty.SerializeToString(), unnumbered.SerializeToString()]
    hostile = [b"", b"\xff", b"\x0a\x03abc", *signed]
    judged = ledger_of(centre).judge(hostile, nothing_known)
    assert standings(judged) == [Fault.NOT_AN_ENTRY] * len(hostile)


def test_an_oversized_entry_is_refused_unread(centre: Centre) -> None:
    """Bytes beyond the limit are not even parsed."""
    huge = log_pb2.SignedEntry(entry=bytes(log.MAX_ENTRY_BYTES + 1))
    judged = ledger_of(centre).judge([huge.SerializeToString()], nothing_known)
    assert standings(judged) == [Fault.TOO_LARGE]


_CENTRE = Centre()
for _ in range(4):
    _CENTRE.publish()


@given(st.binary(max_size=400))
def test_noise_is_never_accepted(noise: bytes) -> None:
    """Whatever bytes arrive, none that the centre did not sign is accepted, and nothing raises."""
    judged = ledger_of(_CENTRE).judge([noise], nothing_known)
    assert judged[0].standing is Standing.REFUSED


@given(st.lists(st.integers(0, 3), max_size=12))
def test_any_order_ends_at_the_longest_prefix(order: list[int]) -> None:
    """However entries are repeated and reordered, the head moves only along the log."""
    ledger = ledger_of(_CENTRE)
    reached = 0
    for index in order:
        ledger.judge([_CENTRE.entries[index]], known_of(_CENTRE).get)
        if index == reached:
            reached += 1
    assert ledger.number == reached


@given(st.integers(0, 3), st.data())
def test_any_flipped_bit_is_noticed(index: int, data: st.DataObject) -> None:
    """No single flipped bit leaves an entry acceptable with other bytes than the centre signed."""
    original = _CENTRE.entries[index]
    position = data.draw(st.integers(0, len(original) * 8 - 1))
    altered = bytearray(original)
    altered[position // 8] ^= 1 << position % 8
    ledger = Ledger("sco", _CENTRE.public_key, index, known_of(_CENTRE).get(index, log.GENESIS))
    judged = ledger.judge([bytes(altered)], nothing_known)[0]
    if judged.standing is Standing.ACCEPTED:
        assert judged.candidate is not None
        assert judged.candidate.hash == known_of(_CENTRE)[index + 1]
