"""Whether a published record is what its centre signed. Pure: it is handed everything.

What is checked, in this order; a check that could not be made is neither passed nor failed:
1. the bytes are an entry of the record's centre, and name the centre's key;
2. the signature over exactly these bytes is that key's;
3. the entry is about this record;
4. the centre's own log has the same bytes under the entry's number;
5. the entry carries the hash of the one before it in that log (zeros in the first).
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bri.log.v1 import log_pb2

from bri_kit import content, log, signing, trust


@dataclass(frozen=True, slots=True)
class Check:
    """One check: passed, failed, or (None) not made."""

    name: str
    passed: bool | None
    detail: str = ""


class ProofUnreadable(Exception):
    """What was handed over as a proof lacks its parts, or they are not base64."""


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


def examine(
    record_id: str, envelope: log_pb2.SignedEntry, key: bytes, neighbours: Sequence[bytes] | None
) -> list[Check]:
    """Make all checks.

    `key` is the centre's public key, `neighbours` are the bytes of its log's entries from the one
    before the entry's number up to it (one where the entry is the first), None where the log could
    not be read.
    """
    centre = content.centre_of(record_id)
    read = trust.read_envelope(envelope.SerializeToString(), centre, key)
    if isinstance(read, trust.Judgement):
        return [Check("an entry of the centre", False, str(read.fault))]
    entry = read.entry
    about = log.record_id(entry)
    signed = signing.is_signed(key, envelope.entry, envelope.signature)
    return [
        Check("an entry of the centre", True, f"{centre}, number {entry.number}"),
        Check("signed by the centre's key", signed, key.hex()[:16]),
        Check("about this record", about == record_id, f"{entry.WhichOneof('change')} {about}"),
        *_check_log(read, neighbours),
    ]


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
