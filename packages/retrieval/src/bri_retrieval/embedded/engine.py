"""Cards in a tantivy index.

Rules:
- documents and cursor are committed together; a directory that is gone is an empty index;
- one thread writes; any thread searches, and sees a commit as soon as it is done.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tantivy import Index, IndexWriter

from bri_retrieval.embedded import relating, schema, searching, suggesting
from bri_retrieval.embedded.binding import CardWriter, find_cards
from bri_retrieval.embedded.percolating import percolate
from bri_retrieval.engine import Change, EngineUnavailable, Query, Results, Suggestion
from bri_retrieval.meaning.changes import Touched, touched
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus, default_thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

HEAP_BYTES = 48 * 1024 * 1024


class EmbeddedEngine:
    """A tantivy index in a directory of its own, which is made, and remade, as needed."""

    name = "embedded"

    def __init__(
        self,
        path: Path,
        *,
        heap_bytes: int = HEAP_BYTES,
        threads: int = 1,
        thesaurus: Thesaurus | None = None,
        meaning: "Meaning | None" = None,
    ) -> None:
        """Open the index in `path`; `heap_bytes` of memory, at least 15 MB a thread, hold what is
        not written yet. With `meaning`, searches ask that too, and it is told what changes.

        Raises:
            EngineUnavailable: another process writes to this index.
        """
        self._path, self._heap_bytes, self._threads = path, heap_bytes, threads
        self._index, self._position = schema.open_index(path)
        self._writer = _writer(self._index, heap_bytes, threads)
        self._thesaurus = thesaurus or default_thesaurus()
        self._lock = Lock()
        self._taken_in = self._position
        self._cards = CardWriter(self._index, self._writer)
        self._meaning: Meaning | None = None
        self._touched: list[Touched] = []
        if meaning:
            self.attach(meaning)

    def cursor(self) -> int:
        """The number of the last change that can be searched."""
        return self._position.number

    def epoch(self) -> str:
        """The epoch of the log in which the cursor was reached; empty where none was named."""
        return self._position.epoch

    def enter_epoch(self, epoch: str) -> None:
        """What is applied from now on is of this epoch; it is kept with the next commit."""
        with self._lock:
            self._taken_in = self._taken_in._replace(epoch=epoch)

    def count(self) -> int:
        """How many records can be found."""
        return schema.count_records(self._index.searcher())

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]:
        """The card of each of these records that can be found."""
        found = find_cards(self._index.searcher(), record_ids)
        return {name: found[name] for name in record_ids if name in found}

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers. They are found after `commit`."""
        newest: dict[str, Change] = {change.record_id: change for change in changes}
        with self._lock:
            if self._meaning:
                self._touched += map(touched, newest.values())
            committed = self._index.searcher()
            for change in newest.values():
                if self._cards.must_commit([change.record_id]):
                    self._commit()
                    committed = self._index.searcher()
                self._cards.put(committed, change)
            newest_number = max([self._taken_in.number, *(each.number for each in changes)])
            self._taken_in = self._taken_in._replace(number=newest_number)

    def bind(self, stories: Collection[Collection[str]]) -> None:
        """Put the records of each of `stories` on one card; see Engine.bind."""
        with self._lock:
            if self._cards.has_written():
                self._commit()
            self._cards.bind(self._index.searcher(), stories)

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing."""
        with self._lock:
            self._commit()

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0."""
        with self._lock:
            self._writer.rollback()
            self._cards.forget()
            self._touched.clear()
            if self._meaning:
                self._meaning.clear()
            self._writer.delete_all_documents()
            self._taken_in = schema.Position()
        self.commit()

    def search(self, query: Query) -> Results:
        """Answer a question."""
        return searching.search(self._index.searcher(), query, self._thesaurus, self._meaning)

    def attach(self, meaning: "Meaning") -> None:
        """Ask `meaning` too from now on, and tell it what changes; see Engine.attach."""
        with self._lock:
            if self._cards.has_written():
                self._commit()  # nobody told `meaning` of that
            number = self._position.number
            if meaning.cursor() != number:
                names = schema.all_records(self._index.searcher())
                meaning.expect([Touched(name, number, gone=False) for name in names], number)
            meaning.wake(number)
            self._meaning = meaning

    def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records most like one; see Engine.related."""
        query = Query(language=language, limit=limit)
        searcher = self._index.searcher()
        return relating.related(searcher, record_id, query, self._thesaurus, self._meaning)

    def percolate(self, record_ids: Collection[str], texts: Sequence[str]) -> Sequence[Set[str]]:
        """Which of the records have what each text asks; see Engine.percolate."""
        return percolate(self.cards(record_ids), texts, self._thesaurus)

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""
        return suggesting.suggest(self._index.searcher(), text, language, limit)

    def reopen(self) -> None:
        """Begin again from what is on disk, after a failure or where the files are gone; what was
        not committed is given up.

        Raises:
            EngineUnavailable: the index cannot be written; it may be tried again.
        """
        with self._lock:
            self._let_go()
            self._index, self._position = schema.open_index(self._path)
            self._taken_in = self._position
            self._touched.clear()
            self._writer = _writer(self._index, self._heap_bytes, self._threads)
            self._cards = CardWriter(self._index, self._writer)

    def close(self) -> None:
        """Let go of the files; what was not committed is given up."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        # Dropping it lets go of the directory without waiting for merges to finish. After a
        # reopening that failed there is nothing to drop.
        for name in ("_writer", "_cards"):
            self.__dict__.pop(name, None)

    def _commit(self) -> None:
        if self._meaning:
            self._meaning.expect(self._touched, self._taken_in.number)
            self._touched.clear()
        self._writer.delete_documents_by_query(schema.cursor_query())
        self._writer.add_document(schema.cursor_document(self._taken_in))
        self._writer.commit()
        self._index.reload()
        self._cards.forget()
        self._position = self._taken_in
        if self._meaning:
            self._meaning.wake(self._position.number)


def _writer(index: Index, heap_bytes: int, threads: int) -> IndexWriter:
    try:
        return index.writer(heap_bytes, threads)
    except ValueError as failure:
        raise EngineUnavailable(f"the index cannot be written: {failure}") from failure
