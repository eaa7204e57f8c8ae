"""The addresses of giving back at the hub."""

from contextlib import AbstractContextManager

from fastapi import FastAPI, Request

from bri_exchange.dump_routes import create_dumps
from bri_exchange.dumps import Dumps
from bri_exchange.mirror_routes import create_changes
from bri_exchange.mirroring import ChangeLog
from bri_exchange.routes import create_exchange
from bri_hub.api import mirroring, websub
from bri_hub.exchange.answering import HubHoldings
from bri_hub.exchange.mirroring import opening
from bri_hub.parts import Parts
from bri_hub.settings import HubSettings
from bri_kit.web import add_routes
from bri_pages.site import Site


def add_exchange(app: FastAPI, settings: HubSettings, site: Site) -> None:
    """Serve harvests, the catalogue, changes, dumps and WebSub beside the API."""

    def parts(request: Request) -> Parts:
        found: Parts = request.app.state.parts
        return found

    def holdings(request: Request) -> HubHoldings:
        return HubHoldings(parts(request), site)

    def dumps(request: Request) -> Dumps:
        exchange = parts(request).exchange
        assert exchange is not None, "it begins with the hub"
        return exchange.dumping.dumps

    def log(request: Request) -> AbstractContextManager[ChangeLog]:
        return opening(parts(request).engine)()

    add_routes(
        app,
        create_changes(log),
        mirroring.router,
        websub.router,
        create_exchange(holdings),
        create_dumps(dumps, settings.address),
    )
