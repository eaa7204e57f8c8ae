"""Vectors in one file, a row each, memory-mapped: what is not looked at takes no memory.

The file only grows. Rows that were never written are zero. Who holds an array from before it grew
keeps a valid, older view.
"""

import os
from pathlib import Path

import numpy as np

from bri_retrieval.meaning.embedder import Matrix, Vector

_FIRST_ROWS = 1_024


class MappedMatrix:
    """float32 rows of `dimensions` numbers in the file `path`. One thread writes, any reads."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self._path, self._dimensions = path, dimensions
        self._row_bytes = dimensions * np.dtype(np.float32).itemsize
        self._dirty = False
        if not path.exists():
            path.touch()
        self._map = self._mapped(max(path.stat().st_size // self._row_bytes, _FIRST_ROWS))

    @property
    def rows(self) -> Matrix:
        """All rows there is room for."""
        return self._map

    def __setitem__(self, slot: int, vector: Vector) -> None:
        if slot >= len(self._map):
            self.flush()
            self._map = self._mapped(max(2 * len(self._map), slot + 1))
        self._map[slot] = vector
        self._dirty = True

    def flush(self) -> None:
        """Have everything written on the disk."""
        if self._dirty:
            self._map.flush()
            self._dirty = False

    def _mapped(self, rows: int) -> "np.memmap[tuple[int, int], np.dtype[np.float32]]":
        if self._path.stat().st_size < rows * self._row_bytes:
            os.truncate(self._path, rows * self._row_bytes)
        shape = (rows, self._dimensions)
        return np.memmap(self._path, np.float32, "r+", shape=shape)
