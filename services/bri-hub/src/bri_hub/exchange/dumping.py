"""Makes the daily dump.

Rules:
- it is due once a day at its hour, and where the hub was not there then, as soon as it is;
- it is made from one state of the database, in a thread, and holds up nobody;
- where it fails (a full disk) what was there stays, the log says why, and it is tried again.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine

from bri_exchange.dumps import Dump, Dumps
from bri_hub.exchange.mirroring import read_everything
from bri_hub.repository import epochs
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.clock import now

FOLDER = "dumps"
_AGAIN_SECONDS = 600.0
_LONGEST_WAIT_SECONDS = 3600.0
"""It looks at the clock at least so often, which may be set meanwhile."""

logger = structlog.get_logger()


class Dumping:
    """Makes dumps of one hub."""

    def __init__(self, settings: HubSettings, engine: Engine) -> None:
        self.dumps = Dumps(settings.dumps or settings.data / FOLDER)
        self._settings = settings
        self._engine = engine
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Make each when it is due, until cancelled."""
        if not self._settings.dumps_kept:
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
        async with self._turn:
            dump = await asyncio.to_thread(self._make)
        logger.info("dump.made", name=dump.name, change=dump.change, records=dump.records)
        return dump

    def _make(self) -> Dump:
        with database.reading(self._engine) as session:
            return self.dumps.write(read_everything(session), now(), self._settings.dumps_kept)

    def seconds_left(self) -> float:
        """Until the next is due; 0 where it is."""
        made = self.dumps.list()
        with database.reading(self._engine) as session:
            since = made[0].made_at if made else epochs.first_at(session)
        due = next_due(datetime.fromisoformat(since), self._settings.dump_hour)
        return max(0.0, (due - now()).total_seconds())


def next_due(since: datetime, hour: int) -> datetime:
    """The first time that it is `hour` (UTC) after `since`."""
    due = since.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due > since else due + timedelta(days=1)
