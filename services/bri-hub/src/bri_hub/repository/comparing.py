"""What the hub holds of a centre's log, as comparisons and repairs read and mend it.

Rules:
- comparing reads hashes, and of full chunks only their digests, which are kept once they are made;
- bytes are read where they are checked, sent or mended, a range at a time.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from bri_hub.tables import Entry, RangeDigest, Record
from bri_kit import digests
from bri_kit.digests import CHUNK, NOTHING, Side

Leaves = dict[int, bytes]


class Kept(NamedTuple):
    """An entry as it is kept."""

    number: int
    hash: bytes
    envelope: bytes


class Log:
    """A centre's entries as one side of a comparison. `made` has the digests that were not kept
    yet, by their chunks, for whoever may write."""

    def __init__(self, session: Session, centre: str) -> None:
        self.made: dict[int, bytes] = {}
        self._session = session
        self._centre = centre

    @property
    def side(self) -> Side:
        return Side(self._leaves, self._chunks)

    def _leaves(self, first: int, last: int) -> list[bytes]:
        query = select(Entry.number, Entry.hash).where(
            Entry.centre == self._centre, col(Entry.number).between(first, last)
        )
        found = {number: digests.whole(hash_) for number, hash_ in self._session.exec(query)}
        return [found.get(number, NOTHING) for number in range(first, last + 1)]

    def _chunks(self, first: int, last: int) -> list[bytes]:
        query = select(RangeDigest.chunk, RangeDigest.digest).where(
            RangeDigest.centre == self._centre, col(RangeDigest.chunk).between(first, last)
        )
        kept = dict(self._session.exec(query).all())
        return [kept.get(chunk) or self._make(chunk) for chunk in range(first, last + 1)]

    def _make(self, chunk: int) -> bytes:
        digest = digests.fold(self._leaves(chunk * CHUNK + 1, (chunk + 1) * CHUNK))
        self.made[chunk] = digest
        return digest


class Records:
    """A centre's records, each at the number of its current entry, as one side of a comparison."""

    def __init__(self, session: Session, centre: str) -> None:
        self._session = session
        self._centre = centre

    @property
    def side(self) -> Side:
        return Side(self._leaves, self._chunks)

    def _leaves(self, first: int, last: int) -> list[bytes]:
        query = select(Record.entry_number, Record.id, Record.revision, Record.state).where(
            Record.centre == self._centre, col(Record.entry_number).between(first, last)
        )
        return digests.record_leaves(self._session.exec(query.order_by(Record.id)), first, last)

    def _chunks(self, first: int, last: int) -> list[bytes]:
        leaves = self._leaves(first * CHUNK + 1, (last + 1) * CHUNK)
        return [digests.fold(leaves[at : at + CHUNK]) for at in range(0, len(leaves), CHUNK)]


def keep_digests(session: Session, centre: str, made: Mapping[int, bytes]) -> None:
    """Keep digests of chunks; what another made in the meantime is the same."""
    for chunk, digest in made.items():
        session.merge(RangeDigest(centre=centre, chunk=chunk, digest=digest))


def forget_digest(session: Session, centre: str, number: int) -> None:
    """Have the digest of the chunk in which an entry lies made anew."""
    session.connection().execute(
        delete(RangeDigest).where(
            col(RangeDigest.centre) == centre, col(RangeDigest.chunk) == (number - 1) // CHUNK
        )
    )


def kept_entries(session: Session, centre: str, first: int, last: int) -> Sequence[Kept]:
    """The entries with these numbers, ascending; read as they are taken."""
    query = select(Entry.number, Entry.hash, Entry.envelope).where(
        Entry.centre == centre, col(Entry.number).between(first, last)
    )
    rows = session.exec(query.order_by(col(Entry.number)).execution_options(yield_per=64))
    return [Kept(*row) for row in rows]


def records_at(session: Session, centre: str, numbers: Collection[int]) -> Sequence[Record]:
    """The records whose current entries have these numbers."""
    query = select(Record).where(Record.centre == centre, col(Record.entry_number).in_(numbers))
    return session.exec(query.order_by(col(Record.entry_number))).all()


def newest_accepted(session: Session, centre: str, record_id: str) -> Kept | None:
    """The newest accepted entry about a record. Reads the log: for repairs alone."""
    query = select(Entry.number, Entry.hash, Entry.envelope).where(
        Entry.centre == centre, Entry.record_id == record_id, Entry.verdict == "accepted"
    )
    row = session.exec(query.order_by(col(Entry.number).desc()).limit(1)).one_or_none()
    return Kept(*row) if row else None


def replace_entry(session: Session, centre: str, kept: Kept) -> None:
    """Put the bytes of an entry in the place of damaged ones."""
    session.connection().execute(
        update(Entry)
        .where(col(Entry.centre) == centre, col(Entry.number) == kept.number)
        .values(hash=kept.hash, envelope=kept.envelope)
    )


def touch_record(session: Session, centre: str, number: int) -> None:
    """Have every follower look again at the record whose current entry has this number."""
    following = sqlalchemy.select(func.coalesce(func.max(Record.change), 0) + 1).scalar_subquery()
    session.connection().execute(
        update(Record)
        .where(col(Record.centre) == centre, col(Record.entry_number) == number)
        .values(change=following)
    )
