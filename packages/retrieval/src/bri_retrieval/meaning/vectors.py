"""The vectors of records, in a directory.

Rules:
- what a vector belongs to lies in SQLite, the vectors in one memory-mapped file, a row (a slot)
  each; the file is on the disk before the table says so, and a row's checksum is compared before it
  is believed: a torn write is a record without vectors, which waits to be embedded again;
- with a record's vectors goes the key of the text that they were made of, so that a revised record
  is embedded anew and an unchanged one is not; vectors of another model are forgotten, and wait;
- a slot that was given up is used again only after the next commit;
- a ledger that is damaged is begun again, without vectors: whoever feeds them finds the cursor at
  0, and tells everything again. A full disk is no damage: what could not be committed is given up;
- below SCANNED rows every row is compared; above, an approximate index for each language names more
  than are wanted, and their rows decide.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog

from bri_retrieval.meaning.embedder import EmbedderUnavailable, Vector
from bri_retrieval.meaning.ledger import FAILURES, Ledger, Placed
from bri_retrieval.meaning.matrix import MappedMatrix
from bri_retrieval.meaning.tongues import Found, Tongues

SCANNED = 20_000
"""Rows; comparing more of them takes longer than asking approximate indexes."""

FORMAT = "1"
_LOOKED_UP = 120
_log = structlog.get_logger()


class VectorsUnavailable(EmbedderUnavailable):
    """The files of the vectors cannot be read or written; they may be again later."""


@dataclass(frozen=True, slots=True)
class Row:
    """The vector of one passage (by its place, from 0) of the edition in a language."""

    edition: str
    passage: int
    vector: Vector


class Near(NamedTuple):
    """A passage that is near: its cosine with what was asked, and its affinity (see tongues)."""

    record_id: str
    edition: str
    passage: int
    cosine: float
    affinity: float


class Vectors:
    """Vectors of one model. One thread at a time puts and removes, any thread asks."""

    def __init__(self, path: Path, model: str, dimensions: int, *, scanned: int = SCANNED) -> None:
        """Open what is kept in the directory `path`, for vectors of `model`.

        Raises:
            VectorsUnavailable: that cannot be done now, for want of room or else.
        """
        self._path, self._dimensions = path, dimensions
        self._shape = f"{FORMAT} {model} {dimensions}"
        try:
            try:
                self._open(scanned)
            except (ValueError, TypeError, OverflowError, IndexError) as reason:
                # The ledger is a database, and what it says is none of ours.
                _log.warning("vectors.rebuilt", path=str(path), reason=str(reason))
                for kept in path.glob("vectors.*"):
                    kept.unlink()
                self._open(scanned)
        except (OSError, *FAILURES) as reason:
            raise VectorsUnavailable(f"the vectors cannot be opened: {reason}") from reason

    def _open(self, scanned: int) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(self._path / "vectors.sqlite")
        try:
            self._begin(self._path / "vectors.f32", self._shape)
            self._matrix = MappedMatrix(self._path / "vectors.f32", self._dimensions)
            self._tongues = Tongues(self._path, self._matrix, scanned)
            self._change = int(self.ledger.told("change") or 0) + 1
            self._free: list[int] = []
            self._given_up: list[int] = []
            self._placed: list[Placed] = []
            self._left: dict[int, Placed] = {}
            """Rows put since the last commit, and committed rows given up since then."""
            self._next = 0
            self._load()
        except BaseException:
            self.ledger.close()
            raise

    def mend(self) -> None:
        """Begin again, with nothing, where the ledger turned out to be damaged.

        Raises:
            VectorsUnavailable: that cannot be done now.
        """
        if not self.ledger.is_damaged:
            return
        with self.ledger.lock:
            _log.warning("vectors.rebuilt", path=str(self._path), reason="the ledger is damaged")
            try:
                self.ledger.begin_again()
                self.ledger.tell("shape", self._shape)
                self.ledger.commit()
            except (OSError, *FAILURES) as reason:
                raise VectorsUnavailable(f"the vectors cannot be begun again: {reason}") from reason
            self._tongues.clear()
            self._free, self._next = [], 0
            self._settle()

    def __len__(self) -> int:
        return len(self._tongues)

    def key(self, record_id: str) -> str | None:
        """The key that a record's vectors were put with; None where it has none."""
        with self.ledger.lock, _answering():
            return self.ledger.key(record_id)

    def put(self, record_id: str, rows: Sequence[Row], *, key: str = "", number: int = 0) -> None:
        """Keep these as a record's only vectors; found and safe after `commit`. `key` tells the
        text they were made of, `number` the change it came with."""
        with self.ledger.lock, self._all_or_nothing():
            self._give_up(record_id)
            placed = [self._place(record_id, row) for row in rows]
            self._placed += placed
            self._tongues.add(placed)
            self.ledger.place(placed)
            self.ledger.hold(record_id, key, number)

    def remove(self, record_id: str) -> None:
        """Forget a record's vectors."""
        with self.ledger.lock, self._all_or_nothing():
            self._give_up(record_id)

    def rows(self, record_id: str) -> list[Row]:
        """What is committed of a record, by edition and passage."""
        matrix = self._matrix.rows
        with _answering():
            placed = self.ledger.of(record_id)
        return [Row(each.edition, each.passage, np.array(matrix[each.slot])) for each in placed]

    def nearest(self, vector: Vector, k: int) -> list[Near]:
        """The `k` passages nearest by cosine, the nearest first."""
        return list(self._told(self._tongues.nearest(vector, k)))

    def akin(self, vector: Vector, k: int) -> Iterator[Near]:
        """The `k` passages of most affinity to a question, in whatever language, the best first."""
        return self._told(self._tongues.akin(vector, k))

    def counterparts(self, row: Row, k: int) -> dict[str, list[Near]]:
        """Of each language the `k` passages that are most like `row`, the most alike first."""
        found = self._tongues.counterparts(row.vector, row.edition, k)
        return {language: list(self._told(some)) for language, some in found.items()}

    def likeness(self, one: Row, other: Row) -> float:
        """How alike two rows are, each less the mean of its language; see Tongues.counterparts."""
        return self._tongues.likeness(one.vector, one.edition, other.vector, other.edition)

    def learn_background(self, means: Mapping[str, Vector]) -> None:
        """Take these as what the vectors of any text in each language have in common."""
        with self.ledger.lock:
            self._tongues.learn_background(means)

    def commit(self) -> None:
        """Make everything put or removed findable, and safe, all or nothing.

        Raises:
            VectorsUnavailable: it could not be written, and is given up.
        """
        with self.ledger.lock, self._all_or_nothing():
            self._matrix.flush()
            self.ledger.tell("change", str(self._change))
            self.ledger.commit()
            self._change += 1
            self._free += self._given_up
            self._settle()

    def clear(self) -> None:
        """Forget everything, at once and for good."""
        with self.ledger.lock, self._all_or_nothing():
            self._tongues.clear()
            self.ledger.forget_all()
            self._free, self._next = [], 0
            self._settle()
            self.commit()

    def close(self) -> None:
        """Let go of the files; what was not committed is given up."""
        with self.ledger.lock:
            with suppress(*FAILURES):
                self.ledger.rollback()
            self._tongues.save(self._change - 1)
            self.ledger.close()
            self._matrix.close()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """What fails inside the block is given up, with all that is not committed."""
        try:
            yield
        except (OSError, *FAILURES) as reason:
            with suppress(*FAILURES):
                self.ledger.rollback()
            self._tongues.remove([each.slot for each in self._placed])
            self._free += [each.slot for each in self._placed]
            self._tongues.add([*self._left.values()])
            self._settle()
            raise VectorsUnavailable(f"the vectors cannot be written: {reason}") from reason

    def _told(self, found: Sequence[Found]) -> Iterator[Near]:
        """Looked up a part at a time: who has enough asks for no more."""
        for start in range(0, len(found), _LOOKED_UP):
            some = found[start : start + _LOOKED_UP]
            with _answering():
                placed = self.ledger.at([each.slot for each in some])
            for slot, cosine, affinity in some:
                if of := placed.get(slot):
                    yield Near(*of, cosine, affinity)

    def _begin(self, rows: Path, shape: str) -> None:
        kept = self.ledger.told("shape")
        if kept == shape and rows.exists():
            return
        if kept:
            _log.warning("vectors.embedded_anew", kept=kept, wanted=shape)
        rows.unlink(missing_ok=True)
        self.ledger.wait_again()
        self.ledger.tell("background", "")
        self.ledger.tell("shape", shape)
        self.ledger.commit()

    def _load(self) -> None:
        """Believe what is intact, and let the records of everything else wait."""
        sound: list[Placed] = []
        torn: set[str] = set()
        for each in self.ledger.all_placed():
            if self._checksum(each.slot) == each.checksum:
                sound.append(each)
            else:
                torn.add(each.record)
        if torn:
            _log.warning("vectors.torn", records=len(torn))
            sound = [each for each in sound if each.record not in torn]
            self.ledger.wait((record, 0) for record in torn)
            for record in torn:
                self.ledger.forget(record)
            self.ledger.commit()
        self._tongues.load(sound)
        used = {each.slot for each in sound}
        self._next = max(used, default=-1) + 1
        self._free = [slot for slot in range(self._next) if slot not in used]

    def _checksum(self, slot: int) -> int:
        rows = self._matrix.rows
        return zlib.crc32(rows[slot].tobytes()) if slot < len(rows) else -1

    def _place(self, record_id: str, row: Row) -> Placed:
        if self._free:
            slot = self._free.pop()
        else:
            slot, self._next = self._next, self._next + 1
        self._matrix[slot] = row.vector
        return Placed(slot, record_id, row.edition, row.passage, self._checksum(slot), self._change)

    def _settle(self) -> None:
        """Nothing is written that is not committed."""
        self._given_up, self._placed, self._left = [], [], {}

    def _give_up(self, record_id: str) -> None:
        slots = self.ledger.slots(record_id)
        self._left |= {each.slot: each for each in self.ledger.of(record_id)}
        self._tongues.remove(slots)
        self._given_up += slots
        self.ledger.forget(record_id)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FAILURES as reason:
        raise VectorsUnavailable(f"the vectors cannot be read: {reason}") from reason
