"""The vectors of passages by their text, in one SQLite file beside the vectors of records, so that
an index that begins again, or vectors that were damaged, embed nothing twice.

Rules:
- a row is found by a hash of the model's name and the text, and has no record: a passage that two
  records share, or that a revision kept, is embedded once;
- numbers are kept in half precision, 768 bytes a passage; their cosine to what was embedded is
  above .99999;
- nothing is kept that nobody asked for in LONGEST_DAYS, nor more than MOST rows: what is of no
  record any more is gone after that;
- a file that cannot be read or written costs time only: the passages are embedded.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import numpy as np
import structlog

from bri_retrieval.meaning.embedder import Embedder, Matrix, Vector, unit
from bri_retrieval.meaning.ledger import FAILURES, is_damage

LONGEST_DAYS = 30
MOST = 500_000
"""Rows; some 450 MB of disk, for 100 000 records."""

_DAY = 86_400
_TABLE = """
CREATE TABLE IF NOT EXISTS passage (
    key BLOB PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passage_by_use ON passage (used);
"""
_log = structlog.get_logger()


class CachedEmbedder:
    """An embedder that looks passages up in the file `path` first. May be used from any thread."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder, self._path = embedder, path
        self._lock = Lock()
        self._kept: sqlite3.Connection | None = None
        self._pruned_on = 0

    @property
    def name(self) -> str:
        """The model's name."""
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return self._embedder.dimensions

    @property
    def questions_at_once(self) -> int:
        """How many questions it embeds at the same time."""
        return self._embedder.questions_at_once

    def embed_query(self, text: str) -> Vector:
        """The vector of a reader's question, which is not kept here. Raises as the embedder."""
        return self._embedder.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row for each text. Raises as the embedder."""
        keys = [_key(self.name, text) for text in texts]
        known = self._found(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            rows = self._embedder.embed_passages(list(new.values()))
            made = dict(zip(new, rows, strict=True))
            self._keep(made)
            known |= made
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return np.stack([known[key] for key in keys])

    def rest(self) -> None:
        """Let go of what only passages need."""
        self._embedder.rest()

    def close(self) -> None:
        """Let go of the file and of the embedder."""
        self._embedder.close()
        with self._lock, suppress(*FAILURES):
            if self._kept:
                self._kept.close()
            self._kept = None

    def _found(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        marks = ",".join("?" * len(keys))
        statement = f"UPDATE passage SET used = ? WHERE key IN ({marks}) RETURNING key, vector"  # noqa: S608 - only marks
        rows = self._written(statement, [(_today(), *keys)])
        vectors = {key: _row(vector) for key, vector in rows}
        whole = {key: each for key, each in vectors.items() if each.shape == (self.dimensions,)}
        return {key: unit(each[None, :])[0] for key, each in whole.items() if each.any()}

    def _keep(self, made: Mapping[bytes, Vector]) -> None:
        today = _today()
        rows = [(key, row.astype(np.float16).tobytes(), today) for key, row in made.items()]
        self._written("INSERT OR REPLACE INTO passage VALUES (?, ?, ?)", rows)
        if self._pruned_on != today:
            self._pruned_on = today
            self._written("DELETE FROM passage WHERE used < ?", [(today - LONGEST_DAYS,)])
            self._written(
                "DELETE FROM passage WHERE key IN"
                " (SELECT key FROM passage ORDER BY used DESC LIMIT -1 OFFSET ?)",
                [(MOST,)],
            )

    def _written(
        self, statement: str, parameters: Iterable[tuple[object, ...]]
    ) -> list[tuple[bytes, bytes]]:
        """What a statement answers, kept; nothing where the file is of no use."""
        with self._lock:
            try:
                self._kept = self._kept or _opened(self._path)
                with self._kept as kept:
                    return [row for each in parameters for row in kept.execute(statement, each)]
            except (OSError, *FAILURES) as reason:
                _log.warning("passages.not_kept", path=str(self._path), reason=str(reason))
                if is_damage(reason):
                    self._begin_again()
        return []

    def _begin_again(self) -> None:
        with suppress(OSError, *FAILURES):
            if self._kept:
                self._kept.close()
            self._kept = None
            for each in self._path.parent.glob(f"{self._path.name}*"):
                each.unlink()


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=1)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # what is lost is embedded again
        connection.executescript(_TABLE)
    except FAILURES:
        connection.close()
        raise
    return connection


def _row(kept: bytes) -> Vector:
    """What was kept; of another length where that is no row."""
    whole = len(kept) % 2 == 0
    return np.frombuffer(kept if whole else b"", np.float16).astype(np.float32)


def _key(model: str, text: str) -> bytes:
    return hashlib.blake2b(
        f"{model}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()


def _today() -> int:
    return int(time.time() // _DAY)
