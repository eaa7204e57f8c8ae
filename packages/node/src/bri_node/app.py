"""Wires a node: profile and settings in, application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from bri_kit import logging, server, signing, web
from bri_kit.ending import end
from bri_kit.vocabulary import routes as vocabulary
from bri_node import journal
from bri_node.api import centre, imports, log, records
from bri_node.indexer import Indexer
from bri_node.journal import Seal
from bri_node.node import Node
from bri_node.profile import NodeSettings, Profile
from bri_node.relay import Pace, Relay
from bri_node.service import Centre
from bri_node.store import open_store
from bri_retrieval.embedded import EmbeddedEngine

INDEX_HEAP_BYTES = 16 * 1024 * 1024
"""A centre's server is modest, and its index small."""


def create_app(profile: Profile, settings: NodeSettings, pace: Pace | None = None) -> FastAPI:
    """The application of one centre. Everything that it keeps is under `settings.data`."""
    parts: list[Parts] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(profile, settings, pace) as opened:
            parts[:] = [opened]
            app.state.node = opened.node
            yield

    async def readiness() -> str | None:
        return await asyncio.to_thread(_problem, parts[0])

    app = web.create_app(
        title=profile.names.get("en", profile.code),
        description="A centre's own platform: its records, their log and a search over them.",
        lifespan=lifespan,
        readiness=[readiness],
        unlimited_paths=[imports.PATH],
    )
    for module in (centre, records, imports, log, vocabulary):
        app.include_router(module.router)
    return app


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that works for one centre in this process."""

    node: Node
    indexer: Indexer
    relay: Relay


@asynccontextmanager
async def running(
    profile: Profile, settings: NodeSettings, pace: Pace | None
) -> AsyncIterator[Parts]:
    """A node at work: opened, indexing and delivering until the end."""
    parts = open_parts(profile, settings, pace)
    parts.indexer.start()
    delivering = asyncio.create_task(parts.relay.run()) if settings.nats_url else None
    try:
        yield parts
    finally:
        if delivering is not None:
            await end(delivering)
        await asyncio.to_thread(_close, parts)


def open_parts(profile: Profile, settings: NodeSettings, pace: Pace | None = None) -> Parts:
    """Open what a node keeps; called within the event loop that then runs the relay.

    Raises:
        bri_node.store.ForeignData: the data directory belongs to another centre.
        bri_kit.signing.KeyFileUnreadable: the key file holds something else.
        bri_retrieval.engine.EngineUnavailable: another process has the index open.
    """
    store = open_store(settings.data, profile.code)
    key = signing.load_or_create(settings.data / "key")
    engine = EmbeddedEngine(settings.data / "index", heap_bytes=INDEX_HEAP_BYTES)
    relay = Relay(store, profile.code, settings.nats_url, pace)
    node = Node(
        profile=profile,
        settings=settings,
        centre=Centre(profile, Seal(profile.code, key)),
        store=store,
        engine=engine,
        progress=relay.progress,
    )
    return Parts(node, Indexer(store, engine), relay)


def _close(parts: Parts) -> None:
    parts.indexer.stop()
    parts.node.engine.close()
    parts.node.store.close()


def _problem(parts: Parts) -> str | None:
    """What keeps the node from serving; the broker and the hub are not among it."""
    try:
        with parts.node.store.reading() as session:
            journal.head_number(session)
    except SQLAlchemyError as error:
        return f"the database does not answer: {error}"
    return parts.indexer.problem or None


def run(profile: Profile) -> None:
    """Run a centre's node as the environment says, until it is told to stop."""
    settings = NodeSettings()
    logging.configure(profile.code, settings.log_level)
    if not settings.port:
        settings = settings.model_copy(update={"port": profile.default_port})
    server.run(create_app(profile, settings), settings.host, settings.port)
