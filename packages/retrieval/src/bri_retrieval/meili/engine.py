"""Cards on a Meilisearch server.

Rules:
- nothing is asked of the server until it is needed, and a commit that fails, or an index that is
  gone, leaves the engine in doubt: whatever comes next asks anew how far the index is. So a server
  that was away, or came back empty, needs nobody's help;
- `apply` without changes is how a follower that has none makes sure;
- whoever applies changes is told once if the index is not where it was left, and has to ask for the
  cursor again; what was not committed is given up by anything that goes wrong, and comes again;
- one thread writes; any thread searches.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from threading import Lock
from typing import TYPE_CHECKING

from bri_retrieval import panics
from bri_retrieval.embedded.percolating import percolate
from bri_retrieval.engine import BatchFailed, Change, EngineUnavailable, Query, Results, Suggestion
from bri_retrieval.meaning.feed import MeaningFeed
from bri_retrieval.meili import relating, searching, suggesting
from bri_retrieval.meili.binding import Bindings
from bri_retrieval.meili.documents import Position
from bri_retrieval.meili.remembering import Memory
from bri_retrieval.meili.server import SEARCH_SECONDS, IndexMissing, Server
from bri_retrieval.meili.shelf import Shelf
from bri_retrieval.meili.source import Source
from bri_retrieval.set_aside import SetAside, reason_of
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus, default_thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

_LOST = "what was not committed is lost; it has to be taken in again"
GRACE_SECONDS = 1.0
"""Past a question's deadline nothing more than its hits is asked for; so long they may take."""


class MeiliEngine:
    """The index `name` on the Meilisearch server at `url`."""

    name = "meilisearch"

    def __init__(
        self,
        url: str,
        key: str,
        name: str,
        *,
        thesaurus: Thesaurus | None = None,
        meaning: "Meaning | None" = None,
    ) -> None:
        """With `meaning`, searches ask that too, and it is told what changes."""
        self._server = Server(url, key)
        self._shelf = Shelf(self._server, name)
        self._thesaurus = thesaurus or default_thesaurus()
        self._meaning = MeaningFeed()
        self._meaning.source = meaning
        self._memory = Memory()
        self._lock = Lock()
        self._is_known = self._was_told = self._has_moved = self._is_lost = False
        self._is_bound = False
        self._problem = ""
        self._waiting = Bindings()
        self._taken_in = Position()

    def cursor(self) -> int:
        """The number of the last change that can be searched, as far as is known."""
        return self._told().cursor

    def epoch(self) -> str:
        """The epoch of the log in which the cursor was reached; empty where none was named."""
        return self._told().epoch

    def enter_epoch(self, epoch: str) -> None:
        """What is applied from now on is of this epoch; it is kept with the next commit."""
        self._taken_in = replace(self._taken_in, epoch=epoch)

    def set_aside(self) -> SetAside:
        """The records that could not be indexed, as of the last commit."""
        return self._told().set_aside

    def caught_up(self) -> None:
        """Say that all of the log is in the engine."""

    def remark(self) -> str:
        """What operators should know of the engine though it answers."""
        return "; ".join(filter(None, (self._problem, self._meaning.remark)))

    def count(self) -> int:
        """How many records can be found."""
        with self._doubting():
            return self._source().count_records()

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]:
        """The card of each of these records that can be found."""
        with self._doubting():
            found = self._source().cards_of(record_ids)
        return {name: found[name] for name in record_ids if name in found}

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers. They are found after `commit`."""
        self._make_sure()
        with self._lock:
            self._raise_if_moved()
            self._waiting.add(changes)
            if not changes and self._meaning.source:
                source = Source(self._server, self._shelf.index)
                number = self._shelf.position.cursor
                self._meaning.catch_up(number, lambda: list(source.records()))
            for change in changes:
                self._meaning.touch(change)
            number = max([self._taken_in.cursor, *(change.number for change in changes)])
            self._taken_in = replace(self._taken_in, cursor=number)

    def bind(self, stories: Collection[Collection[str]]) -> None:
        """Put the records of each of `stories` on one card; see Engine.bind."""
        self._make_sure()
        with self._lock:
            if self._has_moved or self._is_lost:
                raise EngineUnavailable(_LOST)  # and whoever applies changes is still to be told
            self._is_bound = True
            self._waiting.add([list(stories)])

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing."""
        self._make_sure()
        with self._lock:
            self._raise_if_moved()
            with self._all_or_nothing():
                self._meaning.expect(self._taken_in.cursor)
                self._shelf.write(self._waiting, self._taken_in)
            self._meaning.wake(self._shelf.position.cursor)

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0."""
        self._make_sure()
        with self._lock:
            self._meaning.clear()
            self._shelf.clear()
            self._begin()

    def search(self, query: Query) -> Results:
        """Answer a question."""
        with self._doubting():
            source = self._source(query.deadline)
            return searching.search(source, query, self._thesaurus, self._meaning.source)

    def attach(self, meaning: "Meaning") -> None:
        """Ask `meaning` too from now on, and tell it what changes; see Engine.attach."""
        with self._lock:
            self._meaning.source = meaning
            if self._is_known:
                self._catch_up(meaning)

    def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records that are most like one; see Engine.related."""
        query = Query(language=language, limit=limit)
        with self._doubting():
            return relating.related(
                self._source(), record_id, query, self._thesaurus, self._meaning.source
            )

    def percolate(self, record_ids: Collection[str], texts: Sequence[str]) -> Sequence[Set[str]]:
        """Which of the records have what each text asks; see Engine.percolate."""
        return percolate(self.cards(record_ids), texts, self._thesaurus)

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""
        with self._doubting():
            return suggesting.suggest(self._source(), text, language, limit)

    def close(self) -> None:
        """Let go of the connections; what was not committed is given up."""
        self._server.close()

    def _source(self, deadline: float = inf) -> Source:
        self._make_sure()
        now = time.monotonic()
        by = min(max(deadline, now) + GRACE_SECONDS, now + SEARCH_SECONDS)
        return Source(self._server, self._shelf.index, self._shelf.facets, by, self._memory)

    def _told(self) -> Position:
        """Where the index was last known to be: never waits for the server, but the first time."""
        if not self._was_told:
            self._make_sure()
        return self._shelf.position

    def _make_sure(self) -> None:
        """Ask the server where the index is, if there is any doubt."""
        if self._is_known:
            return
        with self._lock:
            if not self._is_known:
                left = self._shelf.position
                self._shelf.open()
                if self._shelf.position != left:
                    self._has_moved = self._was_told
                    self._begin()
                if self._meaning.source:
                    self._catch_up(self._meaning.source)
                self._is_known = self._was_told = True

    def _catch_up(self, meaning: "Meaning") -> None:
        """Let every record be looked at where some were indexed without `meaning`, or it is new."""
        source = Source(self._server, self._shelf.index)
        number = self._shelf.position.cursor
        self._meaning.attach(meaning, number, lambda: list(source.records()))

    def _begin(self) -> None:
        self._waiting.clear()
        self._meaning.forget()
        self._is_bound = False
        self._memory.answers.renew()
        self._taken_in = self._shelf.position

    def _raise_if_moved(self) -> None:
        if self._has_moved:
            self._has_moved = self._is_lost = False
            raise EngineUnavailable("the index is not as it was left; it is being filled anew")
        if self._is_lost:
            self._is_lost = False
            raise EngineUnavailable(_LOST)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Whatever fails inside the block, what was applied is given up and has to come again."""
        # Who binds need not be who applied what is lost then: that one is told the next time.
        self._is_lost = self._is_bound
        try:
            with panics.as_errors():
                yield
            self._is_lost, self._problem = False, ""
        except EngineUnavailable as reason:
            self._is_known, self._problem = False, f"the index cannot be written: {reason}"
            raise
        except Exception as error:
            self._is_known = False
            raise BatchFailed(f"the documents could not be made: {reason_of(error)}") from error
        finally:
            self._begin()

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        try:
            with panics.as_errors():
                yield
        except IndexMissing as reason:
            self._is_known = False
            raise EngineUnavailable("the index is gone, and is being filled anew") from reason
