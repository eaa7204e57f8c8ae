"""Whether a published record is what its centre signed. Pure: it is handed everything.

What is checked, in this order; a check that could not be made is neither passed nor failed:
1. the bytes are an entry of the record's centre, and name the key that signs there at its number;
2. the signature over exactly these bytes is that key's, or one of that key's over a later entry to
   which the proof leads, each entry carrying the hash of the one before;
3. the entry is about this record;
4. the centre's own log has the same bytes under the entry's number;
5. the entry carries the hash of the one before it in that log (zeros in the first).

Whoever trusts one key of a centre can trust those that it was rotated to or from: both keys signed
the rotation.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bri.log.v1 import log_pb2

from bri_kit import content, log, trust
from bri_kit.keyring import Keyring, is_rotation


@dataclass(frozen=True, slots=True)
class Check:
    """One check: passed, failed, or (None) not made."""

    name: str
    passed: bool | None
    detail: str = ""


class ProofUnreadable(Exception):
    """What was handed over as a proof lacks its parts, or they are not base64."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A signed entry, the `run` after it where its own signature does not hold, and the `rotations`
    by which its centre's keys vouch for each other."""

    envelope: log_pb2.SignedEntry
    run: Sequence[log_pb2.SignedEntry] = ()
    rotations: Sequence[log_pb2.SignedEntry] = ()


def read_proof(document: Mapping[str, Any]) -> Proof:
    """A proof out of its JSON form, as `/proof` answers it.

    Raises:
        ProofUnreadable: a part is missing or not as it should be.
    """
    run, rotations = document.get("run") or (), document.get("rotations") or ()
    try:
        return Proof(
            read_envelope(document),
            [read_envelope(each) for each in run],
            [read_envelope(each) for each in rotations],
        )
    except TypeError as error:
        raise ProofUnreadable(f"the proof cannot be read: {error!r}") from None


def read_envelope(document: Mapping[str, Any]) -> log_pb2.SignedEntry:
    """A signed entry out of its JSON form (`entry`, `signature`, `key` in base64).

    Raises:
        ProofUnreadable: a part is missing or not base64.
    """
    try:
        parts = {
            name: b64decode(document[name], validate=True) for name in ("entry", "signature", "key")
        }
    except (KeyError, ValueError, TypeError) as error:
        raise ProofUnreadable(f"the proof cannot be read: {error!r}") from None
    return log_pb2.SignedEntry(**parts)


def linked_keys(centre: str, key: bytes, rotations: Iterable[log_pb2.SignedEntry]) -> Keyring:
    """The keys of a centre that follow from a trusted one, with the numbers that they sign."""
    links = [link for each in rotations if (link := _read_rotation(centre, each))]
    rings: list[Keyring] = []
    for link in sorted(links, key=lambda link: link.number):
        # Where a person entered a key, nothing leads to it from those before.
        follows = bool(rings) and rings[-1].tenures[-1].key == link.key
        ring = rings.pop() if follows else Keyring.of(link.key)
        is_link = is_rotation(link.entry, link.key, ring)
        rings.append(ring.rotated(link.number, link.entry.rotated.key) if is_link else ring)
    return next((ring for ring in rings if ring.find(key)), Keyring.of(key))


def _read_rotation(centre: str, envelope: log_pb2.SignedEntry) -> trust.Candidate | None:
    read = trust.read_envelope(envelope.SerializeToString(), centre)
    if isinstance(read, trust.Judgement) or not trust.is_authentic(read):
        return None
    return read if read.entry.HasField("rotated") else None


def examine(
    record_id: str, proof: Proof, keys: Keyring, neighbours: Sequence[bytes] | None
) -> list[Check]:
    """Make all checks.

    `keys` are the centre's public keys, `neighbours` are the bytes of its log's entries from the
    one before the entry's number up to it (one where the entry is the first), None where the log
    could not be read.
    """
    centre = content.centre_of(record_id)
    read = trust.read_envelope(proof.envelope.SerializeToString(), centre)
    if isinstance(read, trust.Judgement):
        return [Check("an entry of the centre", False, str(read.fault))]
    tenure = keys.find(read.key)
    if tenure is None or not tenure.covers(read.number):
        fault = trust.Fault.RETIRED_KEY if tenure else trust.Fault.UNKNOWN_KEY
        return [Check("an entry of the centre", False, str(fault))]
    entry = read.entry
    about = log.record_id(entry)
    return [
        Check("an entry of the centre", True, f"{centre}, number {entry.number}"),
        _check_signature(read, proof.run),
        Check("about this record", about == record_id, f"{entry.WhichOneof('change')} {about}"),
        *_check_log(read, neighbours),
    ]


def _check_signature(entry: trust.Candidate, run: Sequence[log_pb2.SignedEntry]) -> Check:
    following = [trust.read_envelope(each.SerializeToString(), entry.entry.centre) for each in run]
    candidates = [each for each in following if isinstance(each, trust.Candidate)]
    vouching = trust.vouching_run([entry, *candidates])
    name, key = "signed by the centre's key", entry.key.hex()[:16]
    if vouching is None:
        return Check(name, False, key)
    last = vouching[-1].number
    return Check(name, True, key if last == entry.number else f"{key}, by entry {last}")


def _check_log(entry: trust.Candidate, neighbours: Sequence[bytes] | None) -> list[Check]:
    same, chained = "the same in the centre's log", "follows the entry before"
    if neighbours is None:
        reason = "the centre's log cannot be read"
        return [Check(same, None, reason), Check(chained, None, reason)]
    its_own = bool(neighbours) and log.entry_hash(neighbours[-1]) == entry.hash
    checks = [Check(same, its_own, f"sha256 {entry.hash.hex()[:16]}")]
    if entry.number == 1:
        return [*checks, Check(chained, entry.entry.previous == log.GENESIS, "the first entry")]
    if len(neighbours) < 2:
        return [*checks, Check(chained, False, f"the log lacks entry {entry.number - 1}")]
    before = log.entry_hash(neighbours[-2])
    return [*checks, Check(chained, before == entry.entry.previous, f"sha256 {before.hex()[:16]}")]


def verdict(checks: Sequence[Check]) -> bool:
    """Genuine: nothing failed."""
    return all(check.passed is not False for check in checks)
