"""What is remembered of an index beside its files: whether it was closed, and when it was damaged.

Rules:
- the note lies beside the folder of the index, which is removed where it is damaged;
- an index that was not closed may have ended its process: its files are checked before it is used;
- an index that was damaged OFTEN times within an hour is filled again only after a pause, which
  doubles each time: its disk may be failing, and filling costs everybody;
- without room for the note everything goes on without it.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

OFTEN = 3
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0
_HOUR = 3_600.0
_KEPT = 20


class Condition:
    """The note on the index in the folder `index`."""

    def __init__(self, index: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = index.with_name(f"{index.name}.condition.json")
        self._clock = clock
        self._is_open, self._damaged = False, list[float]()
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._path.read_bytes())
            self._is_open, self._damaged = bool(kept["open"]), [*map(float, kept["damaged"])]

    @property
    def was_left_open(self) -> bool:
        """Whether the process that used the index last did not close it."""
        return self._is_open

    @property
    def times_damaged(self) -> int:
        """How often the index was damaged within the last hour."""
        now = self._clock()
        return sum(0 <= now - each < _HOUR for each in self._damaged)

    @property
    def pause(self) -> float:
        """Seconds until the index may be filled again."""
        if self.times_damaged < OFTEN:
            return 0.0
        pause: float = min(FIRST_PAUSE * 2.0 ** (self.times_damaged - OFTEN), LONGEST_PAUSE)
        return max(max(self._damaged) + pause - self._clock(), 0.0)

    def opened(self) -> None:
        """Note that the index is in use."""
        self._is_open = True
        self._keep()

    def closed(self) -> None:
        """Note that the index is not in use any more."""
        self._is_open = False
        self._keep()

    def damaged(self) -> None:
        """Note that the index was damaged."""
        self._damaged = [*self._damaged, self._clock()][-_KEPT:]
        self._keep()

    def _keep(self) -> None:
        new = self._path.with_suffix(".new")
        try:
            new.write_text(json.dumps({"open": self._is_open, "damaged": self._damaged}))
            new.replace(self._path)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
