"""The approximate indexes of all languages, in memory, kept in files between runs.

Rules:
- what a file lacks or has too much is put right when it is read; without it, an index is built
  anew;
- a file's name has the checksum of its bytes, and no other bytes are read: native code that follows
  the links of a rotten graph ends the process.
"""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import structlog

from bri_retrieval.meaning.embedder import Matrix, Vector
from bri_retrieval.meaning.graph import Graph, Slots

_BATCH = 1_000
_PIECE = 1024 * 1024
_log = structlog.get_logger()

ByLanguage = Mapping[str, Sequence[int]]
"""Slots by the language of their rows."""


class Graphs:
    """None while there are few rows; then one for each language."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self._path, self._dimensions = path, dimensions
        self._graphs: dict[str, Graph] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._graphs)

    def load(self, slots: ByLanguage, changes: Mapping[int, int], rows: Matrix) -> None:
        """Hold exactly these slots; `changes` tells the commit that each was written by."""
        for name, some in slots.items():
            graph, as_of = self._kept(name)
            graph.remove(np.setdiff1d(graph.slots(), some))
            known = set(graph.slots().tolist())
            new = [slot for slot in some if slot not in known or changes[slot] > as_of]
            self._fill(graph, new, rows)
            self._graphs[name] = graph

    def add(self, slots: ByLanguage, rows: Matrix) -> None:
        """Take in rows."""
        for name, some in slots.items():
            graph = self._graphs.get(name) or Graph(self._dimensions)
            self._fill(graph, some, rows)
            with self._lock:
                self._graphs[name] = graph

    def remove(self, slots: ByLanguage) -> None:
        """Forget rows."""
        for name, some in slots.items():
            if name in self._graphs:
                self._graphs[name].remove(some)

    def nearest(self, vector: Vector, count: int) -> Slots:
        """Of each language, about the `count` slots whose rows are nearest."""
        with self._lock:
            graphs = list(self._graphs.values())
        return np.concatenate([graph.nearest(vector, count) for graph in graphs])

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._graphs = {}
        self._drop_files()

    def save(self, change: int) -> None:
        """Keep them as of the commit `change`."""
        self._drop_files()
        for name, graph in self._graphs.items():
            self._keep(graph, name, change)

    def _fill(self, graph: Graph, slots: Sequence[int], rows: Matrix) -> None:
        for start in range(0, len(slots), _BATCH):
            batch = slots[start : start + _BATCH]
            graph.add(batch, rows[batch])

    def _kept(self, name: str) -> tuple[Graph, int]:
        for path in self._path.glob(f"graph-{name}-*.usearch"):
            graph = Graph(self._dimensions)
            whose, change, checksum = (*path.stem.rsplit("-", 2), "", "")[:3]
            is_sound = whose == f"graph-{name}" and change.isdigit() and checksum == _sum(path)
            if is_sound and graph.load(path):
                return graph, int(change)
        return Graph(self._dimensions), 0

    def _keep(self, graph: Graph, name: str, change: int) -> None:
        new = self._path / f"graph-{name}.usearch"
        try:
            graph.save(new)
            new.replace(new.with_stem(f"graph-{name}-{change}-{_sum(new)}"))
        except (OSError, RuntimeError) as reason:
            # Without a file it is built anew the next time.
            _log.warning("vectors.graph_not_kept", language=name, reason=str(reason))

    def _drop_files(self) -> None:
        for kept in self._path.glob("graph-*"):
            kept.unlink()


def _sum(path: Path) -> str:
    """The checksum of a file's bytes; empty where it cannot be read."""
    checksum = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                checksum = zlib.crc32(piece, checksum)
    except OSError:
        return ""
    return f"{checksum:08x}"
