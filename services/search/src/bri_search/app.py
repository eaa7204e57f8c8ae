"""A running replica: the engine, the follower that fills it and the server that answers."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import structlog
from bri.search.v1 import search_pb2, search_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import EngineUnavailable
from bri_search.answering import SearchService
from bri_search.following import MESSAGE_BYTES, Follower
from bri_search.intake import Intake
from bri_search.settings import SearchSettings

GRACE_SECONDS = 1.0
CANNOT_START = 2
_SERVICE = search_pb2.DESCRIPTOR.services_by_name["SearchService"].full_name
_OPTIONS = (("grpc.max_send_message_length", MESSAGE_BYTES), ("grpc.so_reuseport", 0))
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica that answers on `port`; `following` only ends by failing."""

    following: "asyncio.Task[None]"
    port: int


def run(settings: SearchSettings) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit status."""
    try:
        asyncio.run(_serve_until_told(settings))
    except (EngineUnavailable, RuntimeError) as reason:
        logger.error("search.cannot_start", reason=str(reason))  # noqa: TRY400 - says it all
        return CANNOT_START
    return 0


@asynccontextmanager
async def replica(settings: SearchSettings) -> AsyncIterator[Replica]:
    """A replica that serves inside the block. Port 0 takes any that is free.

    Raises:
        EngineUnavailable: another process uses the index.
        RuntimeError: the address is in use.
    """
    engine = EmbeddedEngine(settings.data / "index")
    intake = Intake(engine)
    follower = Follower(engine, intake, settings.hub_url, settings.name)
    service = SearchService(engine, follower, settings.workers)
    try:
        async with _served(service, follower, settings) as port, _following(follower) as following:
            logger.info("search.started", port=port, records=engine.count(), cursor=engine.cursor())
            yield Replica(following, port)
    finally:
        service.close()
        intake.close()
        logger.info("search.stopped")


async def _serve_until_told(settings: SearchSettings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with replica(settings) as running:
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait({waiting, running.following}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if running.following.done():
            # An index that silently falls behind is worse than a process that starts again.
            running.following.result()


@asynccontextmanager
async def _served(
    service: SearchService, follower: Follower, settings: SearchSettings
) -> AsyncIterator[int]:
    server = grpc.aio.server(options=_OPTIONS)
    search_pb2_grpc.add_SearchServiceServicer_to_server(service, server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    reflection.enable_server_reflection(
        [_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )
    port = server.add_insecure_port(f"{settings.host}:{settings.port}")
    await server.start()
    announcing = asyncio.create_task(_announce(checks, service, follower))
    try:
        yield port
    finally:
        await _cancel(announcing)
        await server.stop(GRACE_SECONDS)


async def _announce(
    checks: health.aio.HealthServicer, service: SearchService, follower: Follower
) -> None:
    """Say NOT_SERVING until the hub has answered once: an empty index would answer, wrongly."""
    for name in ("", _SERVICE):
        await checks.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
    await service.warm_up()
    await follower.connected.wait()
    for name in ("", _SERVICE):
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)


@asynccontextmanager
async def _following(follower: Follower) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(follower.run())
    try:
        yield task
    finally:
        await _cancel(task)


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
