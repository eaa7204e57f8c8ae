"""The centre's own keys: which of them signs is in the database, the private one in a file.

Rules:
- the database says which public key signs the next entry; a key changes in the same transaction
  as the log, so whoever appends, in whatever process, signs with the right one;
- the private key is in `key`. The next one waits in `key.next` until the transaction that hands
  over to it is committed, and then takes the place of the old one, which is gone with that. A crash
  in between is mended by whoever needs the key next;
- after a key was stolen, and revoked at the hub, another replaces it without the old one's word:
  the entries that the hub does not hold are signed anew. Their bytes, numbers and hashes stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bri.log.v1 import log_pb2
from nacl.signing import SigningKey
from sqlalchemy import select, update
from sqlmodel import Session, col

from bri_kit import clock, signing
from bri_kit.keyring import Keyring, Tenure
from bri_node.gate import Gate
from bri_node.tables import EntryRow, KeyRow

_NEXT = ".next"
_AT_ONCE = 500


class KeyLost(Exception):
    """The private key that signs the next entry is not in its file."""


class KeyFile:
    """Where the private key is kept; made there where there is none. Its methods may be called from
    any thread.

    Raises:
        bri_kit.signing.KeyFileUnreadable: the file holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.key = signing.load_or_create(path)

    def next(self) -> SigningKey:
        """The key that is to follow, on disk before anything is said of it."""
        return signing.load_or_create(self._next_path)

    def holding(self, public: bytes) -> SigningKey:
        """The private half of `public`, put in its place where a crash left it beside it.

        Raises:
            KeyLost: it is in neither place.
        """
        if signing.public_key(self.key) == public:
            return self.key
        if _holds(self._next_path, public):
            self._next_path.replace(self._path)
            signing.sync_folder(self._path)
        if not _holds(self._path, public):
            raise KeyLost(f"{self._path} does not hold the key that signs this centre's log")
        self.key = signing.load_or_create(self._path)
        return self.key

    @property
    def _next_path(self) -> Path:
        return self._path.with_name(self._path.name + _NEXT)


def _holds(path: Path, public: bytes) -> bool:
    return path.exists() and signing.public_key(signing.load_or_create(path)) == public


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose log it is, where the key is that signs it, and whether it may be written to now."""

    centre: str
    keys: KeyFile
    gate: Gate = field(default_factory=Gate)


def ring(session: Session, seal: Seal) -> Keyring:
    """All keys that the centre ever had."""
    return _kept(session) or Keyring.of(signing.public_key(seal.keys.key))


def signing_key(session: Session, seal: Seal) -> SigningKey:
    """The key that signs the next entry; the log's head was taken in this transaction.

    Raises:
        KeyLost: its file does not hold it.
    """
    public = session.scalars(
        select(col(KeyRow.key)).order_by(col(KeyRow.id).desc()).limit(1)
    ).first()
    if public is None:
        _keep(session, Keyring.of(signing.public_key(seal.keys.key)))
        return seal.keys.key
    return seal.keys.holding(public)


def hand_over(session: Session, seal: Seal, number: int, key: bytes) -> None:
    """Keep that the entry `number` handed the log over to `key`."""
    _keep(session, ring(session, seal).rotated(number, key))


def adopt_rotation(session: Session, old: bytes, number: int, new: bytes) -> None:
    """Keep a rotation that our database had lost, and that others kept."""
    kept = _kept(session) or Keyring.of(old)
    if kept.find(new) is None:
        _keep(session, kept.rotated(number, new))


def sign_anew(session: Session, seal: Seal, after: int, new: SigningKey) -> int:
    """Have `new` take the place of a key that was revoked after the number `after`: keep it, and
    sign anew what comes after; answers how many entries."""
    public = signing.public_key(new)
    old = ring(session, seal)
    _keep(session, old.revoked(old.tenures[-1].key, after).entered(public, after + 1))
    count = 0
    while rows := _envelopes(session, after):
        for number, envelope in rows:
            signed = log_pb2.SignedEntry.FromString(envelope)
            signed.signature, signed.key = signing.sign(new, signed.entry), public
            session.connection().execute(
                update(EntryRow)
                .where(col(EntryRow.number) == number)
                .values(envelope=signed.SerializeToString())
            )
            after = number
        count += len(rows)
    return count


def _envelopes(session: Session, after: int) -> Sequence[tuple[int, bytes]]:
    query = select(col(EntryRow.number), col(EntryRow.envelope))
    query = query.where(col(EntryRow.number) > after).order_by(col(EntryRow.number))
    return [(number, envelope) for number, envelope in session.execute(query.limit(_AT_ONCE))]


def _kept(session: Session) -> Keyring | None:
    rows = session.scalars(select(KeyRow).order_by(col(KeyRow.id))).all()
    kept = tuple(Tenure(row.key, row.first, row.last, row.revoked) for row in rows)
    return Keyring(kept) if kept else None


def _keep(session: Session, ring: Keyring) -> None:
    known = {row.key: row for row in session.scalars(select(KeyRow))}
    for each in ring.tenures:
        row = known.get(each.key)
        if row is None:
            row = KeyRow(key=each.key, first=each.first, since=clock.timestamp())
        row.last, row.revoked = each.last, each.revoked
        session.add(row)
        session.flush()
