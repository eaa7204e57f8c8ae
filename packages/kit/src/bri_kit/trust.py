"""Whether signed entries belong in a centre's log. Pure: no I/O, no clock; it is handed everything.

A `Ledger` knows one centre's keys and the head of its log as far as it was accepted: the number and
hash of the last entry. It is handed envelopes and answers each with a `Judgement`:

- `accepted`: the entry is authentic and the next one;
- `known`: the entry is authentic and was accepted before (a repeat does no harm);
- `early`: the entry is authentic, but entries before it are missing;
- `refused`: it proves nothing; the head does not move. The fault names the first rule broken:
  1. `not-an-entry`: the envelope or entry cannot be parsed, or lacks its change, number or hash,
     or its number is beyond `log.MAX_NUMBER`;
  2. `too-large`: the entry's bytes exceed `log.MAX_ENTRY_BYTES`;
  3. `foreign-entry`: the entry names another centre, or changes a record of another centre;
  4. `unknown-key`: the envelope names a key that never was the centre's; `revoked-key`: one that
     was revoked, for an entry beyond its last number or for bytes that were not accepted under it;
     `retired-key`: one that has handed over, or has not been handed to, at the entry's number;
  5. `signature-mismatch`: the signature is not the key's over exactly these bytes;
  6. `forked-history`: an authentic entry has the number of an accepted one and other bytes, or
     follows the head and does not carry the head's hash;
  7. `invalid-rotation`: the next entry hands the log over to what is no key, was the centre's key
     before, or has not signed for its place (`keyring`).

A fork is told only of bytes that a key of the centre vouches for: nobody else can make one.

One signature vouches for an unbroken run: an entry carries the hash of the one before it, so where
the last entry of a run is authentic all of the run is. A run is of one key and ends with a
rotation, so each handing over is checked by itself. Only the last signature of a run is checked;
where that one fails, each entry is checked by itself.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_kit import content, log, signing
from bri_kit.keyring import Keyring, is_rotation


class Fault(StrEnum):
    """Why bytes were refused."""

    NOT_AN_ENTRY = "not-an-entry"
    TOO_LARGE = "too-large"
    FOREIGN_ENTRY = "foreign-entry"
    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    RETIRED_KEY = "retired-key"
    SIGNATURE_MISMATCH = "signature-mismatch"
    FORKED_HISTORY = "forked-history"
    INVALID_ROTATION = "invalid-rotation"


class Standing(StrEnum):
    """What an envelope is to the ledger."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    EARLY = "early"
    REFUSED = "refused"


# Tuples, because these are made for every entry and frozen dataclasses take three times as long.
class Candidate(NamedTuple):
    """An envelope that could be read: the parsed entry beside its bytes, their hash and the key
    that is said to have signed them."""

    envelope: log_pb2.SignedEntry
    entry: log_pb2.Entry
    hash: bytes
    number: int
    key: bytes


class Judgement(NamedTuple):
    """The answer to one envelope. `candidate` is None where nothing could be read."""

    standing: Standing
    candidate: Candidate | None
    fault: Fault | None = None


KnownHash = Callable[[int], bytes | None]
"""Looks up the hash of the accepted entry with a number, None where there is none."""


class Ledger:
    """One centre's log as far as it was accepted; see the module for the rules. `keys` may be one
    key, which then was the centre's from the beginning."""

    def __init__(
        self, centre: str, keys: Keyring | bytes, number: int = 0, head: bytes = log.GENESIS
    ) -> None:
        self.centre = centre
        self.keys = Keyring.of(keys) if isinstance(keys, bytes) else keys
        self.number = number
        self.head = head

    def judge(self, envelopes: Sequence[bytes], known_hash: KnownHash) -> list[Judgement]:
        """Judge serialised envelopes in the order of their arrival; move head and keys accordingly.

        `known_hash` is asked only for numbers up to the head that this call began with.
        """
        read = [read_envelope(data, self.centre) for data in envelopes]
        return self.judge_read(read, known_hash)

    def judge_read(
        self, read: Sequence["Candidate | Judgement"], known_hash: KnownHash
    ) -> list[Judgement]:
        """Judge what `read_envelope` made of envelopes for this centre, as `judge` does.

        Reading is most of the work and needs no head, so it can be done ahead, in another thread.
        """
        fresh: dict[int, bytes] = {}

        def accepted_hash(number: int) -> bytes | None:
            return fresh.get(number) or known_hash(number)

        placed: dict[int, Judgement] = {}
        for run in _runs([each for each in read if isinstance(each, Candidate)]):
            vouched = self._vouched(run)
            for index, each in enumerate(run):
                placed[id(each)] = self._judge(each, index < vouched, accepted_hash, fresh)
        return [each if isinstance(each, Judgement) else placed[id(each)] for each in read]

    def _judge(
        self, each: Candidate, vouched: bool, known: KnownHash, fresh: dict[int, bytes]
    ) -> Judgement:
        fault = self._fault_of_key(each)
        if fault is None and not vouched:
            fault = Fault.SIGNATURE_MISMATCH
        return _refuse(each, fault) if fault else self._place(each, known, fresh)

    def _fault_of_key(self, each: Candidate) -> Fault | None:
        tenure = self.keys.find(each.key)
        if tenure is None:
            return Fault.UNKNOWN_KEY
        if tenure.covers(each.number):
            return None
        return Fault.REVOKED_KEY if tenure.revoked else Fault.RETIRED_KEY

    def _place(self, each: Candidate, known: KnownHash, fresh: dict[int, bytes]) -> Judgement:
        if each.number <= self.number:
            if known(each.number) == each.hash:
                return Judgement(Standing.KNOWN, each)
            return _refuse(each, self._contradiction(each))
        if each.number > self.number + 1:
            return Judgement(Standing.EARLY, each)
        if each.entry.previous != self.head:
            return _refuse(each, self._contradiction(each))
        if each.entry.HasField("rotated"):
            if not is_rotation(each.entry, each.key, self.keys):
                return _refuse(each, Fault.INVALID_ROTATION)
            self.keys = self.keys.rotated(each.number, each.entry.rotated.key)
        self.number, self.head = each.number, each.hash
        fresh[each.number] = each.hash
        return Judgement(Standing.ACCEPTED, each)

    def _contradiction(self, each: Candidate) -> Fault:
        """A revoked key may be in anybody's hands, so what it says is not the centre's fork."""
        tenure = self.keys.find(each.key)
        revoked = tenure is not None and tenure.revoked
        return Fault.REVOKED_KEY if revoked else Fault.FORKED_HISTORY

    def _vouched(self, run: Sequence[Candidate]) -> int:
        """How many of a run, from its beginning, its key vouches for."""
        if self.keys.find(run[0].key) is None:
            return 0
        # A good signature vouches for all before it, so the search ends at the last good one.
        for index in range(len(run) - 1, -1, -1):
            if is_authentic(run[index]):
                return index + 1
        return 0


def read_envelope(data: bytes, centre: str) -> Candidate | Judgement:
    """Parse an envelope as one of `centre`: rules 1 to 3, everything that needs no key.

    Parsing comes before the check only here, into a value that is not used unless the check holds.
    """
    try:
        envelope = log_pb2.SignedEntry.FromString(data)
        signed = envelope.entry  # read once: each reading copies the bytes
        if len(signed) > log.MAX_ENTRY_BYTES:
            return Judgement(Standing.REFUSED, None, Fault.TOO_LARGE)
        entry = log_pb2.Entry.FromString(signed)
    except DecodeError:
        return Judgement(Standing.REFUSED, None, Fault.NOT_AN_ENTRY)
    change = entry.WhichOneof("change")
    if len(entry.previous) != 32 or not change or not 0 < entry.number <= log.MAX_NUMBER:
        return Judgement(Standing.REFUSED, None, Fault.NOT_AN_ENTRY)
    candidate = Candidate(envelope, entry, log.entry_hash(signed), entry.number, envelope.key)
    is_own = change == "rotated" or content.centre_of(log.record_id(entry)) == centre
    if entry.centre != centre or not is_own:
        return _refuse(candidate, Fault.FOREIGN_ENTRY)
    return candidate


def is_authentic(each: Candidate) -> bool:
    """Whether an entry's own signature is that of the key that its envelope names."""
    return signing.is_signed(each.key, each.envelope.entry, each.envelope.signature)


def vouching_run(following: Sequence[Candidate]) -> Sequence[Candidate] | None:
    """The shortest beginning of consecutive entries that proves the first of them: it ends with one
    whose own signature holds. None where there is none in the run that they begin with."""
    for run in _runs(following)[:1]:
        for index, each in enumerate(run):
            if is_authentic(each):
                return run[: index + 1]
    return None


def _refuse(candidate: Candidate, fault: Fault) -> Judgement:
    return Judgement(Standing.REFUSED, candidate, fault)


def _runs(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Split into unbroken runs: next number, the hash of the one before, and the same key."""
    runs: list[list[Candidate]] = []
    last: Candidate | None = None
    for each in candidates:
        if last and _continues(last, each):
            runs[-1].append(each)
        else:
            runs.append([each])
        last = each
    return runs


def _continues(last: Candidate, each: Candidate) -> bool:
    return (
        each.number == last.number + 1
        and each.key == last.key
        and each.entry.previous == last.hash
        and not last.entry.HasField("rotated")
    )
