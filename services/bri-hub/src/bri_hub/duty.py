"""What one process of the hub does for all of them, while it holds the lease: it ingests, serves
the change log, tells those who follow searches, and makes dumps.

Rules:
- the first attempt is made before the process serves, so a hub that is alone is whole from its
  start; later ones every RETRY_SECONDS, which is how long a hub stands still whose holder ended;
- every holding begins an epoch of the change log, and only the holder listens on its port: a
  follower that has several addresses finds it by connecting;
- where the lease is lost, everything ends before it is tried for again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import grpc
import structlog
from nats.aio.client import Client

from bri_hub import backlog
from bri_hub.alerts.working import Telling
from bri_hub.changes import ChangeLog, serve_changes
from bri_hub.followers import load_token
from bri_hub.ingest.comparing import answering_comparisons
from bri_hub.ingest.loop import Ingest
from bri_hub.ingest.pipeline import EpochOver
from bri_hub.ingest.receipts import answering_requests
from bri_hub.lease import Lease, lease_of
from bri_hub.parts import Parts
from bri_hub.repository import epochs
from bri_kit import database, storage, transport
from bri_kit.ending import end, together

RETRY_SECONDS = 0.5
CHECK_SECONDS = 1.0
_GRACE_SECONDS = 0.5
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0

logger = structlog.get_logger()


@asynccontextmanager
async def standing_by(parts: Parts, telling: Telling) -> AsyncIterator[None]:
    """Inside the block the process does its duty whenever it holds the lease."""
    lease = lease_of(parts.engine)
    stack = AsyncExitStack()
    first = await asyncio.to_thread(lease.take)
    try:
        if first:
            first = await _begin(lease, stack, parts, telling)
        else:
            logger.info("lease.elsewhere")
        watching = asyncio.create_task(_watch(lease, stack, parts, telling, held=first))
        try:
            yield
        finally:
            await end(watching)
    finally:
        await stack.aclose()
        await asyncio.to_thread(lease.release)


async def _begin(lease: Lease, stack: AsyncExitStack, parts: Parts, telling: Telling) -> bool:
    """The first attempt: False where disk or database are why it fails. Readers are answered all
    the same, and it is tried again."""
    try:
        await stack.enter_async_context(_on_duty(parts, telling))
    except Exception as error:
        fact = storage.explain(error)
        if fact is None:
            raise
        parts.backlog.failed(error)
        logger.error("duty.not_begun", reason=fact.title)  # noqa: TRY400 - the reason is all
        await asyncio.to_thread(lease.release)
        return False
    return True


async def _watch(
    lease: Lease, stack: AsyncExitStack, parts: Parts, telling: Telling, *, held: bool
) -> None:
    """Hold the lease as long as it can be held, and take it again when it can be taken."""
    while True:
        if held:
            await _until_lost(lease)
            logger.warning("lease.lost")
            await stack.aclose()
            await asyncio.to_thread(lease.release)
        held = await _take(lease, stack, parts, telling)
        if not held:
            await asyncio.sleep(RETRY_SECONDS)


async def _until_lost(lease: Lease) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                if not await asyncio.to_thread(lease.is_held):
                    return
        except TimeoutError:
            return


async def _take(lease: Lease, stack: AsyncExitStack, parts: Parts, telling: Telling) -> bool:
    if not await asyncio.to_thread(lease.take):
        return False
    try:
        await stack.enter_async_context(_on_duty(parts, telling))
    except Exception as error:
        # The port may still be another's, or the database be gone again.
        if storage.explain(error) is None:
            logger.exception("duty.not_begun", again_in_seconds=RETRY_SECONDS)
        else:
            parts.backlog.failed(error)
        await asyncio.to_thread(lease.release)
        return False
    logger.info("lease.taken")
    return True


@asynccontextmanager
async def _on_duty(parts: Parts, telling: Telling) -> AsyncIterator[None]:
    """Everything that only one process does, at work."""
    settings = parts.settings
    async with AsyncExitStack() as stack:
        with database.writing(parts.engine) as session:
            epoch = epochs.begin(session)
        log = ChangeLog(parts.engine, parts.announcements, parts.reaches, parts.tell_centre)
        address = f"{settings.changes_host}:{settings.changes_port}"
        token = await asyncio.to_thread(load_token, settings)
        changes, parts.changes_port = await serve_changes(log, address, token)
        stack.push_async_callback(_stop_serving, changes, parts)
        ingest = Ingest(
            parts.engine,
            parts.announcements,
            parts.reminders,
            settings.brake,
            epoch,
            settings.stream_replicas,
            parts.backlog,
        )
        stack.callback(ingest.close)
        following = asyncio.create_task(_follow_centres(parts, ingest))
        stack.push_async_callback(end, following)
        await stack.enter_async_context(telling.at_work())
        if parts.exchange is not None:
            await stack.enter_async_context(parts.exchange.at_work())
        yield


async def _stop_serving(changes: grpc.aio.Server, parts: Parts) -> None:
    parts.changes_port = 0
    await changes.stop(_GRACE_SECONDS)


async def _follow_centres(parts: Parts, ingest: Ingest) -> None:
    """Ingest and answer for ever, as soon as the broker can be reached."""
    while True:
        client = await parts.broker()
        with suppress(transport.ConnectionEnded):
            await together(_keep_ingesting(client, parts, ingest), client.until_ended())
        await asyncio.sleep(_PAUSE_SECONDS)


async def _keep_ingesting(client: Client, parts: Parts, ingest: Ingest) -> None:
    async with _answering(client, parts):
        while True:
            try:
                await ingest.run(client)
            except EpochOver:
                logger.warning("epoch.over")  # the lease is gone, as will be seen in a moment
                return
            except Exception as error:
                logger.exception("ingest.ended", again_in_seconds=_PAUSE_SECONDS)
                if storage.explain(error):
                    parts.backlog.failed(error)
                await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def _answering(client: Client, parts: Parts) -> AsyncIterator[None]:
    """Centres' questions are answered inside the block."""
    async with (
        answering_requests(client, parts.engine, parts.reaches),
        answering_comparisons(client, parts.engine, parts.announcements),
    ):
        looking = asyncio.create_task(backlog.watch(client, parts.backlog, parts.engine))
        try:
            yield
        finally:
            await end(looking)
