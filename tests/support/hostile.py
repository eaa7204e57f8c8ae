"""Everything that a broker, or a thief of keys that no longer count, can send in a centre's name.

Nothing that `Adversary.forge` makes may ever become part of the centre's log: it is not signed by a
key of the centre for its number, or its bytes are no entry of the centre at all. Repeats of what
the centre itself signed are among it; they may be known, and never count twice.
"""

import random
from collections.abc import Callable

from bri.log.v1 import log_pb2
from nacl.signing import SigningKey

from bri_kit import log, signing
from tests.support.centres import Centre, a_record

FAR = 2**40


class Adversary:
    """Holds all that `centre` ever sent, a key of its own, and keys that were the centre's."""

    def __init__(self, centre: Centre, chance: random.Random) -> None:
        self.centre = centre
        self.chance = chance
        self.key = SigningKey(chance.randbytes(32))
        self.stolen: list[SigningKey] = []
        self._copied: list[tuple[int, SigningKey]] = []
        self.neighbour = Centre("asean", self.key)
        self.kinds: dict[str, Callable[[], bytes]] = {
            "noise": self.noise,
            "truncated": self.truncated,
            "flipped": self.flipped,
            "forged": self.forged,
            "under its own key": self.under_own_key,
            "another centre's": self.of_another_centre,
            "about another's record": self.about_anothers_record,
            "re-signed": self.resigned,
            "by a stolen key": self.by_stolen_key,
            "takeover": self.takeover,
            "takeover without proof": self.takeover_without_proof,
            "far ahead": self.far_ahead,
            "another's fork": self.fork_of_another,
        }

    def copy_key(self) -> None:
        """Take a copy of the centre's key, which the centre now hands over from or has revoked."""
        self._copied.append((len(self.centre.entries) + 1, self.centre.key))

    def reach(self, number: int) -> None:
        """Use the keys that no longer count for whoever holds the log up to `number`. Before that a
        stolen key is the centre's, and nobody could tell."""
        self.stolen += [key for first, key in self._copied if first <= number]
        self._copied = [(first, key) for first, key in self._copied if first > number]

    def forge(self) -> bytes:
        """One hostile envelope, of any kind."""
        return self.kinds[self.chance.choice(list(self.kinds))]()

    def replay(self) -> bytes:
        """Something that the centre sent once."""
        return self.chance.choice(self.centre.entries) if self.centre.entries else b""

    def noise(self) -> bytes:
        return self.chance.randbytes(self.chance.randrange(200))

    def truncated(self) -> bytes:
        whole = self.replay() or self.noise()
        return whole[: self.chance.randrange(len(whole) + 1) - 1] if whole else whole

    def flipped(self) -> bytes:
        """A bit of an entry's bytes is another."""
        signed = log_pb2.SignedEntry.FromString(self.replay() or self.under_own_key())
        data = bytearray(signed.entry)
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        signed.entry = bytes(data)
        return signed.SerializeToString()

    def forged(self) -> bytes:
        """The next entry, named as of the centre's key, with a signature that is not."""
        signed = log_pb2.SignedEntry.FromString(self._next(self.key))
        signed.key = self.centre.public_key
        if self.chance.random() < 0.5:
            signed.signature = self.chance.randbytes(64)
        return signed.SerializeToString()

    def under_own_key(self) -> bytes:
        return self._next(self.key)

    def of_another_centre(self) -> bytes:
        return self.neighbour.publish()

    def about_anothers_record(self) -> bytes:
        entry = log.published(a_record(self.neighbour.record_id()))
        return self._sealed(entry, self.key)

    def resigned(self) -> bytes:
        signed = log_pb2.SignedEntry.FromString(self.replay() or self.under_own_key())
        key = self.chance.choice([self.key, *self.stolen])
        if signing.public_key(key) == signed.key:
            key = self.key
        signed.signature, signed.key = signing.sign(key, signed.entry), signing.public_key(key)
        return signed.SerializeToString()

    def by_stolen_key(self) -> bytes:
        return self._next(self.chance.choice([self.key, *self.stolen]))

    def takeover(self) -> bytes:
        """A rotation to the adversary's key, signed by a key that does not count."""
        signer = self.chance.choice([self.key, *self.stolen])
        return log.seal_rotation(
            self.key,
            centre=self.centre.code,
            number=len(self.centre.entries) + 1,
            previous=self.centre.head,
            at=self.centre.at,
            key=signer,
        ).SerializeToString()

    def takeover_without_proof(self) -> bytes:
        signed = log_pb2.SignedEntry.FromString(self.takeover())
        signed.key = self.centre.public_key
        return signed.SerializeToString()

    def far_ahead(self) -> bytes:
        entry = log.published(a_record(self.centre.record_id()))
        return self._sealed(entry, self.key, self.chance.randrange(FAR))

    def fork_of_another(self) -> bytes:
        """Another entry under a number that is taken, and not signed by the centre."""
        number = self.chance.randrange(len(self.centre.entries) + 1) + 1
        entry = log.published(a_record(self.centre.record_id()))
        signed = log_pb2.SignedEntry.FromString(self._sealed(entry, self.key, number))
        signed.key = self.centre.public_key
        return signed.SerializeToString()

    def _next(self, key: SigningKey) -> bytes:
        if self.chance.random() < 0.3:
            entry = log.retracted(self.centre.record_id(), 1, "forged")
        else:
            entry = log.published(a_record(self.centre.record_id()))
        return self._sealed(entry, key)

    def _sealed(self, entry: log_pb2.Entry, key: SigningKey, number: int = 0) -> bytes:
        return log.seal(
            entry,
            centre=self.centre.code,
            number=number or len(self.centre.entries) + 1,
            previous=self.centre.head,
            at=self.centre.at,
            key=key,
        ).SerializeToString()


def fork(centre: Centre, number: int) -> bytes:
    """What the centre itself signed beside its log, as another entry with this number."""
    before = log_pb2.SignedEntry.FromString(centre.entries[number - 2]) if number > 1 else None
    sealed = log.seal(
        log.published(a_record(centre.record_id())),
        centre=centre.code,
        number=number,
        previous=log.entry_hash(before.entry) if before else log.GENESIS,
        at=centre.at,
        key=centre.key,
    )
    return sealed.SerializeToString()


def hashes(centre: Centre) -> list[bytes]:
    """The hashes of a centre's log, from the first entry on."""
    return [log.entry_hash(log_pb2.SignedEntry.FromString(each).entry) for each in centre.entries]
