"""A whole federation in this process, on real ports: broker, node, hub and search.

It runs in an event loop of a thread of its own, so that a test may be a plain function and a
browser or a fuzzer may ask it.
"""

import asyncio
import socket
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from nacl.signing import SigningKey

from bri_hub.admission import admit
from bri_hub.app import create_app as create_hub
from bri_hub.settings import HubSettings
from bri_hub.tokens import create_token as create_hub_token
from bri_kit import server, signing
from bri_kit.auth import Role
from bri_kit.settings import ServiceSettings
from bri_node.app import create_app as create_node
from bri_node.profile import NodeSettings
from bri_node.tokens import create_token
from bri_search import app as search
from bri_search.settings import SearchSettings
from sco_platform.profile import PROFILE
from tests.support.nats import NatsServer

MANY = 1_000_000_000
START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses and tokens: an editor's of the node, an admin's of the hub."""

    node: str
    hub: str
    editor: str
    admin: str

    def tokens(self, service: str) -> dict[str, str]:
        """The headers that let in at `node` or `hub`."""
        token = self.editor if service == "node" else self.admin
        return {"Authorization": f"Bearer {token}"}

    def url(self, service: str) -> str:
        return self.node if service == "node" else self.hub


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A federation of one centre, `sco`, that serves inside the block."""
    ready: asyncio.Queue[Site] = asyncio.Queue()
    loop = asyncio.new_event_loop()
    told = asyncio.Event()

    async def live() -> None:
        async with _running(folder) as running:
            await ready.put(running)
            await told.wait()

    living = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    living.start()
    try:
        yield asyncio.run_coroutine_threadsafe(ready.get(), loop).result(START_SECONDS)
    finally:
        loop.call_soon_threadsafe(told.set)
        living.join(START_SECONDS)
        loop.close()


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        broker = NatsServer(folder / "nats")
        stack.callback(broker.stop)
        await asyncio.to_thread(broker.start)
        search_port, changes_port, hub_port = free_port(), free_port(), free_port()
        node_port = free_port()
        hub = HubSettings(
            data=folder / "hub",
            port=hub_port,
            changes_port=changes_port,
            nats_url=broker.url,
            search_url=f"127.0.0.1:{search_port}",
            failures_per_minute=MANY,
        )
        _admit(folder, node_port)
        node = NodeSettings(
            data=folder / "sco",
            port=node_port,
            public_url=f"http://127.0.0.1:{node_port}",
            nats_url=broker.url,
            hub_url=hub.address,
            failures_per_minute=MANY,
        )
        await stack.enter_async_context(_served(create_hub(hub), hub))
        await stack.enter_async_context(_served(create_node(PROFILE, node), node))
        index = SearchSettings(
            data=folder / "search",
            port=search_port,
            http_port=0,
            hub_url=f"127.0.0.1:{changes_port}",
            hub_token_file=folder / "hub" / "changes.token",
        )
        await stack.enter_async_context(search.replica(index))
        yield Site(
            node=node.address,
            hub=hub.address,
            editor=create_token(folder / "sco", "sco", Role.EDITOR, "editor"),
            admin=create_hub_token(folder / "hub", "admin", "admin"),
        )


def _admit(folder: Path, port: int) -> None:
    """Let the hub know the centre before either runs."""
    (folder / "sco").mkdir(parents=True)
    key = signing.load_or_create(folder / "sco" / "key")
    assert isinstance(key, SigningKey)
    admit(
        folder / "hub",
        {
            "code": "sco",
            "names": dict(PROFILE.names),
            "languages": list(PROFILE.languages),
            "edition_languages": list(PROFILE.edition_languages),
            "countries": list(PROFILE.countries),
            "public_key": b64encode(signing.public_key(key)).decode(),
            "url": f"http://127.0.0.1:{port}",
        },
    )


@asynccontextmanager
async def _served(app: FastAPI, settings: ServiceSettings) -> AsyncIterator[None]:
    running = uvicorn.Server(server.configuration(app, settings))
    serving = asyncio.create_task(running.serve())
    try:
        await _answers(f"{settings.address}/healthz")
        yield
    finally:
        running.should_exit = True
        await serving


async def _answers(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while True:
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
