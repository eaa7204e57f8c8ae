"""Entries at the broker that cannot be stored: since when, why, and how many of each centre.

Rules:
- it begins with the first step of ingest that fails, and ends when a batch is stored;
- while it lasts the broker is asked every LOOK_SECONDS for the newest entry of each centre; the
  number in it is what its centre says, and is shown, never acted on;
- nothing is kept: the entries are safe at the broker, and come again after a restart.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import nats.errors
import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.js.client import JetStreamContext
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bri_hub import measures
from bri_hub.repository import catalogue
from bri_kit import clock, database, storage, transport
from bri_kit.errors import StorageFull

LOOK_SECONDS = 1.0

logger = structlog.get_logger()


@dataclass(slots=True)
class Backlog:
    """Belongs to one event loop. `since` is empty while everything is stored (RFC 3339);
    `newest` are the numbers of the newest entries at the broker, by centre."""

    since: str = ""
    reason: str = ""
    is_full: bool = False
    newest: dict[str, int] = field(default_factory=dict)

    def failed(self, error: BaseException) -> None:
        """Take in that a step failed; it will be tried again."""
        fact = storage.explain(error)
        self.reason = fact.detail if fact else storage.reason(error)
        self.is_full = isinstance(fact, StorageFull)
        if not self.since:
            self.since = clock.timestamp()
            logger.error("ingest.waits", reason=storage.reason(error))

    def stored(self) -> None:
        """Take in that a batch was stored."""
        if self.since:
            logger.warning("ingest.goes_on", waited_since=self.since)
            measures.UNSTORED.clear()
            self.since, self.reason, self.is_full = "", "", False
            self.newest.clear()

    def waiting(self, centre: str, number: int) -> int:
        """How many entries of a centre wait, whose log is stored up to `number`."""
        return max(0, self.newest.get(centre, 0) - number)


async def watch(client: Client, backlog: Backlog, engine: Engine) -> None:
    """Keep `backlog` as the broker knows it, for ever."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not backlog.since:
            continue
        try:
            backlog.newest.update(await _newest(client.jetstream()))
            stored = await asyncio.to_thread(_heads, engine)
        except (nats.errors.Error, OSError, SQLAlchemyError) as error:
            logger.warning("backlog.unknown", error=repr(error))
            continue
        for centre, number in stored.items():
            measures.UNSTORED.labels(centre).set(backlog.waiting(centre, number))


def _heads(engine: Engine) -> Mapping[str, int]:
    """Up to which number each centre's log is stored."""
    with database.reading(engine) as session:
        return {each.code: each.number for each in catalogue.list_centres(session)}


async def _newest(jetstream: JetStreamContext) -> Mapping[str, int]:
    """The number of the newest entry of each centre that the broker holds."""
    pattern = transport.log_subject("*")
    info = await jetstream.stream_info(transport.STREAM, subjects_filter=pattern)
    found = {}
    for subject in info.state.subjects or {}:
        try:
            message = await jetstream.get_last_msg(transport.STREAM, subject)
            signed = log_pb2.SignedEntry.FromString(message.data or b"")
            number = log_pb2.Entry.FromString(signed.entry).number
        except (nats.errors.Error, DecodeError):
            continue  # no entry, or gone again
        found[transport.centre_of_subject(subject)] = number
    return found
