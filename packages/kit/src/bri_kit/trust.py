"""Whether signed entries belong in a centre's log. Pure: no I/O, no clock; it is handed everything.

A `Ledger` knows one centre's public key and the head of its log as far as it was accepted: the
number and hash of the last entry. It is handed envelopes and answers each with a `Judgement`:

- `accepted`: the entry is authentic and the next one;
- `known`: the entry is authentic by its hash and was accepted before (a repeat does no harm);
- `early`: the entry is authentic, but entries before it are missing;
- `refused`: it proves nothing; the head does not move. The fault names the first rule broken:
  1. `not-an-entry`: the envelope or entry cannot be parsed, or lacks its change, number or hash,
     or its number is beyond `log.MAX_NUMBER`;
  2. `too-large`: the entry's bytes exceed `log.MAX_ENTRY_BYTES`;
  3. `foreign-entry`: the entry names another centre, or changes a record of another centre;
  4. `unknown-key`: the envelope names a key that is not the centre's;
  5. `signature-mismatch`: the signature is not the key's over exactly these bytes;
  6. `forked-history`: an authentic entry has the number of an accepted one and other bytes, or
     follows the head and does not carry the head's hash.

One signature vouches for an unbroken run: an entry carries the hash of the one before it, so where
the last entry of a run is authentic all of the run is. Only the last signature of a run is checked;
where that one fails, each entry is checked by itself.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_kit import content, log, signing


class Fault(StrEnum):
    """Why bytes were refused."""

    NOT_AN_ENTRY = "not-an-entry"
    TOO_LARGE = "too-large"
    FOREIGN_ENTRY = "foreign-entry"
    UNKNOWN_KEY = "unknown-key"
    SIGNATURE_MISMATCH = "signature-mismatch"
    FORKED_HISTORY = "forked-history"


class Standing(StrEnum):
    """What an envelope is to the ledger."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    EARLY = "early"
    REFUSED = "refused"


# Tuples, because these are made for every entry and frozen dataclasses take three times as long.
class Candidate(NamedTuple):
    """An envelope that could be read: the parsed entry beside its bytes and their hash."""

    envelope: log_pb2.SignedEntry
    entry: log_pb2.Entry
    hash: bytes
    number: int


class Judgement(NamedTuple):
    """The answer to one envelope. `candidate` is None where nothing could be read."""

    standing: Standing
    candidate: Candidate | None
    fault: Fault | None = None


KnownHash = Callable[[int], bytes | None]
"""Looks up the hash of the accepted entry with a number, None where there is none."""


class Ledger:
    """One centre's log as far as it was accepted; see the module for the rules."""

    def __init__(self, centre: str, key: bytes, number: int = 0, head: bytes = log.GENESIS) -> None:
        self.centre = centre
        self.key = key
        self.number = number
        self.head = head

    def judge(self, envelopes: Sequence[bytes], known_hash: KnownHash) -> list[Judgement]:
        """Judge serialised envelopes in the order of their arrival and move the head accordingly.

        `known_hash` is asked only for numbers up to the head that this call began with.
        """
        read = [read_envelope(data, self.centre, self.key) for data in envelopes]
        return self.judge_read(read, known_hash)

    def judge_read(
        self, read: Sequence["Candidate | Judgement"], known_hash: KnownHash
    ) -> list[Judgement]:
        """Judge what `read_envelope` made of envelopes for this centre and key, as `judge` does.

        Reading is most of the work and needs no head, so it can be done ahead, in another thread.
        """
        authentic = self._authentic([each for each in read if isinstance(each, Candidate)])
        fresh: dict[int, bytes] = {}

        def accepted_hash(number: int) -> bytes | None:
            return fresh.get(number) or known_hash(number)

        judgements = []
        for each in read:
            if isinstance(each, Judgement):
                judgements.append(each)
            elif id(each) not in authentic:
                judgements.append(_refuse(each, Fault.SIGNATURE_MISMATCH))
            else:
                judgements.append(self._place(each, accepted_hash, fresh))
        return judgements

    def _place(self, each: Candidate, known: KnownHash, fresh: dict[int, bytes]) -> Judgement:
        if each.number <= self.number:
            if known(each.number) == each.hash:
                return Judgement(Standing.KNOWN, each)
            return _refuse(each, Fault.FORKED_HISTORY)
        if each.number > self.number + 1:
            return Judgement(Standing.EARLY, each)
        if each.entry.previous != self.head:
            return _refuse(each, Fault.FORKED_HISTORY)
        self.number, self.head = each.number, each.hash
        fresh[each.number] = each.hash
        return Judgement(Standing.ACCEPTED, each)

    def _authentic(self, candidates: Sequence[Candidate]) -> set[int]:
        """The identities of the candidates that the centre's key vouches for."""
        authentic: set[int] = set()
        for run in _runs(candidates):
            if self._is_signed(run[-1]):
                authentic.update(map(id, run))
            else:
                authentic.update(self._vouched(run[:-1]))
        return authentic

    def _vouched(self, run: Sequence[Candidate]) -> set[int]:
        # A good signature vouches for all before it, so the search ends at the last good one.
        for index in range(len(run) - 1, -1, -1):
            if self._is_signed(run[index]):
                return set(map(id, run[: index + 1]))
        return set()

    def _is_signed(self, each: Candidate) -> bool:
        return signing.is_signed(self.key, each.envelope.entry, each.envelope.signature)


def read_envelope(data: bytes, centre: str, key: bytes) -> Candidate | Judgement:
    """Parse an envelope as one of `centre`: rules 1 to 4, everything that needs no signature.

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
    complete = len(entry.previous) == 32 and entry.WhichOneof("change")
    if not complete or not 0 < entry.number <= log.MAX_NUMBER:
        return Judgement(Standing.REFUSED, None, Fault.NOT_AN_ENTRY)
    candidate = Candidate(envelope, entry, log.entry_hash(signed), entry.number)
    if entry.centre != centre or content.centre_of(log.record_id(entry)) != centre:
        return _refuse(candidate, Fault.FOREIGN_ENTRY)
    if envelope.key != key:
        return _refuse(candidate, Fault.UNKNOWN_KEY)
    return candidate


def _refuse(candidate: Candidate, fault: Fault) -> Judgement:
    return Judgement(Standing.REFUSED, candidate, fault)


def _runs(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Split into unbroken runs: next number, and the hash of the one before."""
    runs: list[list[Candidate]] = []
    for each in candidates:
        last = runs[-1][-1] if runs else None
        if last and each.number == last.number + 1 and each.entry.previous == last.hash:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs
