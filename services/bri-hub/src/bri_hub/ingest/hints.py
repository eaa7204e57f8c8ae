"""What the hub says to centres: receipts, where their logs stand, and what is missing of them.

All of it is a hint: where one is lost, whoever is behind asks again.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import nats.errors
import structlog
from bri.log.v1 import log_pb2
from nats.aio.client import Client
from sqlalchemy import Engine

from bri_hub import measures
from bri_hub.domain import Gap
from bri_hub.ingest.pipeline import Outcome, missing_next
from bri_hub.repository import catalogue, journal
from bri_hub.repository.receipts import standing
from bri_hub.resending import Reminders
from bri_kit import database, transport

logger = structlog.get_logger()


class Hints:
    """Speaks to centres of what the database holds; not more often of one gap than `reminders`
    allow."""

    def __init__(self, engine: Engine, reminders: Reminders) -> None:
        self._engine = engine
        self._reminders = reminders

    async def tell(self, client: Client, outcome: Outcome) -> None:
        """Tell what became of a batch, and ask for what is missing."""
        for receipts in outcome.receipts:
            await _send(client, receipts)
        for centre, missing in outcome.gaps.items():
            await self._request(client, centre, missing)

    async def tell_standings(self, client: Client) -> None:
        """Tell every centre up to where its log is held."""
        for receipts in await asyncio.to_thread(self._standings):
            await _send(client, receipts)

    async def request_missing(self, client: Client) -> None:
        """Ask for all that is missing, also of centres that have gone silent.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not tell what is missing.
        """
        for centre, gap in (await asyncio.to_thread(self._missing)).items():
            await self._request(client, centre, gap)

    def _standings(self) -> list[log_pb2.Receipts]:
        with database.reading(self._engine) as session:
            return [standing(session, centre.code) for centre in catalogue.list_centres(session)]

    def _missing(self) -> dict[str, Gap | None]:
        with database.reading(self._engine) as session:
            behind = journal.centres_behind(session)
            measures.LAG.clear()
            for centre in behind:
                measures.LAG.labels(centre.code).set(centre.newest - centre.number)
            return {centre.code: missing_next(session, centre) for centre in behind}

    async def _request(self, client: Client, centre: str, missing: Gap | None) -> None:
        gap = self._reminders.next_request(centre, missing, time.monotonic())
        if gap is None:
            return
        logger.warning("log.gap", centre=centre, first=gap.first, last=gap.last)
        measures.RESEND_REQUESTS.labels(centre).inc()
        request = log_pb2.ResendRequest(first=gap.first, last=gap.last)
        with hinting():
            await client.publish(transport.resend_subject(centre), request.SerializeToString())


async def _send(client: Client, receipts: log_pb2.Receipts) -> None:
    with hinting():
        subject = transport.receipt_subject(receipts.centre)
        await client.publish(subject, receipts.SerializeToString())


@contextmanager
def hinting() -> Iterator[None]:
    """What is said in here may be lost: an acknowledgement comes again, a hint is asked for."""
    try:
        yield
    except nats.errors.Error as error:
        logger.warning("hint.lost", error=repr(error))
