"""The centre's own keys: which of them signs is in the database, the private one in a file.

Rules:
- the database says which public key signs the next entry; a key changes in the same transaction
  as the log, so whoever appends, in whatever process, signs with the right one;
- the private key is in `key`. The next one waits in `key.next` until the transaction that hands
  over to it is committed, and then takes the place of the old one, which is gone with that. A crash
  in between is mended by whoever needs the key next;
- a key is made only for a log that is empty: where the database, or its newest entry, names a key
  whose private half is in neither file, that is `KeyLost`, and nothing is written;
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
    """Where the private key is kept. Nothing is read before it is needed. Its methods may be called
    from any thread.

    Raises (all methods):
        bri_kit.signing.KeyFileUnreadable: the file holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: SigningKey | None = None

    @property
    def key(self) -> SigningKey:
        """The private key that is in the file."""
        if self._key is None:
            self._key = signing.load(self._path)
        return self._key

    def create(self) -> SigningKey:
        """The first key of a log, made where the file is not there."""
        self._key = signing.load_or_create(self._path)
        return self._key

    def next(self) -> SigningKey:
        """The key that is to follow, on disk before anything is said of it."""
        return signing.load_or_create(self._next_path)

    def holding(self, public: bytes) -> SigningKey:
        """The private half of `public`, put in its place where a crash left it beside it.

        Raises:
            KeyLost: it is in neither place.
        """
        if self._key is not None and signing.public_key(self._key) == public:
            return self._key
        if _holds(self._next_path, public):
            self._next_path.replace(self._path)
            signing.sync_folder(self._path)
        if not _holds(self._path, public):
            raise KeyLost(_lost(self._path))
        self._key = signing.load(self._path)
        return self._key

    @property
    def _next_path(self) -> Path:
        return self._path.with_name(self._path.name + _NEXT)


def _lost(path: Path) -> str:
    what = "does not hold the key that signs this centre's log" if path.exists() else "is missing"
    return (
        f"the centre's key is lost: {path} {what}; restore the file from a backup, or have the "
        "hub's admin revoke the lost key and take a new one with 'bri key replace'"
    )


def _holds(path: Path, public: bytes) -> bool:
    return path.exists() and signing.public_key(signing.load(path)) == public


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose log it is, where the key is that signs it, and whether it may be written to now."""

    centre: str
    keys: KeyFile
    gate: Gate = field(default_factory=Gate)


def ring(session: Session, seal: Seal) -> Keyring:
    """All keys that the centre ever had."""
    kept = _kept(session)
    if kept is None:
        kept = Keyring.of(_signer(session) or signing.public_key(seal.keys.create()))
    return kept


def find(session: Session, seal: Seal) -> SigningKey | None:
    """The key that signs the next entry, None for a log that has none yet. The database is not
    changed.

    Raises:
        KeyLost: its file does not hold it.
    """
    public = _newest(session) or _signer(session)
    return seal.keys.holding(public) if public else None


def signing_key(session: Session, seal: Seal) -> SigningKey:
    """The key that signs the next entry; the log's head was taken in this transaction.

    Raises:
        KeyLost: its file does not hold it.
    """
    if public := _newest(session):
        return seal.keys.holding(public)
    key = find(session, seal) or seal.keys.create()
    _keep(session, Keyring.of(signing.public_key(key)))
    return key


def _newest(session: Session) -> bytes | None:
    query = select(col(KeyRow.key)).order_by(col(KeyRow.id).desc()).limit(1)
    return session.scalars(query).first()


def _signer(session: Session) -> bytes | None:
    """The public key that signed the newest entry: a log may be older than the table of keys."""
    query = select(col(EntryRow.envelope)).order_by(col(EntryRow.number).desc()).limit(1)
    envelope = session.scalars(query).first()
    return log_pb2.SignedEntry.FromString(envelope).key if envelope else None


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
