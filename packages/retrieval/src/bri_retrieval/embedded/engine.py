"""Cards in a tantivy index.

Rules:
- documents and cursor are committed together; a directory that is gone is an empty index;
- one thread writes; any thread searches, and sees a commit as soon as it is done;
- a record that cannot be indexed is set aside, and its batch goes on (`binding`);
- files that are damaged are removed, and filled again by whoever follows the log (`storage`): what
  was applied and not committed is then lost, which the next `apply` or `commit` says once;
- what is wrong with vectors costs meaning, never words.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

import structlog

from bri_retrieval import panics
from bri_retrieval.embedded import relating, schema, searching, suggesting
from bri_retrieval.embedded.binding import CardWriter, find_cards
from bri_retrieval.embedded.percolating import percolate
from bri_retrieval.embedded.storage import Storage
from bri_retrieval.engine import Change, EngineUnavailable, Query, Results, Suggestion
from bri_retrieval.meaning.feed import MeaningFeed
from bri_retrieval.set_aside import SetAside, log
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus, default_thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

HEAP_BYTES = 48 * 1024 * 1024
_LOST = "what was not committed is lost; it has to be taken in again"
_log = structlog.get_logger()


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
        self._lock = RLock()
        self._is_lost = self._is_bound = False
        self.on_damage: Callable[[], None] = lambda: None
        """Called, in any thread, when the index was damaged and is to be filled again."""
        self._storage = Storage(path, heap_bytes, threads, self._begin_again)
        self._thesaurus = thesaurus or default_thesaurus()
        self._taken_in = self._storage.position
        self._cards = CardWriter(self._storage.writer)
        self._meaning = MeaningFeed()
        if meaning:
            self.attach(meaning)

    def cursor(self) -> int:
        """The number of the last change that can be searched."""
        return self._storage.position.number

    def epoch(self) -> str:
        """The epoch of the log in which the cursor was reached; empty where none was named."""
        return self._storage.position.epoch

    def set_aside(self) -> SetAside:
        """The records that could not be indexed, as of the last commit."""
        return self._storage.position.set_aside

    def caught_up(self) -> None:
        """Say that all of the log is in the engine."""
        self._storage.is_filling_again = False

    def remark(self) -> str:
        """What operators should know of the engine though it answers."""
        return "; ".join(filter(None, (self._storage.remark, self._meaning.remark)))

    def enter_epoch(self, epoch: str) -> None:
        """What is applied from now on is of this epoch; it is kept with the next commit."""
        with self._lock:
            self._taken_in = self._taken_in._replace(epoch=epoch)

    def count(self) -> int:
        """How many records can be found."""
        with self._asking():
            return schema.count_records(self._storage.searcher())

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]:
        """The card of each of these records that can be found."""
        with self._asking():
            found = find_cards(self._storage.searcher(), record_ids)
        return {name: found[name] for name in record_ids if name in found}

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers; see Engine.apply."""
        newest: dict[str, Change] = {change.record_id: change for change in changes}
        with self._lock:
            self._raise_if_lost()
            has_room = self._storage.has_room()
            if not changes:
                self._meaning.catch_up(self._storage.position.number, self._all_records)
                return
            if not has_room:
                raise EngineUnavailable(self._storage.problem)
            with self._writing():
                self._take_in(newest.values())
            newest_number = max([self._taken_in.number, *(each.number for each in changes)])
            self._taken_in = self._taken_in._replace(number=newest_number)

    def bind(self, stories: Collection[Collection[str]]) -> None:
        """Put the records of each of `stories` on one card; see Engine.bind."""
        with self._lock, self._writing():
            if self._is_lost:
                raise EngineUnavailable(_LOST)  # and whoever applied it is still to be told
            self._open_writer()
            self._is_bound = True
            if self._cards.has_written():
                self._commit()
            self._cards.bind(self._storage.searcher(), stories)

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing."""
        with self._lock:
            self._raise_if_lost()
            with self._writing():
                self._commit()

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0."""
        with self._lock:
            self._meaning.clear()
            self._cards.forget()
            self._taken_in = schema.Position()
            try:
                with self._writing():
                    self._storage.writer().rollback()
                    self._storage.writer().delete_all_documents()
                    self._commit()
            except EngineUnavailable as reason:
                # Without room, or with what is damaged, nothing can be written: it can be removed.
                self._storage.discard(str(reason), damaged=False)
                self._storage.open()
            self._begin()
            self._is_lost = False

    def search(self, query: Query) -> Results:
        """Answer a question."""
        with self._asking():
            searcher = self._storage.searcher()
            return searching.search(searcher, query, self._thesaurus, self._meaning.source)

    def attach(self, meaning: "Meaning") -> None:
        """Ask `meaning` too from now on, and tell it what changes; see Engine.attach."""
        with self._lock:
            if self._cards.has_written():
                with self._writing():
                    self._commit()  # nobody told `meaning` of that
            self._meaning.attach(meaning, self._storage.position.number, self._all_records)

    def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records most like one; see Engine.related."""
        query = Query(language=language, limit=limit)
        with self._asking():
            return relating.related(
                self._storage.searcher(), record_id, query, self._thesaurus, self._meaning.source
            )

    def percolate(self, record_ids: Collection[str], texts: Sequence[str]) -> Sequence[Set[str]]:
        """Which of the records have what each text asks; see Engine.percolate."""
        cards = self.cards(record_ids)
        with panics.as_errors():
            return percolate(cards, texts, self._thesaurus)

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""
        with self._asking():
            return suggesting.suggest(self._storage.searcher(), text, language, limit)

    def reopen(self) -> None:
        """Begin again from what is on disk, after a failure or where the files are gone; what was
        not committed is given up.

        Raises:
            EngineUnavailable: the index cannot be written; it may be tried again.
        """
        with self._lock:
            self._storage.open()
            self._begin()
            self._is_lost = False

    def close(self) -> None:
        """Let go of the files; what was not committed is given up."""
        with self._lock:
            self._storage.close()

    def _take_in(self, changes: Iterable[Change]) -> None:
        self._open_writer()
        committed = self._storage.searcher()
        for change in changes:
            if self._cards.must_commit([change.record_id]):
                self._commit()
                committed = self._storage.searcher()
            self._meaning.touch(change)
            self._cards.put(committed, change)

    def _open_writer(self) -> None:
        """Opening it may find that the index is not the one that it was."""
        before = self._storage.position
        self._storage.writer()
        if self._storage.position != before:
            self._is_lost = True
            raise EngineUnavailable(_LOST)

    def _commit(self) -> None:
        self._open_writer()
        self._meaning.expect(self._taken_in.number)
        problems = dict(self._cards.problems)
        set_aside = self._taken_in.set_aside.updated([*self._cards.touched], problems)
        self._taken_in = self._taken_in._replace(set_aside=set_aside)
        self._storage.commit(self._taken_in)
        log(problems)
        self._is_bound = False
        self._cards.forget()
        self._meaning.wake(self._taken_in.number)

    def _begin(self) -> None:
        """Go on from what is committed."""
        self._is_bound = False
        self._cards.forget()
        self._meaning.forget()
        self._taken_in = self._storage.position

    def _all_records(self) -> Sequence[str]:
        return schema.all_records(self._storage.searcher())

    def _raise_if_lost(self) -> None:
        if self._is_lost:
            self._is_lost = False
            raise EngineUnavailable(_LOST)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Whatever fails inside the block, nothing that was not committed is kept."""
        try:
            with panics.as_errors():
                yield
        except EngineUnavailable:
            self._storage.let_go()
            self._give_up()
            raise
        except Exception as error:
            failure = self._storage.failed(error)
            self._give_up()
            raise failure from error

    def _give_up(self) -> None:
        # Who binds need not be who applied what is lost then: that one is told the next time.
        self._is_lost = self._is_lost or self._is_bound
        self._begin()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """An error inside the block may mean that files are damaged, which is looked into."""
        try:
            with panics.as_errors():
                yield
        except EngineUnavailable:
            raise
        except Exception as error:
            self._storage.suspect()
            _log.exception("index.unreadable")
            raise EngineUnavailable("the index cannot be read; its files are checked") from error

    def _begin_again(self, damage: str) -> None:
        with self._lock:
            self._storage.discard(damage)
            self._begin()
            self._is_lost = True
        self.on_damage()
