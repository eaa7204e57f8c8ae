"""Vectors in one file, a row each, memory-mapped: what is not looked at takes no memory.

Rules:
- the file only grows; rows that were never written are zero. Who holds an array from before it grew
  keeps a valid, older view;
- it is read through mapped memory and written by ordinary writes: a page of a sparse file that
  finds no room on its disk when it is touched ends the process (SIGBUS), a write that finds none is
  an error. For the same reason all of the file has its room before any of it is mapped.
"""

import errno
import os
from pathlib import Path

import numpy as np

from bri_retrieval.meaning.embedder import Matrix, Vector

_FIRST_ROWS = 1_024
_MOST_NEW_ROWS = 65_536
"""The file doubles up to here, and grows by so many rows then: they take their room at once."""


class MappedMatrix:
    """float32 rows of `dimensions` numbers in the file `path`. One thread writes, any reads."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self._path, self._dimensions = path, dimensions
        self._row_bytes = dimensions * np.dtype(np.float32).itemsize
        self._dirty = False
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            size = os.fstat(self._file).st_size
            self._map = self._mapped(max(size // self._row_bytes, _FIRST_ROWS))
        except BaseException:
            os.close(self._file)
            raise

    @property
    def rows(self) -> Matrix:
        """All rows there is room for."""
        return self._map

    def __setitem__(self, slot: int, vector: Vector) -> None:
        """Raises OSError: there is no room."""
        if slot >= len(self._map):
            self.flush()
            self._map = self._mapped(
                max(len(self._map) + min(len(self._map), _MOST_NEW_ROWS), slot + 1)
            )
        row = np.ascontiguousarray(vector, np.float32).reshape(self._dimensions)
        os.pwrite(self._file, row.tobytes(), slot * self._row_bytes)
        self._dirty = True

    def flush(self) -> None:
        """Have everything written on the disk."""
        if self._dirty:
            os.fsync(self._file)
            self._dirty = False

    def close(self) -> None:
        """Let go of the file; arrays that somebody holds stay valid."""
        os.close(self._file)

    def _mapped(self, rows: int) -> "np.memmap[tuple[int, int], np.dtype[np.float32]]":
        _make_room(self._file, rows * self._row_bytes)
        return np.memmap(self._path, np.float32, "r", shape=(rows, self._dimensions))


def _make_room(file: int, size: int) -> None:
    """Have `size` bytes on the disk, and not only promised. Raises OSError where there is no
    room."""
    try:
        os.posix_fallocate(file, 0, size)
    except (AttributeError, OSError) as reason:
        if isinstance(reason, OSError) and reason.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
            raise
        if os.fstat(file).st_size < size:  # a system, or a disk, that cannot promise room
            os.truncate(file, size)
