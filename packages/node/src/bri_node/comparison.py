"""Our side of a comparison with the hub: the log's hashes, and the records as the hub should show
them.

Rules:
- hashes are read, no entries; the digests of full chunks are kept once they are made;
- the hub should show each record as its newest accepted entry has it: one whose newest entry was
  rejected stands at an earlier one, or nowhere; one whose newest entry waits is not compared.
"""

from collections.abc import Sequence

from bri.log.v1 import log_pb2
from sqlalchemy import func
from sqlmodel import Session, col, select

from bri_kit import digests
from bri_kit.digests import CHUNK, NOTHING, Side
from bri_node import journal
from bri_node.domain import State
from bri_node.tables import EntryRow, RangeDigestRow, ReceiptRow, RecordRow

Shown = tuple[int, str, int, str]
"""A record as it is compared: the number of its current entry, its id, revision and state."""


class Log:
    """Our entries. `made` has the digests that were not kept yet, for whoever may write."""

    def __init__(self, session: Session) -> None:
        self.made: dict[int, bytes] = {}
        self._session = session

    @property
    def side(self) -> Side:
        return Side(self._leaves, self._chunks)

    def _leaves(self, first: int, last: int) -> list[bytes]:
        query = select(EntryRow.number, EntryRow.hash).where(
            col(EntryRow.number).between(first, last)
        )
        found = dict(self._session.exec(query).all())
        return [digests.whole(found.get(each, NOTHING)) for each in range(first, last + 1)]

    def _chunks(self, first: int, last: int) -> list[bytes]:
        query = select(RangeDigestRow.chunk, RangeDigestRow.digest).where(
            col(RangeDigestRow.chunk).between(first, last)
        )
        kept = dict(self._session.exec(query).all())
        return [kept.get(chunk) or self._make(chunk) for chunk in range(first, last + 1)]

    def _make(self, chunk: int) -> bytes:
        digest = digests.fold(self._leaves(chunk * CHUNK + 1, (chunk + 1) * CHUNK))
        self.made[chunk] = digest
        return digest


def keep_digests(session: Session, made: dict[int, bytes]) -> None:
    """Keep digests of full chunks."""
    for chunk, digest in made.items():
        session.merge(RangeDigestRow(chunk=chunk, digest=digest))


class Records:
    """Our records as the hub should show them, as they were when this was made."""

    def __init__(self, session: Session) -> None:
        self._rows = sorted(shown(session), key=lambda row: row[1])

    @property
    def side(self) -> Side:
        return Side(self._leaves, self._chunks)

    def at(self, numbers: set[int]) -> dict[str, Shown]:
        """Those whose current entries have these numbers, by id."""
        return {row[1]: row for row in self._rows if row[0] in numbers}

    def _leaves(self, first: int, last: int) -> list[bytes]:
        mine = (row for row in self._rows if first <= row[0] <= last)
        return digests.record_leaves(mine, first, last)

    def _chunks(self, first: int, last: int) -> list[bytes]:
        leaves = self._leaves(first * CHUNK + 1, (last + 1) * CHUNK)
        return [digests.fold(leaves[at : at + CHUNK]) for at in range(0, len(leaves), CHUNK)]


def shown(session: Session) -> list[Shown]:
    """Every record that the hub should show, or should have withdrawn."""
    rejected = select(ReceiptRow.number).where(ReceiptRow.verdict == "rejected")
    query = select(RecordRow.entry_number, RecordRow.id, RecordRow.revision, RecordRow.state)
    query = query.where(col(RecordRow.entry_number).is_not(None))
    rows: list[Shown] = [
        (number, record_id, revision, _public(state))
        for number, record_id, revision, state in session.exec(
            query.where(col(RecordRow.entry_number).not_in(rejected))
        )
        if number is not None
    ]
    stuck = session.exec(
        select(RecordRow.id).where(col(RecordRow.entry_number).in_(rejected))
    ).all()
    return rows + _earlier(session, stuck)


def _public(state: str) -> str:
    """What the public sees of a state: an unpublished edit does not withdraw a record."""
    return "retracted" if state == State.RETRACTED else "published"


def _earlier(session: Session, ids: Sequence[str]) -> list[Shown]:
    """Records as their newest accepted entries have them."""
    query = (
        select(func.max(EntryRow.number))
        .where(
            col(EntryRow.record_id).in_(ids),
            col(ReceiptRow.number) == EntryRow.number,
            ReceiptRow.verdict == "accepted",
        )
        .group_by(col(EntryRow.record_id))
    )
    return [_read(session, number) for number in session.exec(query).all() if number]


def _read(session: Session, number: int) -> Shown:
    line = journal.find(session, number)
    assert line is not None, "a number that was just found"
    entry = log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(line.envelope).entry)
    if entry.HasField("published"):
        return number, line.record_id, entry.published.revision, "published"
    return number, line.record_id, entry.retracted.revision, "retracted"


def is_wrong(
    session: Session, record_id: str, theirs: log_pb2.RecordState | None, upto: int
) -> bool:
    """Whether the hub should show a record otherwise than `theirs`, None for not at all. What we
    wrote beyond `upto` is on its way, and no difference."""
    row = session.get(RecordRow, record_id)
    if row is None or row.entry_number is None or row.entry_number > upto:
        return False
    verdict = session.get(ReceiptRow, row.entry_number)
    if verdict is not None and verdict.verdict == "rejected":
        earlier = _earlier(session, [record_id])
        return bool(earlier) and _differs(earlier[0], theirs)
    return _differs(_read(session, row.entry_number), theirs)


def _differs(ours: Shown, theirs: log_pb2.RecordState | None) -> bool:
    number, _, revision, state = ours
    if theirs is None or (theirs.number, theirs.state) != (number, state):
        return True
    return state == "published" and theirs.revision != revision
