"""Embedding what waits, in a thread that nobody waits for.

Rules:
- the newest record first, one at a time: what was published a minute ago is asked for today;
- the thread lets others go first (niceness NICENESS), and begins nothing while a question is being
  embedded; only the background, without which no question is answered by meaning, is learned at
  once, by a thread of its own;
- a record whose text has not changed keeps its vectors; one that is gone loses them;
- an embedder that does not answer is asked again, ever more seldom; nothing is lost meanwhile;
- a record over which the embedder crashed waits behind all others; after MOST_CRASHES times it is
  set aside until its text changes: kept in the ledger, counted, and found by its words.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event, Thread, get_native_id

import structlog

from bri_retrieval.engine import Engine, EngineUnavailable
from bri_retrieval.meaning.background import Interrupted
from bri_retrieval.meaning.embedder import EmbedderCrashed, EmbedderUnavailable
from bri_retrieval.meaning.ledger import MOST_CRASHES
from bri_retrieval.meaning.meaning import Meaning
from bri_retrieval.meaning.passages import Passage, Text, key, passages
from bri_retrieval.meaning.vectors import Row

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
NICENESS = 10
"""A tenth of what others get on a machine that is busy; 19 is next to nothing, for hours."""

_AT_ONCE = 20
"""Records asked for at a time: newer ones may come while they are embedded."""

_PASSAGES_AT_ONCE = 4
"""Given to the embedder together, so that it has one for each processor until the last."""

_LONGEST_WAIT = 1.0
"""Seconds that a record waits for questions; they may never end."""

_REST_SECONDS = 30.0
"""After so long without a record, the embedder lets go of what only passages need."""

LONGEST_END = 3.0
"""Seconds that closing waits for an embedder elsewhere."""

_log = structlog.get_logger()


class Worker:
    """Embeds the records that wait, until it is closed.

    `told` hears of each record that got its vectors, or lost them.
    """

    def __init__(
        self, meaning: Meaning, engine: Engine, told: Callable[[str], None] | None = None
    ) -> None:
        self._meaning, self._engine, self._told = meaning, engine, told
        self._closing = Event()
        self._thread = Thread(target=self._run, name="embedding", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the passages that are being embedded; they are embedded again next time."""
        self._closing.set()
        self._meaning.woken.set()
        if self._thread.ident is not None:
            self._thread.join(LONGEST_END)

    def work(self) -> int:
        """Embed the newest of those that wait; how many there were.

        Raises:
            EmbedderUnavailable: the embedder does not answer.
        """
        ledger = self._meaning.vectors.ledger
        with ledger.lock:
            if self._closing.is_set():
                return 0  # the ledger may be closed by now
            waiting = ledger.newest_waiting(_AT_ONCE, self._meaning.readable)
        for record_id, number in waiting:
            if self._closing.is_set():
                break
            self._embed(record_id, number)
        return len(waiting)

    def _run(self) -> None:
        pause = self._prepare(0.0)
        while pause and not self._closing.wait(pause):
            pause = self._prepare(pause)
        # The threads that the model starts for this one are as nice as it is: not before now.
        _step_back()
        while not self._closing.wait(pause):
            pause = self._tried(pause, self._work_or_wait)

    def _prepare(self, pause: float) -> float:
        """Learn the background; the seconds to wait before it is tried again, 0 when it is done."""
        failed: list[float] = []

        def learn() -> None:
            failed.append(self._tried(pause, self._learn))

        thread = Thread(target=learn, name="background", daemon=True)
        thread.start()
        thread.join()
        return failed[0]

    def _learn(self) -> None:
        with suppress(Interrupted):
            self._meaning.learn_background(lambda: not self._closing.is_set())

    def _work_or_wait(self) -> None:
        if not self.work() and not self._closing.is_set():
            if not self._meaning.woken.wait(_REST_SECONDS):
                self._meaning.embedder.rest()
                self._meaning.woken.wait()
            self._meaning.woken.clear()

    def _tried(self, pause: float, work: Callable[[], None]) -> float:
        """Do `work`; the seconds to pause where it failed, more after each time, else 0."""
        try:
            work()
        except (EmbedderUnavailable, EngineUnavailable, sqlite3.Error, OSError) as reason:
            if not pause and not self._closing.is_set():
                _log.warning("embedding.paused", reason=str(reason))
        except Exception:  # noqa: BLE001 - it is told
            # Whatever it is, records are found by their words, and it may be over in a moment.
            _log.exception("embedding.failed")
        else:
            return 0.0
        return min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)

    def _embed(self, record_id: str, number: int) -> None:
        vectors = self._meaning.vectors
        pieces = passages(self._texts(record_id), self._meaning.passages)
        made_of = key(self._meaning.name, pieces)
        if pieces and vectors.key(record_id) == made_of:
            self._keep(record_id, number, None, made_of)
        elif self._is_set_aside(record_id, made_of):
            self._keep(record_id, number, [], made_of)
        else:
            self._embed_anew(record_id, number, pieces, made_of)

    def _embed_anew(
        self, record_id: str, number: int, pieces: Sequence[Passage], made_of: str
    ) -> None:
        try:
            rows = self._rows(pieces)
        except EmbedderCrashed as reason:
            if self._count_crash(record_id, made_of, str(reason)) >= MOST_CRASHES:
                self._keep(record_id, number, [], made_of)
        else:
            self._keep(record_id, number, rows, made_of)

    def _keep(self, record_id: str, number: int, rows: Sequence[Row] | None, made_of: str) -> None:
        """Have a record done with: with these vectors, or those that it has where `rows` is
        None."""
        vectors = self._meaning.vectors
        with vectors.ledger.lock:
            if self._closing.is_set() or not vectors.ledger.is_waiting(record_id, number):
                return  # it changed, or went, meanwhile
            if rows:
                vectors.put(record_id, rows, key=made_of, number=number)
            elif rows is not None:
                vectors.remove(record_id)
            if not vectors.ledger.crashes(record_id, made_of) or rows:
                vectors.ledger.absolve(record_id)  # its text is another, or did no harm
            vectors.ledger.wait_no_more(record_id, number)
            vectors.commit()
        if self._told:
            self._told(record_id)

    def _is_set_aside(self, record_id: str, made_of: str) -> bool:
        ledger = self._meaning.vectors.ledger
        with ledger.lock:
            return ledger.crashes(record_id, made_of) >= MOST_CRASHES

    def _count_crash(self, record_id: str, made_of: str, reason: str) -> int:
        """Keep that the embedder crashed over a record; how often it has."""
        vectors = self._meaning.vectors
        with vectors.ledger.lock:
            if self._closing.is_set():
                return 0
            times = vectors.ledger.crashed(record_id, made_of)
            vectors.commit()
        event = "embedding.set_aside" if times >= MOST_CRASHES else "embedding.crashed"
        _log.warning(event, record=record_id, times=times, reason=reason)
        return times

    def _texts(self, record_id: str) -> Mapping[str, Text]:
        """The editions of a record by language; none where it cannot be found."""
        card = self._engine.cards([record_id]).get(record_id)
        members = card.members if card else ()
        return next((each.editions for each in members if each.id == record_id), {})

    def _rows(self, pieces: Sequence[Passage]) -> list[Row]:
        rows: list[Row] = []
        for start in range(0, len(pieces), _PASSAGES_AT_ONCE):
            if self._closing.is_set():
                break
            self._meaning.questions.idle.wait(_LONGEST_WAIT)
            some = pieces[start : start + _PASSAGES_AT_ONCE]
            vectors = self._meaning.embedder.embed_passages([each.text for each in some])
            rows += [
                Row(each.edition, each.place, vector)
                for each, vector in zip(some, vectors, strict=True)
            ]
        return rows


def _step_back() -> None:
    """Let everything else on this machine go first."""
    try:
        # On Linux niceness belongs to the thread, and to those that it starts.
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
    except (AttributeError, OSError) as reason:
        _log.info("embedding.not_nice", reason=str(reason))
