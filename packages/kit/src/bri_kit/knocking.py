"""How long somebody who is shown the door waits before he knocks again.

Rules:
- each wait is twice as long as the one before, to a minute at the most, and by chance up to half as
  long, so that those who were shown out together do not come back together;
- new credentials are tried at once;
- once let in, it begins anew.
"""

import asyncio
import random
import time
from pathlib import Path

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
LOOK_SECONDS = 0.5
"""How often it is looked whether there are other credentials."""


class Knocking:
    """One who knocks with what is in the file `credentials`, with nothing where that is None. Made
    before he does so for the first time."""

    def __init__(self, credentials: Path | None = None) -> None:
        self._credentials = credentials
        self._known = self._stamp()
        self._next = 0.0

    def let_in(self) -> None:
        """The door is open."""
        self._next = 0.0

    async def wait(self) -> None:
        """Wait until it is time to knock again."""
        self._next = min(max(2 * self._next, FIRST_SECONDS), LONGEST_SECONDS)
        until = time.monotonic() + self._next * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        while (left := until - time.monotonic()) > 0 and self._stamp() == self._known:  # noqa: ASYNC110 - nobody tells of a file
            await asyncio.sleep(min(left, LOOK_SECONDS))
        now = self._stamp()
        if now != self._known:
            # What he knocked with may have been changed already while he did.
            self._known = now
            self.let_in()

    def _stamp(self) -> tuple[int, int] | None:
        """What changes with the file."""
        try:
            found = self._credentials.stat() if self._credentials else None
        except OSError:
            found = None
        return (found.st_mtime_ns, found.st_ino) if found else None
