"""Records in a tantivy index.

Rules:
- documents and cursor are committed together; a directory that is gone is an empty index;
- one thread writes; any thread searches, and sees a commit as soon as it is done.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from tantivy import Index, IndexWriter, Searcher

from bri_retrieval.embedded import schema, searching, suggesting
from bri_retrieval.embedded.documents import document
from bri_retrieval.engine import Change, EngineUnavailable, Query, Results, Suggestion

HEAP_BYTES = 48 * 1024 * 1024


class EmbeddedEngine:
    """A tantivy index in a directory of its own, which is made, and remade, as needed."""

    name = "embedded"

    def __init__(self, path: Path, *, heap_bytes: int = HEAP_BYTES, threads: int = 1) -> None:
        """Open the index in `path`; `heap_bytes` of memory, at least 15 MB a thread, hold what is
        not written yet.

        Raises:
            EngineUnavailable: another process writes to this index.
        """
        self._index, self._cursor = schema.open_index(path)
        self._writer = _writer(self._index, heap_bytes, threads)
        self._lock = Lock()
        self._taken_in = self._cursor
        self._waiting: set[str] = set()

    def cursor(self) -> int:
        """The number of the last change that can be searched."""
        return self._cursor

    def count(self) -> int:
        """How many records can be found."""
        return max(self._index.searcher().num_docs - 1, 0)

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers. They are found after `commit`."""
        newest: dict[str, Change] = {change.record_id: change for change in changes}
        with self._lock:
            committed = self._index.searcher()
            for change in newest.values():
                self._replace(committed, change)
            self._taken_in = max([self._taken_in, *(change.number for change in changes)])

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing."""
        with self._lock:
            self._writer.delete_documents_by_query(schema.cursor_query())
            self._writer.add_document(schema.cursor_document(self._taken_in))
            self._writer.commit()
            self._index.reload()
            self._waiting.clear()
            self._cursor = self._taken_in

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0."""
        with self._lock:
            self._writer.rollback()
            self._waiting.clear()
            self._writer.delete_all_documents()
            self._taken_in = 0
        self.commit()

    def search(self, query: Query) -> Results:
        """Answer a question."""
        return searching.search(self._index.searcher(), query)

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""
        return suggesting.suggest(self._index.searcher(), text, language, limit)

    def close(self) -> None:
        """Let go of the files; what was not committed is given up."""
        with self._lock:
            # Dropping it lets go of the directory without waiting for merges to finish.
            del self._writer

    def _replace(self, committed: Searcher, change: Change) -> None:
        # A deletion is looked for in every segment at the commit; most records are new.
        name = change.record_id
        if name in self._waiting or committed.doc_freq("id", name):
            self._writer.delete_documents_by_term("id", name)
        # Without an edition there is nothing to show; no hub takes such a record.
        if change.record is not None and change.record.editions:
            self._writer.add_document(document(change.record, change.number))
            self._waiting.add(name)


def _writer(index: Index, heap_bytes: int, threads: int) -> IndexWriter:
    try:
        return index.writer(heap_bytes, threads)
    except ValueError as failure:
        raise EngineUnavailable(f"the index cannot be written: {failure}") from failure
