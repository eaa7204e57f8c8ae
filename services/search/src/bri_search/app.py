"""A running replica: the engine, the follower that fills it and the server that answers."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from socket import socket

import grpc
import structlog
from bri.search.v1 import search_pb2, search_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from uvicorn.loops.auto import auto_loop_factory

from bri_retrieval.engine import Engine, EngineUnavailable
from bri_retrieval.meaning.embedder import open_embedder
from bri_search import measures, operations
from bri_search.answering import SearchService
from bri_search.capacity import Capacity
from bri_search.embedding import Embedding
from bri_search.engines import open_engine
from bri_search.following import MESSAGE_BYTES, Follower
from bri_search.intake import Intake
from bri_search.linking import Linking
from bri_search.settings import SearchSettings

GRACE_SECONDS = 1.0
ENGINE_AWAY_SECONDS = 0.5
"""So long an engine that is away is left alone before its first question."""

CANNOT_START = 2
_SERVICE = search_pb2.DESCRIPTOR.services_by_name["SearchService"].full_name
_OPTIONS = (
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    # A hub may look every few seconds whether the line is still there, also between questions.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
)
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica that answers on `port`, and operators on `http_port`; `following` only ends by
    failing."""

    following: "asyncio.Task[None]"
    port: int
    http_port: int


def run(settings: SearchSettings) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit status."""
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_serve_until_told(settings))
    except (EngineUnavailable, RuntimeError, ValueError) as reason:
        logger.error("search.cannot_start", reason=str(reason))  # noqa: TRY400 - says it all
        return CANNOT_START
    return 0


@asynccontextmanager
async def replica(settings: SearchSettings) -> AsyncIterator[Replica]:
    """A replica that serves inside the block. Port 0 takes any that is free.

    Raises:
        EngineUnavailable: another process uses the index.
        RuntimeError: the address is in use.
        ValueError: the setting of the embedder names none.
    """
    listening = operations.bind(settings)
    try:
        engine = await open_engine(settings)
    except EngineUnavailable:
        listening.close()
        raise
    embedder = open_embedder(settings.embedder, settings.embedder_key.get_secret_value())
    intake = Intake(engine)
    linking = Linking(engine, lambda: embedding.meaning, intake.run)
    intake.on_story = linking.tell
    embedding = Embedding(
        engine, settings.data / "meaning", embedder, linking.tell, settings.embedder_passages
    )
    follower = Follower(engine, intake, settings.hub_url, settings.name, settings.read_hub_token)
    capacity = Capacity(settings.workers, settings.most_questions, settings.deadline_seconds)
    service = SearchService(engine, follower, embedding, linking, capacity)
    try:
        await asyncio.to_thread(embedding.start)
        with _measured(engine, follower, embedding, linking):
            async with (
                _served(service, follower, settings) as port,
                _told_to_operators(service, follower, listening, settings),
                _following(follower) as following,
                _linking(linking),
            ):
                logger.info("search.started", port=port, engine=engine.name)
                yield Replica(following, port, listening.getsockname()[1])
    finally:
        listening.close()
        capacity.close()
        # What is applied last is told to the vectors: they go after the index.
        intake.close()
        embedding.close()
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
    await _warm_up(service)
    await follower.connected.wait()
    for name in ("", _SERVICE):
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)


async def _warm_up(service: SearchService) -> None:
    while not service.warm:
        try:
            await service.warm_up()
        except EngineUnavailable:
            await asyncio.sleep(ENGINE_AWAY_SECONDS)


@asynccontextmanager
async def _told_to_operators(
    service: SearchService, follower: Follower, listening: socket, settings: SearchSettings
) -> AsyncIterator[None]:
    async def ready() -> str | None:
        if not follower.connected.is_set():
            return "The hub has not answered yet."
        return None if service.warm else "The dictionaries are being loaded."

    async def remark() -> str | None:
        return "; ".join(await asyncio.to_thread(service.remarks)) or None

    task = asyncio.create_task(operations.serve(listening, settings, ready, remark))
    try:
        yield
    finally:
        await _cancel(task)


def _measured(
    engine: Engine, follower: Follower, embedding: Embedding, linking: Linking
) -> AbstractContextManager[None]:
    return measures.watching(
        {
            "cursor": engine.cursor,
            "lag": lambda: max(follower.head - engine.cursor(), 0),
            "records": engine.count,
            "backlog": lambda: embedding.backlog,
            "set_aside_meaning": lambda: embedding.set_aside,
            "meaning": lambda: bool(embedding.name),
            "set_aside": lambda: len(engine.set_aside()),
            "not_linked": lambda: len(linking.set_aside),
            "impaired": lambda: bool(engine.remark()),
        }
    )


@asynccontextmanager
async def _following(follower: Follower) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(follower.run())
    try:
        yield task
    finally:
        await _cancel(task)


@asynccontextmanager
async def _linking(linking: Linking) -> AsyncIterator[None]:
    task = asyncio.create_task(linking.run())
    try:
        yield
    finally:
        await _cancel(task)


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
