"""Stories, kept up to date behind everything else.

Rules:
- a record is linked once its vectors are there; what an editor decided counts as soon as the record
  can be found, and needs no vectors;
- linking writes to the engine, so it is done in the thread that does, a few records at a time: what
  is published meanwhile waits for one such batch at most;
- when nothing waits for vectors any more and the records have become a tenth more since, all of
  them are looked at again: then stories are what they would be, had everything come at once;
- what fails is tried again while the engine, or the vectors, do not answer; a record that makes
  linking fail for another reason is set aside until it is told of again, and the others go on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from threading import Lock

import structlog

from bri_retrieval import panics
from bri_retrieval.engine import BatchFailed, Engine, EngineUnavailable
from bri_retrieval.meaning.embedder import EmbedderUnavailable
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.set_aside import MOST_NAMED, reason_of
from bri_retrieval.stories.likeness import VectorLikeness
from bri_retrieval.stories.linker import Linker

AT_ONCE = 32
"""Records looked at before publications have their turn."""

REST = 0.2
"""Seconds between two looks: each that finds something costs a commit."""

LOOK_SECONDS = 1.0
"""Between two looks at whether all is embedded."""

PAUSE = 2.0
"""Seconds after a failure."""

GROWTH = 0.1
_SETTLED = "stories settled at"
logger = structlog.get_logger()

Run = Callable[[Callable[[], None]], Awaitable[None]]
"""Has something done in the thread that writes to the engine."""


class Linking:
    """Links the records of one engine. `tell` may be called from any thread."""

    def __init__(self, engine: Engine, meaning: Callable[[], Meaning | None], run: Run) -> None:
        """`meaning` is asked each time: it may come late, or never."""
        self._engine, self._meaning, self._run = engine, meaning, run
        self._waiting: dict[str, None] = {}
        self._alone: dict[str, None] = {}
        """Records that are looked at one at a time, because together they failed."""
        self._set_aside: dict[str, str] = {}
        self._looked_at: list[str] = []
        self._settling: int | None = None
        self._lock = Lock()

    def tell(self, *record_ids: str) -> None:
        """Have these records looked at, by and by."""
        with self._lock:
            self._waiting |= dict.fromkeys(record_ids)

    @property
    def backlog(self) -> int:
        """How many records wait to be looked at, or are; at least 1 while all of them are due."""
        waiting = len(self._waiting) + len(self._alone) + len(self._looked_at)
        return waiting or int(self._is_due())

    @property
    def set_aside(self) -> Mapping[str, str]:
        """Records whose linking fails, with the reason; each is tried again when it changes."""
        return self._set_aside

    async def run(self) -> None:
        """Link what is told, until cancelled."""
        look_again = 0.0
        while True:
            await asyncio.sleep(REST)
            some = self._looked_at = self._next()
            try:
                if some:
                    await self._run(partial(self._relink, some))
                    self._linked(some)
                elif time.monotonic() >= look_again:
                    look_again = time.monotonic() + LOOK_SECONDS
                    await asyncio.to_thread(self._settle)
            except Exception as reason:  # noqa: BLE001 - records are found without it
                await self._after(some, reason)

    async def _after(self, some: list[str], reason: Exception) -> None:
        """What failed for several records is tried for each; what failed for one is set aside."""
        away = isinstance(reason, EngineUnavailable | EmbedderUnavailable)
        if not some or (away and not isinstance(reason, BatchFailed)):
            if not isinstance(reason, EngineUnavailable):
                logger.warning("stories.failed", reason=reason_of(reason), again_in_seconds=PAUSE)
            self.tell(*some)
            await asyncio.sleep(PAUSE)
        elif len(some) == 1:
            self._set(some[0], reason)
        else:
            with self._lock:
                self._alone |= dict.fromkeys(some)

    def _set(self, record_id: str, reason: Exception) -> None:
        known = self._set_aside.pop(record_id, None)
        self._set_aside[record_id] = told = reason_of(reason)
        if told != known:
            logger.warning("record.not_linked", record=record_id, reason=told)
        while len(self._set_aside) > MOST_NAMED:
            del self._set_aside[next(iter(self._set_aside))]

    def _linked(self, some: Collection[str]) -> None:
        for record_id in some:
            self._set_aside.pop(record_id, None)

    def _next(self) -> list[str]:
        with self._lock:
            source, count = (self._alone, 1) if self._alone else (self._waiting, AT_ONCE)
            some = list(source)[:count]
            for record_id in some:
                del source[record_id]
        return some

    def _relink(self, some: Collection[str]) -> None:
        meaning = self._meaning()
        likeness = VectorLikeness(meaning.vectors) if meaning and meaning.ready else None
        with panics.as_errors():
            if Linker(self._engine, likeness).relink(some):
                self._engine.commit()

    def _settle(self) -> None:
        """Have all records looked at where enough are new; keep that it was done where it was."""
        meaning = self._meaning()
        if meaning is None or meaning.backlog():
            return
        ledger = meaning.vectors.ledger
        if self._settling is not None:
            with ledger.lock:
                ledger.tell(_SETTLED, str(self._settling))
                ledger.commit()
            self._settling = None
        if self._is_due():
            self._settling = ledger.records()
            logger.info("stories.settling", records=self._settling)
            self.tell(*ledger.names())

    def _is_due(self) -> bool:
        """Whether so many records are new that all should be looked at."""
        meaning = self._meaning()
        if meaning is None:
            return False
        ledger = meaning.vectors.ledger
        with ledger.lock:
            settled = int(ledger.told(_SETTLED) or 0)
        return abs(ledger.records() - settled) > GROWTH * settled
