"""Which rows are near a vector, by cosine or by affinity.

Embeddings prefer passages in the question's own language, and all their vectors lean the same way.
Affinity takes both out: the cosine between the question, less half of what all vectors share, and
the row, less what all rows of its language share (centring; Mu & Viswanath, 2018). Nothing has to
be known about the question's language, and what is unrelated has an affinity of about 0.

Few rows are all compared; of many, an approximate index for each language names candidates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bri_retrieval.meaning.embedder import Vector
from bri_retrieval.meaning.graphs import Graphs
from bri_retrieval.meaning.ledger import Placed
from bri_retrieval.meaning.matrix import MappedMatrix
from bri_retrieval.meaning.means import Floats, Means

SHARED = 0.5
"""How much of what all vectors share is taken out of a question. Measured: ADR 15."""

_SHORTLIST = 4
_NOWHERE = -1
_BATCH = 1_000


class Found(NamedTuple):
    """A row that is near: its cosine with the question, and its affinity."""

    slot: int
    cosine: float
    affinity: float


class Tongues:
    """All rows in use, by language. Changed by one thread at a time, asked by any."""

    def __init__(self, path: Path, matrix: MappedMatrix, scanned: int) -> None:
        self._matrix, self._scanned = matrix, scanned
        dimensions = matrix.rows.shape[1]
        self._graphs = Graphs(path, dimensions)
        self._lock = RLock()
        self._means = Means(dimensions)
        self._forget()

    def __len__(self) -> int:
        return sum(each.count for each in self._means.tongues)

    def learn_background(self, means: Mapping[str, Vector]) -> None:
        """Take these as the means of a stock of texts, by language."""
        with self._lock:
            self._means.background = dict(means)
            for name in means:
                self._means.code(name)
            for code in range(len(self._means.tongues)):
                self._settle(code)

    def load(self, placed: Sequence[Placed]) -> None:
        """Begin with these rows."""
        self._enter(placed)
        if len(self) > self._scanned:
            changes = {each.slot: each.change for each in placed}
            self._graphs.load(self._named(range(len(self._of))), changes, self._matrix.rows)

    def add(self, placed: Sequence[Placed]) -> None:
        """Take in rows."""
        self._enter(placed)
        if self._graphs:
            self._graphs.add(self._named(each.slot for each in placed), self._matrix.rows)
        elif len(self) > self._scanned:
            self._graphs.add(self._named(range(len(self._of))), self._matrix.rows)

    def remove(self, slots: Sequence[int]) -> None:
        """Forget rows."""
        self._graphs.remove(self._named(slots))
        for code, gone in self._by_code(slots).items():
            self._of[gone] = _NOWHERE
            tongue = self._means.tongues[code]
            tongue.total -= self._matrix.rows[gone].sum(axis=0, dtype=np.float64)
            tongue.count -= len(gone)

    def clear(self) -> None:
        """Forget all rows; the background stays."""
        self._graphs.clear()
        self._forget()
        self.learn_background(self._means.background)

    def save(self, change: int) -> None:
        """Keep the approximate indexes as of the commit `change`."""
        self._graphs.save(change)

    def nearest(self, vector: Vector, count: int) -> list[Found]:
        """The `count` rows nearest by cosine, the nearest first."""
        return self._find(vector, vector, count, by_affinity=False)

    def akin(self, vector: Vector, count: int) -> list[Found]:
        """The `count` rows of most affinity, the best first."""
        asked = vector - np.float32(SHARED) * self._means.shared
        asked /= max(float(np.linalg.norm(asked)), 1e-9)
        return self._find(vector, asked, count, by_affinity=True)

    def counterparts(self, vector: Vector, language: str, count: int) -> dict[str, list[Found]]:
        """Of each language the `count` rows that are most like a row of `language`, both less the
        mean of their languages, the most alike first; their affinity is the cosine of what is left.

        The means are of the rows as they are now, so that the same rows have the same counterparts
        whatever came before.
        """
        asked = self._means.without(vector, language)
        slots = self._candidates(asked, _SHORTLIST * count)
        if not len(slots):
            return {}
        codes = self._of[slots]
        rows = self._matrix.rows
        some = rows[: len(slots)] if len(slots) == len(self._of) else rows[slots]
        nearness = some @ asked
        found: dict[str, list[Found]] = {}
        for code, each in enumerate(self._means.tongues):
            of = np.flatnonzero(codes == code)
            short = slots[of[_largest(nearness[of], _SHORTLIST * count)]] if len(of) else of
            if len(short):
                left = rows[short] - self._means.now(each)
                alike = left @ asked / np.maximum(np.linalg.norm(left, axis=1), 1e-9)
                best = _largest(alike, count)
                cosines = rows[short[best]] @ vector
                found[each.name] = [
                    Found(int(short[i]), float(cosine), float(alike[i]))
                    for i, cosine in zip(best, cosines, strict=True)
                ]
        return found

    def likeness(self, one: Vector, language: str, other: Vector, others: str) -> float:
        """The cosine of two vectors, each less the mean of its language, as in `counterparts`."""
        return float(self._means.without(one, language) @ self._means.without(other, others))

    def _find(self, vector: Vector, asked: Vector, count: int, *, by_affinity: bool) -> list[Found]:
        slots = self._candidates(asked if by_affinity else vector, count)
        if not len(slots):
            return []
        rows, codes = self._matrix.rows, self._of[slots]
        some = rows[: len(slots)] if len(slots) == len(self._of) else rows[slots]
        levels = np.array([each.mean @ asked for each in self._means.tongues], np.float32)
        affinities: Floats = (some @ asked - levels[codes]) / self._spread[slots]
        worth: Floats = affinities if by_affinity else some @ vector
        worth[codes == _NOWHERE] = -np.inf
        best = _largest(worth, count)
        best = best[codes[best] != _NOWHERE]
        cosines = some[best] @ vector
        return [
            Found(int(slots[i]), float(cosine), float(affinities[i]))
            for i, cosine in zip(best, cosines, strict=True)
        ]

    def _candidates(self, asked: Vector, count: int) -> npt.NDArray[np.int64]:
        if self._graphs:
            return self._graphs.nearest(asked, count)
        return np.arange(len(self._of)) if self._means.tongues else np.empty(0, np.int64)

    def _forget(self) -> None:
        self._means.forget()
        self._of = np.full(0, _NOWHERE, np.int16)
        """The language of each slot, by its place among the means."""
        self._spread = np.ones(0, np.float32)
        """How far each slot's row is from its language's mean."""

    def _enter(self, placed: Iterable[Placed]) -> None:
        slots: dict[str, list[int]] = defaultdict(list)
        for each in placed:
            slots[each.edition].append(each.slot)
        for name, some in slots.items():
            self._make_room(max(some) + 1)
            code = self._means.code(name)
            tongue = self._means.tongues[code]
            for batch in _batches(some):
                rows = self._matrix.rows[batch]
                tongue.total += rows.sum(axis=0, dtype=np.float64)
                self._spread[batch] = _distances(rows, tongue.mean)
            tongue.count += len(some)
            self._of[some] = code
            if tongue.has_drifted:
                self._settle(code)

    def _settle(self, code: int) -> None:
        self._means.settle(code)
        mean = self._means.tongues[code].mean
        for batch in _batches(np.flatnonzero(self._of == code).tolist()):
            self._spread[batch] = _distances(self._matrix.rows[batch], mean)

    def _make_room(self, slots: int) -> None:
        if slots > len(self._of):
            room = max(slots, 2 * len(self._of))
            of, spread = np.full(room, _NOWHERE, np.int16), np.ones(room, np.float32)
            held = len(self._of)  # there may be more distances than that
            of[:held], spread[:held] = self._of, self._spread[:held]
            # Questions under way look at `_of` first: there must be a distance for each of it.
            self._spread, self._of = spread, of[: len(self._matrix.rows)]

    def _by_code(self, slots: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for slot in slots:
            if self._of[slot] != _NOWHERE:
                found[int(self._of[slot])].append(slot)
        return found

    def _named(self, slots: Iterable[int]) -> dict[str, list[int]]:
        return {self._means.tongues[code].name: some for code, some in self._by_code(slots).items()}


def _batches(slots: Sequence[int]) -> Iterable[Sequence[int]]:
    return (slots[start : start + _BATCH] for start in range(0, len(slots), _BATCH))


def _distances(rows: Floats, mean: Floats) -> Floats:
    found: Floats = np.maximum(np.linalg.norm(rows - mean, axis=1), np.float32(1e-6))
    return found


def _largest(values: Floats, count: int) -> npt.NDArray[np.int64]:
    """The places of the `count` largest values, the largest first."""
    count = min(count, len(values))
    some = np.argpartition(values, -count)[-count:]
    return some[np.argsort(-values[some], kind="stable")]
