"""A centre changes its key: by the old one's word, or after that was stolen and revoked.

The node may run meanwhile: whoever appends next signs with the key that the database then names.
"""

from dataclasses import dataclass

from bri_kit import clock, signing
from bri_kit.errors import IllegalTransition
from bri_node import journal, keys
from bri_node.keys import Seal
from bri_node.store import Store


@dataclass(frozen=True, slots=True)
class Changed:
    """The public key that signs from the entry `first` on, and how many entries it signed anew."""

    key: bytes
    first: int
    signed_anew: int = 0


def rotate(store: Store, seal: Seal) -> Changed:
    """Hand the log over to a new key.

    Raises:
        IllegalTransition: another process has just handed it over.
        bri_node.keys.KeyLost: the key in use is not in its file.
    """
    with store.writing() as session:
        keys.signing_key(session, seal)  # before another is made beside it
    new = seal.keys.next()
    with store.writing() as session:
        head = journal.take_head(session)
        _check_fresh(keys.ring(session, seal).find(signing.public_key(new)))
        number = journal.append_rotation(session, head, seal, new, clock.timestamp())
    seal.keys.holding(signing.public_key(new))
    return Changed(signing.public_key(new), number + 1)


def replace(store: Store, seal: Seal, after: int) -> Changed:
    """Sign with a new key everything after the number `after`, up to which the hub accepted what
    the revoked key had signed. The hub's admin has to be told the new key by another way.

    Raises:
        IllegalTransition: the log is shorter, or another key signs from a later number on.
    """
    new = seal.keys.next()
    with store.writing() as session:
        head = journal.take_head(session)
        ring = keys.ring(session, seal)
        _check_fresh(ring.find(signing.public_key(new)))
        first = ring.tenures[-1].first
        if not first - 1 <= after <= head.number:
            raise IllegalTransition(
                f"The key in use signs from entry {first} on, and the log ends at {head.number}:"
                f" it cannot be replaced after {after}."
            )
        count = keys.sign_anew(session, seal, after, new)
    seal.keys.holding(signing.public_key(new))
    return Changed(signing.public_key(new), after + 1, count)


def _check_fresh(tenure: object) -> None:
    if tenure is not None:
        raise IllegalTransition("The log was handed over to this key already.")
