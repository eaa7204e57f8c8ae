"""The hub's changes, into the engine, in a thread of their own.

Rules:
- a change whose record is hidden or retracted takes the record out of the index;
- a commit costs about as much for one record as for a hundred: changes that come while one is
  under way wait for the next, and after one the engine rests twice as long as it took, so that
  many single publications cost a third of a core at most. A single one is committed at once;
- where changes come in masses the engine rests longer: fewer, larger commits index faster;
- at most BATCH records go into one commit, and fewer after one that failed: so the record is found
  that it failed by (`isolation`).
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_retrieval.engine import BatchFailed, Change, Engine, EngineUnavailable
from bri_retrieval.isolation import Isolation
from bri_retrieval.set_aside import reason_of

BATCH = 1_000
LONGEST_REST = 0.05
"""Seconds that a change waits for others at most, unless they come in masses."""
MANY = 50
"""A commit of more changes than this is one of a mass."""
REST_IN_A_MASS = 0.25


def read_change(change: log_pb2.Change) -> Change:
    """What the engine has to do. The hub verified the entry; nobody else writes to its log. An
    entry that cannot be read sets its record aside."""
    try:
        entry = log_pb2.Entry.FromString(change.entry.entry)
    except DecodeError as reason:
        return Change(change.number, change.record_id, None, unreadable=reason_of(reason))
    gone = change.hidden or not entry.HasField("published")
    record = None if gone else entry.published
    return Change(
        change.number, change.record_id, record, change.joined, change.parted, entry.written_at
    )


class Intake:
    """Applies and commits, one thing at a time. Belongs to one event loop."""

    def __init__(self, engine: Engine) -> None:
        self.on_commit: Callable[[], None] = lambda: None
        """Called after each commit."""
        self.on_story: Callable[..., None] = lambda *records: None
        """Called after a commit with the records whose story it concerns."""
        self._concerned: list[str] = []
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        self._isolation = Isolation(BATCH)
        self._taken: list[tuple[str, int]] = []
        self._next_commit = 0.0

    @property
    def waiting(self) -> int:
        """How many changes are applied and not committed."""
        return len(self._taken)

    @property
    def rest(self) -> float:
        """Seconds until the next commit is due."""
        return max(self._next_commit - time.monotonic(), 0)

    async def apply(self, changes: Iterable[log_pb2.Change]) -> None:
        """Take in changes, and commit where they fill a batch.

        Raises:
            EngineUnavailable: what is not committed is lost, and has to be followed for again.
        """
        batch = list(changes)
        while batch:
            room = max(self._isolation.most - len(self._taken), 1)
            some, batch = batch[:room], batch[room:]
            self._taken += ((each.record_id, each.number) for each in some)
            with self._giving_up():
                await self.run(partial(self._apply, some))
            if len(self._taken) >= self._isolation.most:
                await self.commit()

    async def check(self) -> None:
        """Make sure that the engine still is where it was left.

        Raises:
            EngineUnavailable: it is not, or does not answer; it has to be followed for again.
        """
        with self._giving_up():
            await self.run(lambda: self._engine.apply(()))

    async def commit(self) -> None:
        """Make what is applied findable. Raises as `apply`."""
        began = time.monotonic()
        with self._giving_up():
            await self.run(self._engine.commit)
        count = len(self._taken)
        self._taken.clear()
        self._isolation.succeeded()
        ended = time.monotonic()
        rest = min(2 * (ended - began), LONGEST_REST) if count <= MANY else REST_IN_A_MASS
        self._next_commit = ended + rest
        self.on_commit()
        if self._concerned:
            self.on_story(*self._concerned)
            self._concerned = []

    def _apply(self, batch: Sequence[log_pb2.Change]) -> None:
        changes = [self._isolation.screened(read_change(change)) for change in batch]
        gone = [change.record_id for change in changes if change.record is None]
        # Who leaves a story may have held it together.
        left = {mate for card in self._engine.cards(gone).values() for mate in card.ids}
        self._engine.apply(changes)
        self._concerned += [each.record_id for each in changes if each.joined or each.parted]
        self._concerned += sorted(left.difference(gone))

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """An engine that fails inside the block has lost what was not committed."""
        try:
            yield
        except EngineUnavailable as reason:
            if isinstance(reason, BatchFailed):
                self._isolation.failed(self._taken, str(reason))
            self._taken.clear()
            self._concerned.clear()
            raise

    async def clear(self) -> None:
        """Forget everything."""
        self._taken.clear()
        await self.run(self._engine.clear)

    def close(self) -> None:
        """Wait for what is under way and close the engine; what is not committed comes again."""
        self._thread.submit(self._engine.close).result()
        self._thread.shutdown()

    async def run(self, work: Callable[[], None]) -> None:
        """Have something done in the thread that writes to the engine."""
        await asyncio.get_running_loop().run_in_executor(self._thread, work)
