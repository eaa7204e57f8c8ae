"""Wires a node: profile and settings in, application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError

from bri_exchange.dumping import FOLDER, Dumping, Plan
from bri_kit import file_modes, logging, metrics, server, storage, web
from bri_kit.access import Access
from bri_kit.ending import end
from bri_kit.set_aside import count_set_aside
from bri_kit.signing import KeyFileUnreadable
from bri_kit.unusable import refusing
from bri_kit.vocabulary import routes as vocabulary
from bri_node import journal, keys, mirroring
from bri_node.api import centre, imports, log, records, sources
from bri_node.desk import scheduling
from bri_node.desk.mounting import create_desk
from bri_node.exchange import add_exchange
from bri_node.gate import Gate
from bri_node.harvesting.running import run as harvest
from bri_node.indexer import Indexer
from bri_node.keys import KeyFile, KeyLost, Seal
from bri_node.migrations import SCHEMA
from bri_node.node import Node
from bri_node.pages import create_pages, site_of
from bri_node.patience import Pace
from bri_node.profile import NodeSettings, Profile
from bri_node.relay import Relay
from bri_node.service import Centre
from bri_node.store import Store, open_store
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

    async def remark() -> str | None:
        return _remark(parts[0].node)

    async def indexing() -> str | None:
        return parts[0].indexer.problem or None

    async def room() -> str | None:
        return parts[0].node.store.health.remark(settings.data)

    app = web.create_app(
        title=profile.names.get("en", profile.code),
        description="A centre's own platform: its records, their log and a search over them.",
        lifespan=lifespan,
        settings=settings,
        readiness=[readiness],
        remarks=[remark, indexing, room],
        languages=profile.languages,
    )
    for module in (centre, records, imports, log, sources, vocabulary):
        web.add_routes(app, module.router)
    web.add_routes(app, sources.decisions)

    @app.get("/desk", include_in_schema=False)
    async def lead_to_desk() -> Response:
        return RedirectResponse("/desk/", status_code=308)

    site = site_of(profile, settings)
    app.mount("/desk", create_desk(settings, site, lambda: parts[0].node))
    add_exchange(app, settings, site, lambda: parts[0].node)
    app.mount("/", create_pages(site, lambda: parts[0].node))
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
    parts.node.store.health.begin_check()
    metrics.STORAGE_FREE.set_function(lambda: storage.free(settings.data))
    parts.indexer.start()
    work = [scheduling.run(parts.node), parts.node.dumping.run()]
    if settings.harvest:
        work.append(harvest(parts.node))
    if settings.nats_url:
        work.append(parts.relay.run())
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield parts
    finally:
        await asyncio.gather(*map(end, tasks))
        await asyncio.to_thread(_close, parts)


def open_parts(profile: Profile, settings: NodeSettings, pace: Pace | None = None) -> Parts:
    """Open what a node keeps; called within the event loop that then runs the relay.

    Raises:
        bri_node.store.ForeignData: the data directory belongs to another centre.
        bri_kit.unusable.DatabaseUnusable: the database is newer, or cannot be opened.
        bri_kit.signing.KeyFileUnreadable: the key file holds something else.
        bri_node.keys.KeyLost: it holds a key that does not sign this centre's log.
        bri_retrieval.engine.EngineUnavailable: another process has the index open.
    """
    store = open_store(settings.data, profile.code, settings.database_address)
    try:
        return _assembled(profile, settings, pace or Pace(compare=settings.resync_seconds), store)
    except BaseException:
        store.close()
        raise


def _assembled(profile: Profile, settings: NodeSettings, pace: Pace, store: Store) -> Parts:
    # Who has only just made a key has no log to lose, and who has no hub nobody to ask.
    may_have_lost = bool(settings.nats_url) and (settings.data / "key").exists()
    gate = Gate(pace.hold if may_have_lost else 0.0)
    seal = Seal(profile.code, KeyFile(settings.data / "key"), gate)
    with store.writing() as session:
        keys.signing_key(session, seal)
    engine = EmbeddedEngine(settings.data / "index", heap_bytes=INDEX_HEAP_BYTES)
    indexer = Indexer(store, engine, profile.code, engine.reopen)
    access = Access(settings.nats_credentials, profile.code, settings.nats_ca)
    relay = Relay(store, seal, settings.nats_url, pace, indexer.begin_anew, access)
    node = Node(
        profile=profile,
        settings=settings,
        centre=Centre(profile, seal),
        store=store,
        engine=engine,
        progress=relay.progress,
        reconciler=relay.reconciler,
        dumping=_dumping(settings, store),
    )
    return Parts(node, indexer, relay)


def check_data(profile: Profile, settings: NodeSettings) -> None:
    """Look whether the data can be used, before anything is begun.

    Raises:
        bri_kit.unusable.DatabaseUnusable: the database is another's or newer, or cannot be opened.
        bri_kit.signing.KeyFileUnreadable, bri_node.keys.KeyLost: the key is not what it was.
    """
    store = open_store(settings.data, profile.code, settings.database_address)
    try:
        with store.reading() as session:
            keys.find(session, Seal(profile.code, KeyFile(settings.data / "key")))
    finally:
        store.close()


def _dumping(settings: NodeSettings, store: Store) -> Dumping:
    plan = Plan(settings.data / FOLDER, settings.dump_hour, settings.dumps_kept)
    return Dumping(plan, mirroring.opening(store), lambda: mirroring.first_at(store))


def _close(parts: Parts) -> None:
    parts.indexer.stop()
    parts.node.engine.close()
    parts.node.store.close()


def _problem(parts: Parts) -> str | None:
    """What keeps the node from answering readers; broker, hub and the index are not among it."""
    if problem := parts.node.store.health.problem:
        return problem
    try:
        with parts.node.store.reading() as session:
            journal.head_number(session)
    except SQLAlchemyError as error:
        return parts.node.store.health.problem or f"the database does not answer: {error}"
    return None


def _remark(node: Node) -> str | None:
    """What the centre's operator should know, and readers need not."""
    remarks = []
    if (progress := node.progress()).is_shown_out:
        remarks.append(
            f"nothing is delivered to the hub: {progress.problem}. Ask the hub's operator"
        )
    if count := count_set_aside():
        remarks.append(f"{count} revisions of records cannot be shown or given out; see the log")
    return "; ".join(remarks) or None


def run(profile: Profile, settings: NodeSettings | None = None) -> None:
    """Run a centre's node as it is told, by the environment where not otherwise, until a signal."""
    settings = settings or NodeSettings()
    logging.configure(profile.code, settings.log_level)
    file_modes.restrict()
    file_modes.tighten(settings.data)
    if not settings.port:
        settings = settings.model_copy(update={"port": profile.default_port})
    with refusing(KeyLost, KeyFileUnreadable, remedy=SCHEMA.remedy):
        check_data(profile, settings)
    server.run(create_app(profile, settings), settings)
