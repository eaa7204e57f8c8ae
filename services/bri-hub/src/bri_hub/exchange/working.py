"""Giving back at work: whoever places items and makes dumps, wired and run."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf

from sqlalchemy import Engine

from bri_exchange.dumping import FOLDER, Dumping, Plan
from bri_exchange.source import Holding
from bri_hub.announcing import Announcements
from bri_hub.exchange.mirroring import opening
from bri_hub.exchange.shelving import Shelving
from bri_hub.repository import epochs
from bri_hub.settings import HubSettings
from bri_kit import database
from bri_kit.ending import end


@dataclass(slots=True)
class Counted:
    """What there is by centre and kind, and until when (of `time.monotonic`) it is not counted
    again: it takes a second where there is a million of records."""

    holdings: Sequence[Holding] = ()
    until: float = -inf


class Exchange:
    """Giving back at a hub: every process answers, one of them places items and makes dumps."""

    def __init__(self, settings: HubSettings, engine: Engine, changes: Announcements) -> None:
        self.shelving = Shelving(engine, changes)
        folder = settings.dumps or settings.data / FOLDER
        plan = Plan(folder, settings.dump_hour, settings.dumps_kept)
        self.dumping = Dumping(plan, opening(engine), lambda: _begun(engine))
        self.counted = Counted()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Items are placed and dumps made, inside the block."""
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("exchange.shelving", self.shelving.run()),
                ("exchange.dumping", self.dumping.run()),
            )
        ]
        try:
            yield
        finally:
            await asyncio.gather(*map(end, tasks))


def _begun(engine: Engine) -> str:
    with database.reading(engine) as session:
        return epochs.first_at(session)
