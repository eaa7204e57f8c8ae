"""The index of one replica, as it is kept on a server.

Rules:
- one index a replica, named after it: replicas that share a server share nothing else. Two that
  have the same name by mistake write the same documents; each notices the other's position, and
  begins again from it, so neither claims what is not there;
- before every commit the position must be where we left it: a server that came back empty is then
  filled anew, instead of being given the rest;
- all documents of a commit are there before the position is: it goes in with the last ones;
- an index of another format goes on serving while a new one is filled beside it, under the name
  with `-next`; once that has come as far, they change names, at once, and the old one is removed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import orjson
import structlog

from bri_retrieval.engine import FACETS, EngineUnavailable
from bri_retrieval.meili import documents
from bri_retrieval.meili.binding import Bindings
from bri_retrieval.meili.documents import POSITION_ID, Position
from bri_retrieval.meili.server import IndexMissing, Server
from bri_retrieval.meili.settings import made_with, settings
from bri_retrieval.meili.source import Source
from bri_retrieval.set_aside import log

PAYLOAD_BYTES = 4 * 1024 * 1024
"""Of documents in one task, some hundred records; servers take 100 MB by default."""

_log = structlog.get_logger()


class PositionMoved(EngineUnavailable):
    """The index is not where it was left: it was lost, or somebody else writes to it."""


class Shelf:
    """Reads and writes the index `name`. One thread writes."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name
        self._writing = name
        self._is_new = False
        self._serving: Position | None = None
        self.position = Position()

    @property
    def index(self) -> str:
        """The index that questions are asked of."""
        return self._name

    @property
    def facets(self) -> Sequence[str]:
        """The facets that this index can count: all, but for one of an older format."""
        return self._serving.facets if self._serving else FACETS

    def open(self) -> None:
        """Find out where the index is; make one where there is none to use."""
        self._server.check()
        self._is_new = False
        found = self._position_of(self._name)
        beside = f"{self._name}-next"
        begun = self._position_of(beside)
        if found is None or found.made_with == made_with():
            self._writing, self._serving = self._name, None
            self.position = found or self._make(self._name)
            if begun:
                self._server.delete(beside)  # left by who was killed after the swap
            return
        self._writing, self._serving = beside, found
        if begun is None or begun.made_with != made_with():
            _log.warning("index.rebuilt", index=self._name, reason=f"made with {found.made_with}")
            begun = self._make(beside)
        self.position = begun

    def write(self, waiting: Bindings, position: Position) -> None:
        """Make what waits findable, and then say `position`, with the records set aside."""
        self._check()
        outcome = waiting.outcome(self._source().cards_of)
        problems = dict(outcome.problems)
        made = (each for card in outcome.cards for each in documents.documents(card, problems))
        found = chain(made, map(documents.nothing, outcome.gone))
        tasks: list[int] = []
        last: list[documents.Document] = []
        # The server reads one batch while the next is made.
        for batch, is_last in _batches(found):
            if is_last:
                last = batch
            else:
                tasks.append(self._server.put(self._writing, batch))
        set_aside = position.set_aside.updated(outcome.changed, problems)
        position = replace(position, set_aside=set_aside)
        for task in tasks:
            self._server.wait(task)
        last.append(documents.write_position(position))
        self._server.wait(self._server.put(self._writing, last))
        self.position, self._is_new = position, False
        log(problems)
        if outcome.gone:
            # Without words already: what this does not remove is never found.
            self._server.remove(self._writing, [documents.name(each) for each in outcome.gone])
        self._take_over()

    def clear(self) -> None:
        """Forget everything, the index beside as well."""
        self._server.delete(f"{self._name}-next")
        self._writing, self._serving = self._name, None
        self.position = self._make(self._name)

    def _take_over(self) -> None:
        """Let the new index serve once it is as far as the old one."""
        if self._serving is None or self.position.cursor < self._serving.cursor:
            return
        self._server.swap(self._name, self._writing)
        self._server.delete(self._writing)
        self._writing, self._serving = self._name, None
        _log.info("index.swapped", index=self._name, cursor=self.position.cursor)

    def _source(self) -> Source:
        """The index that is written, as it is read for that."""
        return Source(self._server, self._writing)

    def _make(self, index: str) -> Position:
        self._server.create(index, settings())
        self._is_new = True
        return Position(made_with=made_with(), facets=FACETS)

    def _check(self) -> None:
        """Raises PositionMoved unless the index is where it was left; a new one has no position."""
        try:
            found = self._server.find(self._writing, POSITION_ID)
        except IndexMissing:
            raise PositionMoved("the index is gone; filling it anew") from None
        left = None if self._is_new else self.position
        if (documents.read_position(found) if found else None) != left:
            raise PositionMoved("the index is not as it was left; going on from what it holds")

    def _position_of(self, index: str) -> Position | None:
        """Where an index is; None where there is none that we made."""
        try:
            found = self._server.find(index, POSITION_ID)
            return documents.read_position(found) if found else None
        except IndexMissing:
            return None
        except (KeyError, TypeError, ValueError):
            return replace(Position(), made_with="something else")


def _batches(found: Iterable[Mapping[str, Any]]) -> Iterator[tuple[list[Mapping[str, Any]], bool]]:
    """`found` in parts that a server takes at once, and whether each is the last."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for each in found:
        length = len(orjson.dumps(each))
        if batch and size + length > PAYLOAD_BYTES:
            yield batch, False
            batch, size = [], 0
        batch.append(each)
        size += length
    yield batch, True
