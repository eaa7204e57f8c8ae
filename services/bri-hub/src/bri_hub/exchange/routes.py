"""The addresses of giving back at the hub."""

from fastapi import FastAPI, Request

from bri_exchange.dump_routes import create_dumps
from bri_exchange.dumps import Dumps
from bri_exchange.routes import create_exchange
from bri_hub.api import mirroring, websub
from bri_hub.exchange.answering import HubHoldings
from bri_hub.parts import Parts
from bri_hub.settings import HubSettings
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

    app.include_router(mirroring.router)
    app.include_router(websub.router)
    app.include_router(create_exchange(holdings))
    app.include_router(create_dumps(dumps, settings.address))
