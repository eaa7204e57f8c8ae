"""The hub's application: it wires the parts, and is the only one that knows all of them.

The API serves whether or not the broker or the search service are there; ingest begins when the
broker can be reached, and begins again should anything end it, in whichever process holds the
lease (`duty`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bri_hub import credentials
from bri_hub.alerts import sealing
from bri_hub.alerts.working import Telling
from bri_hub.api import administration, centres, joining, records, search, stories
from bri_hub.connecting import open_accounts, stay_connected
from bri_hub.duty import standing_by
from bri_hub.exchange.routes import add_exchange
from bri_hub.exchange.working import Exchange
from bri_hub.migrations import SCHEMA
from bri_hub.parts import Parts
from bri_hub.portal import LANGUAGES, create_portal, hub_site, hub_topics
from bri_hub.repository import changelog, shown_entries
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings
from bri_hub.tables import open_database
from bri_kit import authority, database, file_modes, logging, metrics, server, storage, web
from bri_kit.database_health import health_of
from bri_kit.ending import end
from bri_kit.errors import BriError
from bri_kit.signing import KeyFileUnreadable
from bri_kit.unusable import refusing
from bri_kit.vocabulary import routes as vocabulary


def create_app(settings: HubSettings) -> FastAPI:
    """The hub as an application; everything is started and ended by its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(settings) as parts:
            app.state.parts = parts
            yield

    async def readiness() -> str | None:
        parts: Parts = app.state.parts
        return await asyncio.to_thread(_problem, parts.engine)

    async def remark() -> str | None:
        return await _remarks(app.state.parts)

    app = web.create_app(
        title="Belt and Road environmental hub",
        description="Everything that the centres publish, in one place.",
        lifespan=lifespan,
        settings=settings,
        readiness=[readiness],
        remarks=[remark],
        languages=LANGUAGES,
        open_to_sites=True,
    )
    for module in (search, records, stories, centres, administration, joining, vocabulary):
        web.add_routes(app, module.router)
    add_exchange(app, settings, hub_site(settings))
    app.mount("/", create_portal(settings, lambda: app.state.parts))
    return app


@asynccontextmanager
async def _running(settings: HubSettings) -> AsyncIterator[Parts]:
    """The parts, at work."""
    async with AsyncExitStack() as stack:
        engine = open_database(settings.data, settings.database_address)
        stack.callback(engine.dispose)
        await asyncio.to_thread(shown_entries.bring_up_to_date, engine)
        health = health_of(engine)
        health.begin_check()
        stack.callback(health.end_check)
        metrics.STORAGE_FREE.set_function(lambda: storage.free(settings.data))
        parts = Parts(settings, engine, SearchClient(settings.search_url))
        parts.accounts = await asyncio.to_thread(open_accounts, settings, engine)
        stack.push_async_callback(parts.search.close)
        telling = Telling(parts, hub_site(settings), hub_topics(parts))
        parts.alerts, parts.feed_hub = telling.alerts, telling.feed_hub
        parts.exchange = Exchange(settings, engine, parts.announcements)
        # After the tasks, not in them: they are cancelled as often as it takes, which must not cut
        # this.
        stack.push_async_callback(_disconnect, parts)
        connecting = asyncio.create_task(stay_connected(parts))
        stack.push_async_callback(end, connecting)
        if parts.accounts is not None:
            stack.push_async_callback(end, asyncio.create_task(parts.accounts.keep_telling()))
        if settings.ingest:
            await stack.enter_async_context(standing_by(parts, telling))
        yield parts


async def _disconnect(parts: Parts) -> None:
    if parts.nats is not None:
        await parts.nats.close()


def _problem(engine: Engine) -> str | None:
    """Why the hub cannot answer readers, or None. Neither the broker nor search is among it: lists,
    records and feeds are read without them."""
    health = health_of(engine)
    if health.problem:
        return health.problem
    try:
        with database.reading(engine) as session:
            changelog.head(session)
    except SQLAlchemyError as error:
        return health.problem or f"the database does not answer: {storage.reason(error)}"
    return None


async def _remarks(parts: Parts) -> str | None:
    """What the hub's operator should know although readers are answered."""
    told = []
    if parts.nats is None or not parts.nats.is_connected:
        told.append("NATS is not connected, so nothing new arrives")
    try:
        await parts.search.status()
    except BriError as error:
        told.append(error.detail)
    if room := await asyncio.to_thread(health_of(parts.engine).remark, parts.settings.data):
        told.append(room)
    if parts.backlog.since:
        told.append(f"entries wait to be stored since {parts.backlog.since}")
    return "; ".join(told) or None


def check_data(settings: HubSettings) -> None:
    """Look whether the data can be used, before anything is begun.

    Raises:
        bri_kit.unusable.DatabaseUnusable: the database is newer, or cannot be opened.
        bri_kit.signing.KeyFileUnreadable: a key that centres or subscribers rely on is lost.
    """
    engine = open_database(settings.data, settings.database_address)
    folder = settings.nats_keys or settings.data
    try:
        with database.reading(engine) as session:
            credentials.check_keys(session, folder)
            sealing.check_key(session, settings.data, settings.alerts_secret.get_secret_value())
        if authority.is_in(folder):
            authority.Authority(folder)
    finally:
        engine.dispose()


def main() -> None:
    """Run the hub until a signal ends it."""
    settings = HubSettings()
    logging.configure("hub", settings.log_level)
    file_modes.restrict()
    file_modes.tighten(settings.data)
    with refusing(KeyFileUnreadable, remedy=SCHEMA.remedy):
        check_data(settings)
    server.run(create_app(settings), settings)
