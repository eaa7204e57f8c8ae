"""Keeps the node's own search up with the node's own log, in a thread of its own.

Rules:
- the engine's cursor is the number of an entry; what comes after it is read, applied, committed;
- of each record in a batch only the newest entry matters;
- editors and delivery go first: while entries come in masses, or go out in masses, the index waits
  for a pause, though not for ever, and between full batches it rests as long as the last one took;
- what goes wrong is logged and tried again, with the index opened anew: its files may be gone, or
  a full disk may have ended its writer. Meanwhile searches answer from what there is;
- a record that cannot be indexed is set aside, and its batch goes on; where the index does not take
  a batch, the next ones are smaller until the record is found that it fails by (`isolation`);
- an index whose files are damaged is filled again at once;
- an index that is ahead of the log, or of entries that were put aside since, is begun anew.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError

from bri_node import delivery, journal, measures
from bri_node.journal import LogLine
from bri_node.store import Store
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import BatchFailed, Change, EngineUnavailable
from bri_retrieval.isolation import Isolation
from bri_retrieval.set_aside import reason_of

BATCH = 1000
MANY = 200
"""More entries than this are a mass, which is let pass first."""
PAUSE_SECONDS = 3.0
LONGEST_WAIT_SECONDS = 60.0
_RETRY_SECONDS = 5.0
_NEXT_BATCH_SECONDS = 0.1
"""Before a smaller batch is tried, in place of one that was not taken."""

_STOP_SECONDS = 5.0

logger = structlog.get_logger()


class Indexer:
    """Feeds one engine from one log. `problem` tells what is wrong, and is empty where nothing."""

    def __init__(
        self, store: Store, engine: EmbeddedEngine, centre: str, reopen: Callable[[], None]
    ) -> None:
        """`reopen` has the engine begin again from what is on disk."""
        self.problem = ""
        self._reopen = reopen
        self._store = store
        self._engine = engine
        self._centre = centre
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._anew = threading.Event()
        self._isolation = Isolation(BATCH)
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        store.on_entries(self._wake.set)
        engine.on_damage = self._wake.set

    def start(self) -> None:
        """Begin, with what the engine lacks."""
        self._thread.start()

    def begin_anew(self) -> None:
        """Forget what is indexed, and index the log as it is now."""
        self._anew.set()
        self._wake.set()

    def stop(self) -> None:
        """End after the batch under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._catch_up()
                self.problem = ""
            except EngineUnavailable as reason:
                self._tell(str(reason))
                smaller = isinstance(reason, BatchFailed)
                self._stop.wait(_NEXT_BATCH_SECONDS if smaller else _RETRY_SECONDS)
            except Exception as error:
                logger.exception("indexer.failed")
                self._tell(str(error))
                self._stop.wait(_RETRY_SECONDS)
            else:
                self._wake.wait()

    def _catch_up(self) -> None:
        if self.problem:
            self._reopen()
        with suppress(EngineUnavailable):
            self._engine.apply(())  # says once that the index was damaged, and is empty now
        self._forget_if_ahead()
        while not self._stop.is_set():
            self._let_masses_pass()
            began = time.monotonic()
            count = self._index_batch()
            if count == 0:
                self._engine.caught_up()
                return
            if count == BATCH:
                self._stop.wait(time.monotonic() - began)

    def _forget_if_ahead(self) -> None:
        """A database that was restored from a backup may be behind an index that was not."""
        with self._store.reading() as session:
            head = journal.head_number(session)
        if self._anew.is_set() or self._engine.cursor() > head:
            logger.warning("index.began_anew", cursor=self._engine.cursor(), head=head)
            self._anew.clear()
            self._engine.clear()

    def _let_masses_pass(self) -> None:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        written, delivered = self._progress()
        while written - self._engine.cursor() > MANY and time.monotonic() < deadline:
            if self._stop.wait(PAUSE_SECONDS):
                return
            before = written, delivered
            written, delivered = self._progress()
            if (written, delivered) == before:
                return

    def _progress(self) -> tuple[int, int]:
        """The numbers of the newest entry and of the newest that the hub has answered."""
        with self._store.reading() as session:
            return journal.head_number(session), delivery.settled_number(session)

    def _index_batch(self) -> int:
        """Take in one batch; answers how many entries it had."""
        with self._store.reading() as session:
            lines = journal.page(session, self._engine.cursor(), self._isolation.most)
        if lines:
            batch = [self._isolation.screened(change) for change in changes(lines)]
            try:
                self._engine.apply(batch)
                self._engine.commit()
            except BatchFailed as reason:
                taken = [(change.record_id, change.number) for change in batch]
                self._isolation.failed(taken, str(reason))
                raise
            self._isolation.succeeded()
            measures.INDEXED.labels(self._centre).set(self._engine.cursor())
            measures.SET_ASIDE.labels(self._centre).set(len(self._engine.set_aside()))
        return len(lines)

    def _tell(self, reason: str) -> None:
        problem = f"the index cannot be written: {reason}"
        if problem != self.problem:
            logger.warning("indexer.waits", reason=reason)
        self.problem = problem


def changes(lines: Sequence[LogLine]) -> list[Change]:
    """What entries, oldest first, did to records: one change a record, the newest."""
    newest = {line.record_id: line for line in lines}
    return [_change(line) for line in sorted(newest.values(), key=lambda line: line.number)]


def _change(line: LogLine) -> Change:
    try:
        envelope = log_pb2.SignedEntry.FromString(line.envelope)
        entry = log_pb2.Entry.FromString(envelope.entry)
    except DecodeError as reason:
        return Change(line.number, line.record_id, None, unreadable=reason_of(reason))
    record = entry.published if entry.HasField("published") else None
    return Change(line.number, line.record_id, record, at=line.written_at)
