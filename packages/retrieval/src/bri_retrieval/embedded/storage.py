"""The files of a tantivy index: opened, written, checked, and removed once they are damaged.

Rules:
- the files of an index that is small, or that was not closed, are compared with their checksums
  before it is used; a large one that was closed is compared in a thread while it answers;
- files that are damaged, or of another version, are removed, and the index is filled again from the
  log; one that is damaged again and again waits in between (`condition`);
- an index that cannot be written answers from what it has; without room on its disk nothing is
  begun. Where there is not even an index, an empty one in memory stands in for it;
- only a commit that succeeded ends a problem.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

import structlog
from tantivy import IndexWriter, Searcher

from bri_retrieval import disk, panics
from bri_retrieval.embedded import integrity, schema
from bri_retrieval.embedded.condition import Condition
from bri_retrieval.embedded.schema import Position
from bri_retrieval.engine import BatchFailed, EngineUnavailable
from bri_retrieval.set_aside import reason_of

CHECKED_AT_ONCE = 512 * 1024 * 1024
"""Bytes; comparing them takes about a second."""

CHECK_REST = 60.0
"""Seconds between two checks of the files of an index."""

_NO_ROOM = "there is no room on the disk of the index"
_log = structlog.get_logger()


class Storage:
    """The index in the folder `path`. Whoever writes holds the engine's lock."""

    def __init__(
        self, path: Path, heap_bytes: int, threads: int, on_damage: Callable[[str], None]
    ) -> None:
        """`on_damage` is called, in a thread, with what is damaged.

        Raises:
            EngineUnavailable: another process writes to this index.
        """
        self._path, self._heap_bytes, self._threads = path, heap_bytes, threads
        self._on_damage = on_damage
        self._condition = Condition(path)
        self._checking = Lock()
        self._check_after = self._open_check_after = 0.0
        self._writer: IndexWriter | None = None
        self._index = schema.index_in_memory()
        self.position = Position()
        self.problem = ""
        """Why nothing can be written; empty where it can."""
        self.is_filling_again = False
        """Whether it was damaged, and is not yet as far as the log again."""
        self.open()
        if path.exists() and integrity.size(path) > CHECKED_AT_ONCE:
            self.suspect()

    @property
    def remark(self) -> str:
        """What operators should know."""
        if self.problem:
            return f"the index cannot be written: {self.problem}"
        return "the index was damaged and is being filled again" if self.is_filling_again else ""

    def searcher(self) -> Searcher:
        """The index as it was committed last. Any thread may ask."""
        return self._index.searcher()

    def writer(self) -> IndexWriter:
        """What writes to the index; opened where it is not. Nobody keeps it.

        Raises:
            EngineUnavailable: nothing can be written.
        """
        if self._writer is None:
            self.open()
        if self._writer is None:
            raise EngineUnavailable(self.problem)
        return self._writer

    def open(self) -> None:
        """Begin again from what is on disk; what was not committed is given up.

        Raises:
            EngineUnavailable: another process writes to this index.
        """
        self.let_go()
        if self._must_check() and (names := integrity.damaged_files(self._path)):
            self.discard(_listed(names))
        if not self._is_opened():
            return
        try:
            self._writer = self._index.writer(self._heap_bytes, self._threads)
        except ValueError as failure:
            if "Lock" in str(failure):
                raise EngineUnavailable(f"the index cannot be written: {failure}") from failure
            self._is_problem(reason_of(failure))
        self._condition.opened()

    def commit(self, position: Position) -> None:
        """Keep everything written, and `position` with it.

        Raises:
            EngineUnavailable: nothing can be written.
            ValueError: it could not be written.
        """
        self.writer().delete_documents_by_query(schema.cursor_query())
        self.writer().add_document(schema.cursor_document(position))
        self.writer().commit()
        self._index.reload()
        self.position = position
        self._end_problem()

    def has_room(self) -> bool:
        """Whether the disk is not full, or is so no longer."""
        if not disk.has_room(self._path):
            self._is_problem(_NO_ROOM)
        elif self.problem == _NO_ROOM:
            self._end_problem()
        return self.problem != _NO_ROOM

    def failed(self, error: Exception) -> EngineUnavailable:
        """What it means that the index could not be written; what was not committed is given up."""
        self.let_go()
        if disk.is_full(error) or not disk.has_room(self._path):
            return self._is_problem(_NO_ROOM)
        if not (self._path / "meta.json").exists():
            self.discard("its files are gone")
        elif self._may_check() and (names := integrity.damaged_files(self._path)):
            self.discard(_listed(names))
        else:
            return BatchFailed(f"the index did not take what was written: {reason_of(error)}")
        self.open()
        return EngineUnavailable("the index was damaged; it is being filled again")

    def suspect(self) -> None:
        """Have the files checked, in a thread of its own, unless they were a moment ago."""
        if self._may_check():
            Thread(target=self._check, name="index-check", daemon=True).start()

    def discard(self, reason: str, *, damaged: bool = True) -> None:
        """Remove the files: everything comes again from the log."""
        _log.warning("index.rebuilt", path=str(self._path), reason=reason)
        self.let_go()
        if damaged:
            self._condition.damaged()
        self.is_filling_again = damaged
        shutil.rmtree(self._path, ignore_errors=True)
        self._index, self.position = schema.index_in_memory(), Position()
        self._check_after = self._open_check_after = 0.0

    def let_go(self) -> None:
        """Close what writes; what was not committed is given up."""
        # Dropping it lets go of the directory without waiting for merges to finish.
        self._writer = None

    def close(self) -> None:
        """Let go of the files."""
        self.let_go()
        self._condition.closed()

    def _is_opened(self) -> bool:
        """Whether there is an index on the disk to go on with, which may be a new one; if not, an
        empty one in memory answers."""
        self._index, self.position = schema.index_in_memory(), Position()
        if not self._may_be_made():
            return False
        try:
            self._read()
        except schema.UnusableIndex as reason:
            self.discard(str(reason), damaged=False)
        except (ValueError, OSError, KeyError, TypeError, panics.LibraryPanicked) as reason:
            if disk.is_full(reason):
                self._is_problem(_NO_ROOM)
                return False
            self.discard(reason_of(reason))
        else:
            return True
        return self._may_be_made() and self._is_made()

    def _may_be_made(self) -> bool:
        """Whether there is an index, or a new one may take the place of one that was damaged."""
        if (self._path / "meta.json").exists() or not self._condition.pause:
            return True
        self._is_problem(
            f"it was damaged {self._condition.times_damaged} times within an hour, its disk may be"
            " failing; it is filled again after a pause"
        )
        return False

    def _is_made(self) -> bool:
        try:
            self._read()
        except (schema.UnusableIndex, ValueError, OSError, panics.LibraryPanicked) as reason:
            self._is_problem(_NO_ROOM if disk.is_full(reason) else reason_of(reason))
            return False
        return True

    def _read(self) -> None:
        with panics.as_errors():
            self._index, self.position = schema.open_index(self._path)

    def _end_problem(self) -> None:
        if self.problem:
            _log.info("index.writable", path=str(self._path))
        self.problem = ""

    def _is_problem(self, reason: str) -> EngineUnavailable:
        if reason != self.problem:
            _log.warning("index.not_writable", path=str(self._path), reason=reason)
        self.problem = reason
        return EngineUnavailable(reason)

    def _must_check(self) -> bool:
        if not self._path.exists() or time.monotonic() < self._open_check_after:
            return False
        self._open_check_after = time.monotonic() + CHECK_REST
        return self._condition.was_left_open or integrity.size(self._path) <= CHECKED_AT_ONCE

    def _may_check(self) -> bool:
        with self._checking:
            now = time.monotonic()
            if now < self._check_after:
                return False
            self._check_after = now + CHECK_REST
            return True

    def _check(self) -> None:
        if names := integrity.damaged_files(self._path):
            self._on_damage(_listed(names))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"damaged: {', '.join(names[:3])}{more}"
