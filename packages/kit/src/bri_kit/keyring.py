"""The keys of one centre, each with the numbers of the entries that it may sign. Pure.

Rules:
- a centre has one key for each number; a key signs from its first number to its last, or, while it
  is in use, for as long as the log grows;
- a rotation is an entry signed with the old key. It names the new one and carries the new one's
  signature over `statement`, so that both keys vouch for each other and for all of the log before;
  the new key signs from the next entry on;
- a revoked key proves nothing beyond its last number, and before it nothing but what was accepted
  already. The key that follows it is entered by a person, because nobody's word stands for it;
- a key never comes back: neither a rotation nor a person can enter one that the centre had before.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bri.log.v1 import log_pb2

from bri_kit import signing

_PURPOSE = b"bri.log.v1.KeyRotation"


class Tenure(NamedTuple):
    """A key and the numbers that it may sign, both inclusive; `last` is None while in use."""

    key: bytes
    first: int = 1
    last: int | None = None
    revoked: bool = False

    def covers(self, number: int) -> bool:
        """Whether the key may sign the entry with this number."""
        return self.first <= number and (self.last is None or number <= self.last)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys that a centre ever had, the oldest first."""

    tenures: tuple[Tenure, ...]

    @classmethod
    def of(cls, key: bytes) -> "Keyring":
        """The ring of a centre that has had one key from the beginning."""
        return cls((Tenure(key),))

    def find(self, key: bytes) -> Tenure | None:
        """The tenure of a key, None for one that was never the centre's."""
        return next((each for each in self.tenures if each.key == key), None)

    def at(self, number: int) -> Tenure | None:
        """Who may sign the entry with this number; None where the key was revoked before it and no
        other was entered."""
        return next((each for each in self.tenures if each.covers(number)), None)

    def rotated(self, number: int, key: bytes) -> "Keyring":
        """The ring after the entry `number`, which the key in use signed, named `key`."""
        *before, last = self.tenures
        return Keyring((*before, last._replace(last=number), Tenure(key, number + 1)))

    def revoked(self, key: bytes, after: int) -> "Keyring":
        """The ring once `key` was revoked: nothing of it counts beyond the number `after`. A tenure
        that ended earlier keeps its end."""
        return Keyring(
            tuple(_revoke(each, after) if each.key == key else each for each in self.tenures)
        )

    def entered(self, key: bytes, first: int) -> "Keyring":
        """The ring after a person entered `key`, for entries from `first` on."""
        return Keyring((*self.tenures, Tenure(key, first)))


def _revoke(tenure: Tenure, after: int) -> Tenure:
    last = after if tenure.last is None else min(tenure.last, after)
    return tenure._replace(last=last, revoked=True)


def statement(centre: str, number: int, previous: bytes, old: bytes, new: bytes) -> bytes:
    """What a new key signs to be taken over to: the bytes name the rotation's place in the log."""
    parts = (_PURPOSE, centre.encode(), number.to_bytes(8, "big"), previous, old, new)
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def is_rotation(entry: log_pb2.Entry, old: bytes, ring: Keyring) -> bool:
    """Whether an entry that `old` signed hands the log over to a key that may take it."""
    new = entry.rotated
    if len(new.key) != signing.KEY_BYTES or ring.find(new.key):
        return False
    said = statement(entry.centre, entry.number, entry.previous, old, new.key)
    return signing.is_signed(new.key, said, new.proof)


def keys_json(ring: Keyring) -> list[dict[str, Any]]:
    """All keys of a centre as the public API of node and hub shows them, the oldest first; `last`
    is null while a key is in use."""
    return [each._asdict() | {"key": b64encode(each.key).decode()} for each in ring.tenures]


def read_keys(items: Sequence[Mapping[str, Any]]) -> Keyring:
    """The ring that `keys_json` told.

    Raises:
        KeyError, TypeError, ValueError: it is not as it should be.
    """
    return Keyring(
        tuple(
            Tenure(
                b64decode(each["key"], validate=True),
                each["first"],
                each["last"],
                bool(each["revoked"]),
            )
            for each in items
        )
    )
