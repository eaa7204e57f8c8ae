"""A node and a hub at work, with a client for each role and one without a token."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bri_hub.app import create_app as create_hub
from bri_hub.settings import HubSettings
from bri_hub.tokens import create_token as create_hub_token
from bri_kit.auth import Role
from bri_node.app import create_app as create_node
from bri_node.profile import NodeSettings
from bri_node.tokens import create_token
from sco_platform.profile import PROFILE
from tests.integration.doors import spoils
from tests.support.nats import NatsServer

NOWHERE = "127.0.0.1:1"


@dataclass
class Service:
    """A running application; `tokens` has one for each role."""

    name: str
    app: FastAPI
    data: Path
    tokens: dict[Role, str] = field(default_factory=dict)

    def client(self, token: str | None = None, **options: Any) -> httpx.AsyncClient:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=f"http://{self.name}",
            headers=headers,
            **options,
        )

    def of(self, role: Role) -> httpx.AsyncClient:
        return self.client(self.tokens[role])


@asynccontextmanager
async def running(name: str, folder: Path) -> AsyncIterator[Service]:
    """`node` without a broker, or `hub` with one of its own."""
    async with AsyncExitStack() as stack:
        if name == "node":
            settings = NodeSettings(data=folder, nats_url="", failures_per_minute=10_000)
            app = create_node(PROFILE, settings)
            make = {role: create_token(folder, "sco", role, role.name) for role in Role}
        else:
            broker = NatsServer(folder / "nats")
            stack.callback(broker.stop)
            broker.start()
            app = create_hub(
                HubSettings(
                    data=folder,
                    changes_port=0,
                    nats_url=broker.url,
                    search_url=NOWHERE,
                    failures_per_minute=10_000,
                )
            )
            make = {role: create_hub_token(folder, role.name, role.name) for role in Role}
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Service(name, app, folder, make)


@pytest.fixture(params=["node", "hub"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(request.param, tmp_path / request.param) as service:
        yield service


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Service]:
    async with running("node", tmp_path / "node") as service:
        yield service


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Service]:
    async with running("hub", tmp_path / "hub") as service:
        yield service


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[spoils.Published]:
    """A federation in which every payload was published; shared, for making it takes a while."""
    with spoils.published(tmp_path_factory.mktemp("site")) as found:
        yield found
