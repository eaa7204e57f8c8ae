"""The hub's application: it wires the parts, and is the only one that knows all of them.

The API serves whether or not the broker or the search service are there; ingest begins when the
broker can be reached, and begins again should anything end it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bri_hub.alerts.working import alerting
from bri_hub.api import administration, centres, records, search, stories
from bri_hub.changes import ChangeLog, serve_changes
from bri_hub.ingest.comparing import answer_comparisons
from bri_hub.ingest.loop import Ingest
from bri_hub.ingest.receipts import answer_requests
from bri_hub.parts import Parts
from bri_hub.portal import create_portal, hub_site
from bri_hub.repository import changelog, epochs
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings
from bri_hub.tables import open_database
from bri_kit import database, logging, server, transport, web
from bri_kit.ending import end
from bri_kit.errors import BriError
from bri_kit.unusable import DatabaseUnusable, refuse
from bri_kit.vocabulary import routes as vocabulary

_GRACE_SECONDS = 0.5
_PAUSE_SECONDS = 1.0

logger = structlog.get_logger()


def create_app(settings: HubSettings) -> FastAPI:
    """The hub as an application; everything is started and ended by its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(settings) as parts:
            app.state.parts = parts
            yield

    async def readiness() -> str | None:
        parts: Parts = app.state.parts
        return await _what_is_missing(parts)

    app = web.create_app(
        title="Belt and Road environmental hub",
        description="Everything that the centres publish, in one place.",
        lifespan=lifespan,
        settings=settings,
        readiness=[readiness],
        open_to_sites=True,
    )
    for module in (search, records, stories, centres, administration, vocabulary):
        app.include_router(module.router)
    app.mount("/", create_portal(settings, lambda: app.state.parts))
    return app


@asynccontextmanager
async def _running(settings: HubSettings) -> AsyncIterator[Parts]:
    """The parts, at work."""
    async with AsyncExitStack() as stack:
        engine = open_database(settings.data, settings.database_address)
        stack.callback(engine.dispose)
        parts = Parts(settings, engine, SearchClient(settings.search_url))
        stack.push_async_callback(parts.search.close)
        with database.writing(engine) as session:
            epochs.begin(session)
        log = ChangeLog(engine, parts.announcements, parts.reaches, parts.tell_centre)
        address = f"{settings.host}:{settings.changes_port}"
        changes, parts.changes_port = await serve_changes(log, address)
        stack.push_async_callback(changes.stop, _GRACE_SECONDS)
        ingest = Ingest(engine, parts.announcements, parts.reminders, settings.brake)
        stack.callback(ingest.close)
        # After the task, not in it: it is cancelled as often as it takes, which must not cut this.
        stack.push_async_callback(_disconnect, parts)
        following = asyncio.create_task(_follow_centres(parts, ingest))
        stack.push_async_callback(end, following)
        parts.alerts = await stack.enter_async_context(alerting(parts, hub_site(settings)))
        yield parts


async def _follow_centres(parts: Parts, ingest: Ingest) -> None:
    """Ingest and answer for ever, as soon as the broker can be reached."""
    parts.nats = client = await transport.connect(parts.settings.nats_url, "bri-hub")
    await answer_requests(client, parts.engine, parts.reaches)
    await answer_comparisons(client, parts.engine, parts.announcements)
    while True:
        try:
            await ingest.run(client)
        except Exception:
            logger.exception("ingest.ended", again_in_seconds=_PAUSE_SECONDS)
            await asyncio.sleep(_PAUSE_SECONDS)


async def _disconnect(parts: Parts) -> None:
    if parts.nats is not None:
        await parts.nats.close()


async def _what_is_missing(parts: Parts) -> str | None:
    """Why the hub cannot serve, or None."""
    missing = []
    if parts.nats is None or not parts.nats.is_connected:
        missing.append("NATS is not connected, so nothing new arrives")
    try:
        await asyncio.to_thread(_touch, parts.engine)
    except SQLAlchemyError:
        missing.append("the database does not answer")
    try:
        await parts.search.status()
    except BriError as error:
        missing.append(error.detail)
    return "; ".join(missing) or None


def _touch(engine: Engine) -> None:
    with database.reading(engine) as session:
        changelog.head(session)


def main() -> None:
    """Run the hub until a signal ends it."""
    settings = HubSettings()
    logging.configure("hub", settings.log_level)
    try:
        open_database(settings.data, settings.database_address).dispose()
    except DatabaseUnusable as reason:
        refuse(reason)
    server.run(create_app(settings), settings)
