"""What an engine tells its vectors of the records that it takes in.

Rules:
- they hear of a record before it is committed, so that none is indexed and forgotten by them;
- whatever is wrong with them, the engine goes on: what they could not be told is kept for the next
  commit, or found out when they are attached the next time;
- vectors that lost everything, because their files were damaged, are told of all records again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from bri_retrieval import panics
from bri_retrieval.engine import Change, EngineUnavailable
from bri_retrieval.meaning.changes import Touched, touched

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

_log = structlog.get_logger()


class MeaningFeed:
    """Tells one `source`, once there is one. Used by the thread that writes to the engine."""

    def __init__(self) -> None:
        self.source: Meaning | None = None
        """The vectors, with their embedder; None before they are attached."""
        self.remark = ""
        """What is wrong with them, in words for operators; empty where nothing is."""
        self._touched: dict[str, Touched] = {}
        self._owed: dict[str, Touched] = {}
        """What is committed though they could not be told of it."""

    def attach(self, source: "Meaning", number: int, records: Callable[[], Sequence[str]]) -> None:
        """Tell `source` from now on. What it lacks of the change `number`, it is told now."""
        with self._tolerating():
            if source.cursor() != number:
                source.expect([Touched(each, number, gone=False) for each in records()], number)
        source.wake(number)
        self.source = source

    def catch_up(self, number: int, records: Callable[[], Sequence[str]]) -> None:
        """Tell vectors that lost everything of all records, as of the change `number`."""
        if self.source is None:
            return
        with self._tolerating():
            self.source.vectors.mend()
            if number and not self.source.cursor():
                told = [Touched(each, number, gone=False) for each in records()]
                self.source.expect(told, number)
                self.source.wake(number)

    def touch(self, change: Change) -> None:
        """A record is about to be committed, or removed."""
        if self.source is not None:
            self._touched[change.record_id] = touched(change)

    def expect(self, number: int) -> None:
        """Tell what was touched; the engine is about to commit the change `number`."""
        if self.source is None:
            return
        self._owed |= self._touched
        self._touched.clear()
        with self._tolerating():
            self.source.expect(list(self._owed.values()), number)
            self._owed.clear()

    def wake(self, number: int) -> None:
        """The change `number` is committed."""
        if self.source is not None:
            self.source.wake(number)

    def clear(self) -> None:
        """The engine forgets everything."""
        self._touched.clear()
        self._owed.clear()
        if self.source is not None:
            with self._tolerating():
                self.source.clear()

    def forget(self) -> None:
        """What was touched is not committed: it comes again."""
        self._touched.clear()

    @contextmanager
    def _tolerating(self) -> Iterator[None]:
        try:
            with panics.as_errors():
                yield
        except EngineUnavailable:
            raise  # of the engine, which was asked for its records
        except Exception as error:  # noqa: BLE001 - words go on whatever it is
            if not self.remark:
                _log.warning("vectors.not_told", reason=f"{type(error).__name__}: {error}")
            self.remark = f"the vectors cannot be written: {error}"
        else:
            self.remark = ""
