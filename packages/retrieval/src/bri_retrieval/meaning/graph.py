"""An approximate index over rows of the matrix (HNSW by usearch), in memory, kept in a file.

The file is only a way to start sooner: what it lacks or has too much is put right when it is read,
and without it the index is built anew.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bri_retrieval.meaning.embedder import Matrix, Vector

_CONNECTIVITY = 16
_EXPANSION = 128
"""How many candidates are kept in mind, while adding and while searching."""

Slots = npt.NDArray[np.int64]


class Graph:
    """Finds rows of one language that are near, by their slots."""

    def __init__(self, dimensions: int) -> None:
        from usearch.index import Index  # 10 MB, and most indexes need none

        # One byte a number loses less than the embedder's own four bits do; rows decide in the end.
        self._index = Index(
            ndim=dimensions,
            metric="cos",
            dtype="i8",
            connectivity=_CONNECTIVITY,
            expansion_add=_EXPANSION,
            expansion_search=_EXPANSION,
        )

    def __len__(self) -> int:
        return len(self._index)

    def load(self, path: Path) -> bool:
        """Take what is kept at `path`; whether that could be used."""
        try:
            self._index.load(path)
        except (OSError, RuntimeError, ValueError):
            return False
        return True

    def save(self, path: Path) -> None:
        """Keep it at `path`, all or nothing."""
        new = path.with_suffix(".new")
        self._index.save(new)
        new.replace(path)

    def slots(self) -> Slots:
        """All slots in it."""
        return np.asarray(self._index.keys[:]).astype(np.int64)

    def add(self, slots: Sequence[int] | Slots, rows: Matrix) -> None:
        """Take in rows; a slot that is there already is replaced."""
        keys = np.asarray(slots, np.uint64)
        known = keys[self._index.contains(keys)] if len(self._index) else keys[:0]
        if len(known):
            self._index.remove(known)
        self._index.add(keys, rows)

    def remove(self, slots: Sequence[int] | Slots) -> None:
        """Forget these slots."""
        if len(slots):
            self._index.remove(np.asarray(slots, np.uint64))

    def nearest(self, vector: Vector, count: int) -> Slots:
        """The slots of about the `count` nearest rows."""
        if not len(self._index):
            return np.empty(0, np.int64)
        return np.asarray(self._index.search(vector, count).keys, np.int64)
