"""A centre's log: entries numbered from 1 without gaps, each carrying the hash of the one before.

An entry is serialised once, signed over those bytes and never encoded again; its hash is the
SHA-256 of the same bytes and is also its message id on the way to the hub.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey

from bri_kit import keyring, signing

GENESIS = bytes(32)
"""What the first entry carries as the hash of the one before."""

MAX_ENTRY_BYTES = 7 * 1024 * 1024
"""The largest entry that is taken; NATS carries messages of up to 8 MiB."""

MAX_NUMBER = 2**63 - 1
"""The highest number of an entry: the largest that a database keeps."""


def entry_hash(entry: bytes) -> bytes:
    """The SHA-256 of an entry's bytes."""
    return sha256(entry).digest()


def published(record: content_pb2.Record) -> log_pb2.Entry:
    """An entry, not yet placed in a log, by which `record` is published or revised."""
    return log_pb2.Entry(published=record)


def retracted(record_id: str, revision: int, reason: str) -> log_pb2.Entry:
    """An entry, not yet placed in a log, by which a record is withdrawn."""
    return log_pb2.Entry(
        retracted=log_pb2.Retraction(record_id=record_id, revision=revision, reason=reason)
    )


def seal_rotation(
    new: SigningKey, *, centre: str, number: int, previous: bytes, at: str, key: SigningKey
) -> log_pb2.SignedEntry:
    """Hand the log over from `key`, which signs this entry, to `new`, which proves that it is
    there."""
    old_public, new_public = signing.public_key(key), signing.public_key(new)
    said = keyring.statement(centre, number, previous, old_public, new_public)
    rotation = log_pb2.KeyRotation(key=new_public, proof=signing.sign(new, said))
    entry = log_pb2.Entry(rotated=rotation)
    return seal(entry, centre=centre, number=number, previous=previous, at=at, key=key)


def seal(
    entry: log_pb2.Entry, *, centre: str, number: int, previous: bytes, at: str, key: SigningKey
) -> log_pb2.SignedEntry:
    """Place `entry` in the centre's log and sign it. `at` is RFC 3339 text in UTC."""
    entry.centre, entry.number, entry.previous, entry.written_at = centre, number, previous, at
    data = entry.SerializeToString()
    return log_pb2.SignedEntry(
        entry=data, signature=signing.sign(key, data), key=signing.public_key(key)
    )


def record_id(entry: log_pb2.Entry) -> str:
    """The record that an entry is about; empty for one that is about the log's key."""
    if entry.HasField("published"):
        return entry.published.id
    return entry.retracted.record_id


def whole_proof_json(
    envelope: bytes, run: Sequence[bytes], rotations: Sequence[bytes]
) -> dict[str, Any]:
    """An envelope with all that it takes to verify it offline, given any key of its centre: `run`
    are the entries after it up to one whose signature holds, where its own does not; `rotations`
    are the entries by which the centre's keys vouch for each other."""
    return proof_json(envelope) | {
        "run": [proof_json(each) for each in run],
        "rotations": [proof_json(each) for each in rotations],
    }


def proof_json(envelope: bytes) -> dict[str, Any]:
    """A serialised envelope as the public API of node and hub shows it, for anyone to verify:
    `entry`, `signature` and `key` are base64, `hash` and `previous` hexadecimal."""
    sealed = log_pb2.SignedEntry.FromString(envelope)
    entry = log_pb2.Entry.FromString(sealed.entry)
    return {
        "record": record_id(entry),
        "number": entry.number,
        "entry": b64encode(sealed.entry).decode(),
        "signature": b64encode(sealed.signature).decode(),
        "key": b64encode(sealed.key).decode(),
        "hash": entry_hash(sealed.entry).hex(),
        "previous": entry.previous.hex(),
        "written_at": entry.written_at,
    }
