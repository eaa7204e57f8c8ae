"""Makes the daily dump.

Rules:
- it is due once a day at its hour, and where the service was not there then, as soon as it is;
- it is made from one state of the database, in a thread, and holds up nobody;
- where it fails (a full disk) what was there stays, the log says why, and it is tried again;
- a service that ends does not wait for it: it is given up at its next line.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import structlog

from bri_exchange.dumps import Dump, Dumps
from bri_exchange.mirroring import ChangeLog, read_everything
from bri_kit.clock import now

FOLDER = "dumps"
_AGAIN_SECONDS = 600.0
_LONGEST_WAIT_SECONDS = 3600.0
"""It looks at the clock at least so often, which may be set meanwhile."""

logger = structlog.get_logger()


Line = tuple[bytes, bool]


class GivenUp(Exception):
    """The service ends, and nobody waits for the dump."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Dumps go into `folder`, at `hour` (UTC); the newest `kept` stay, and where that is 0 none is
    made."""

    folder: Path
    hour: int
    kept: int


class Dumping:
    """Makes dumps of the log that `open_log` opens, of which `begun` tells since when there is one
    (RFC 3339); empty where there is none yet. Both are called in threads."""

    def __init__(
        self,
        plan: Plan,
        open_log: Callable[[], AbstractContextManager[ChangeLog]],
        begun: Callable[[], str],
    ) -> None:
        self.dumps = Dumps(plan.folder)
        self._plan = plan
        self._open_log = open_log
        self._begun = begun
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Make each when it is due, until cancelled."""
        if not self._plan.kept:
            return
        while True:
            try:
                wait = await asyncio.to_thread(self.seconds_left)
                if not wait:
                    await self.make()
            except Exception:
                logger.exception("dump.failed", again_in_seconds=_AGAIN_SECONDS)
                wait = _AGAIN_SECONDS
            await asyncio.sleep(min(wait, _LONGEST_WAIT_SECONDS))

    async def make(self) -> Dump:
        """Make one now.

        Raises:
            OSError: the disk is full, say; what was there is there.
        """
        given_up = Event()
        async with self._turn:
            try:
                dump = await asyncio.to_thread(self._make, given_up)
            finally:
                given_up.set()
        logger.info("dump.made", name=dump.name, change=dump.change, records=dump.records)
        return dump

    def _make(self, given_up: Event) -> Dump:
        with self._open_log() as log:
            contents = read_everything(log)
            lines = _until(given_up, contents.lines)
            return self.dumps.write(replace(contents, lines=lines), now(), self._plan.kept)

    def seconds_left(self) -> float:
        """Until the next is due; 0 where it is. Nothing is due of a log that has not begun."""
        made = self.dumps.list()
        since = made[0].made_at if made else self._begun()
        if not since:
            return _LONGEST_WAIT_SECONDS
        due = next_due(datetime.fromisoformat(since), self._plan.hour)
        return max(0.0, (due - now()).total_seconds())


def _until(given_up: Event, lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        if given_up.is_set():
            raise GivenUp
        yield line


def next_due(since: datetime, hour: int) -> datetime:
    """The first time that it is `hour` (UTC) after `since`."""
    due = since.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due > since else due + timedelta(days=1)
