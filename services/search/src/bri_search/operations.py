"""What operators see of a replica over HTTP: `/healthz`, `/readyz` and `/metrics`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import AF_INET, AF_INET6, create_server, socket

import uvicorn
from fastapi import FastAPI

from bri_kit.server import configuration
from bri_kit.web import ReadinessCheck, create_app
from bri_search.settings import SearchSettings


def bind(settings: SearchSettings) -> socket:
    """The socket to serve on.

    Raises:
        RuntimeError: the address is in use.
    """
    family = AF_INET6 if ":" in settings.host else AF_INET
    try:
        return create_server((settings.host, settings.http_port), family=family)
    except OSError as failure:
        place = f"{settings.host}:{settings.http_port}"
        raise RuntimeError(f"cannot listen on {place}: {failure.strerror}") from failure


async def serve(
    listening: socket, settings: SearchSettings, ready: ReadinessCheck, remark: ReadinessCheck
) -> None:
    """Serve until cancelled."""

    @asynccontextmanager
    async def nothing_to_open(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_app(
        title="Search",
        description="A replica that follows the hub's change log and answers over gRPC.",
        lifespan=nothing_to_open,
        settings=settings,
        readiness=[ready],
        remarks=[remark],
    )
    server = _Server(configuration(app, settings))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await asyncio.wait({serving})
        raise


class _Server(uvicorn.Server):
    """Leaves signals to the process, which has more to end than this."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
