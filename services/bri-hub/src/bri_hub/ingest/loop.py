"""The way in: batches from JetStream to the database, and answers back to the centres.

Rules:
- one batch is received while another is read and a third is written, each in its own thread, and
  in the order of their arrival;
- the broker is told after the commit, never before: what was not stored comes again;
- a batch that the database does not take is tried again until it does, and nothing passes it;
- when it begins it goes back in the stream to where the database has come, and tells every centre
  where its log stands: a hub that was restored has lost what it had told.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import nats.errors
import structlog
from bri.log.v1 import log_pb2
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bri_hub import measures
from bri_hub.announcing import Announcements
from bri_hub.backlog import Backlog
from bri_hub.brake import Limits
from bri_hub.ingest.hints import Hints, hinting
from bri_hub.ingest.pipeline import (
    Arrival,
    Batch,
    EpochOver,
    Outcome,
    apply_batch,
    find_released,
    read_batch,
)
from bri_hub.ingest.rewinding import rewind
from bri_hub.ingest.storekeeping import keep_store
from bri_hub.repository.positions import Position
from bri_hub.resending import Reminders
from bri_kit import database, storage, transport
from bri_kit.consuming import Consumer
from bri_kit.ending import end
from bri_kit.transport import centre_of_subject

MAX_BATCH = 1_000
REMIND_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

Given = TypeVar("Given")
Result = TypeVar("Result")

logger = structlog.get_logger()


class Ingest:
    """Follows all centres' logs. `run` does not end by itself."""

    def __init__(
        self,
        engine: Engine,
        announcements: Announcements,
        reminders: Reminders | None = None,
        limits: Limits | None = None,
        epoch: str = "",
        replicas: int = 1,
        backlog: Backlog | None = None,
    ) -> None:
        """`epoch` is the one that must last for anything to be stored, where it is not empty;
        `replicas` of the broker's stream are kept; `backlog` is told what cannot be stored."""
        self._backlog = backlog or Backlog()
        self._replicas = replicas
        self._engine = engine
        self._epoch = epoch
        self._limits = limits or Limits()
        self._announcements = announcements
        self._hints = Hints(engine, reminders or Reminders())
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest-read")
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest-write")

    async def run(self, client: Client) -> None:
        """Take in what comes over `client`, for ever."""
        consumer = await _start_consumer(client, self._engine, self._replicas)
        await self._hints.tell_standings(client)
        reminding = asyncio.create_task(self._remind(client))
        keeping = asyncio.create_task(keep_store(client))
        writing = asyncio.create_task(asyncio.sleep(0))
        try:
            while True:
                messages = await consumer.next_batch(MAX_BATCH)
                arrivals = [
                    Arrival(centre_of_subject(each.subject), each.data)
                    for each in messages
                    if not transport.is_brokers(each.data)
                ]
                batch = await self._insist(self._reader, read_batch, arrivals)
                position = _position(consumer, messages[-1])
                batch = replace(batch, position=position, limits=self._limits, epoch=self._epoch)
                await writing
                done = self._store(client, consumer, batch, messages[-1])
                writing = asyncio.create_task(done)
        finally:
            await end(keeping)
            await end(reminding)
            await end(writing)
            with hinting():
                await consumer.stop()

    def close(self) -> None:
        """Wait for the batches that are being read and written."""
        self._reader.shutdown()
        self._writer.shutdown()

    async def _store(self, client: Client, consumer: Consumer, batch: Batch, last: Msg) -> None:
        with measures.BATCH_SECONDS.time():
            outcome = await self._insist(self._writer, apply_batch, batch)
        self._backlog.stored()
        with hinting():
            await consumer.acknowledge(last)
        await self._tell(client, outcome)

    async def _tell(self, client: Client, outcome: Outcome) -> None:
        self._announcements.announce()
        _measure(outcome)
        await self._hints.tell(client, outcome)

    async def _insist(
        self, executor: Executor, step: Callable[[Engine, Given], Result], given: Given
    ) -> Result:
        """The result of `step`, tried until there is one.

        Raises:
            EpochOver: it is another process's to store.
        """
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await loop.run_in_executor(executor, step, self._engine, given)
            except EpochOver:
                raise
            except Exception as error:  # noqa: BLE001 - logged below
                # Whatever it is, the entries are safe at the broker and must not be passed over.
                _log_failure(error, step.__name__, pause)
                self._backlog.failed(error)
                measures.FAILURES.inc()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _remind(self, client: Client) -> None:
        """Ask again for what is still missing, also of centres that have gone silent."""
        while True:
            await asyncio.sleep(REMIND_SECONDS)
            try:
                await self._hints.request_missing(client)
            except SQLAlchemyError as error:
                logger.warning("gaps.unknown", error=repr(error))
                continue
            await self._take_released(client)

    async def _take_released(self, client: Client) -> None:
        """Take in what waited for a decision of the hub's admin, or for nothing any more."""
        released = await asyncio.to_thread(self._released)
        if released:
            empty = dict.fromkeys(released, ())
            batch = Batch(empty, {}, limits=self._limits, epoch=self._epoch)
            await self._tell(client, await self._insist(self._writer, apply_batch, batch))

    def _released(self) -> list[str]:
        with database.reading(self._engine) as session:
            return find_released(session)


def _log_failure(error: Exception, step: str, pause: float) -> None:
    fact = storage.explain(error)
    if fact is None:
        logger.exception("ingest.failed", step=step, retry_seconds=pause)
    else:  # where the disk is full, a traceback every few seconds would fill what is left
        logger.error("ingest.failed", step=step, reason=fact.title, retry_seconds=pause)


def _position(consumer: Consumer, last: Msg) -> Position:
    return Position(consumer.stream, last.metadata.sequence.stream)


async def _start_consumer(client: Client, engine: Engine, replicas: int) -> Consumer:
    """A consumer that has begun; JetStream may be a while in coming."""
    while True:
        consumer = Consumer(client, replicas)
        try:
            await rewind(client, engine, replicas)
            await consumer.start()
        except (nats.errors.Error, OSError) as error:
            logger.warning("stream.unavailable", error=repr(error))
            await asyncio.sleep(1)
        else:
            return consumer


def _measure(outcome: Outcome) -> None:
    measures.HEAD.set(outcome.head)
    for alarm in outcome.alarms:
        logger.error(alarm.event, centre=alarm.centre, detail=alarm.detail)
        measures.ALARMS.labels(alarm.event, alarm.centre).inc()
    for centre, refused in outcome.refused:
        logger.warning("entry.refused", centre=centre, fault=refused.fault, hash=refused.hash.hex())
        measures.REFUSED.labels(refused.fault).inc()
    for receipts in outcome.receipts:
        for verdict, count in Counter(each.verdict for each in receipts.receipts).items():
            name = log_pb2.Verdict.Name(verdict).removeprefix("VERDICT_").lower()
            measures.ENTRIES.labels(name).inc(count)
