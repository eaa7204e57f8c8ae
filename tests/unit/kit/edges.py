"""An application with the edges on, around routes that are functions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from bri_kit import web
from bri_kit.bodies import Allowance
from bri_kit.errors import Unauthenticated
from bri_kit.guards import Takes
from bri_kit.policy import PagePolicy, new_nonce, text_hash
from bri_kit.settings import ServiceSettings

FAR = "203.0.113.9"


GOOD = {"Authorization": "Bearer bri_test_good"}


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def an_app(folder: Path, **changes: Any) -> FastAPI:
    settings = ServiceSettings(data=folder, port=1, **changes)
    app = web.create_app(
        title="t",
        description="d",
        lifespan=nothing,
        settings=settings,
        open_to_sites=True,
    )

    @app.get("/secret")
    async def secret(request: Request) -> dict[str, str]:
        if request.headers.get("authorization") != GOOD["Authorization"]:
            raise Unauthenticated("no")
        return {"a": "b"}

    @app.post("/echo", dependencies=[Depends(Takes(Allowance(size=None)))])
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.post("/stream", dependencies=[Depends(Takes(Allowance(is_stream=True)))])
    async def stream(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(part) async for part in request.stream()])}

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("the password is swordfish")

    @app.get("/breaks")
    async def breaks() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise RuntimeError("broken off")

        return StreamingResponse(parts())

    @app.get("/page")
    async def page() -> HTMLResponse:
        nonce = new_nonce()
        headers = PagePolicy(script_hashes=[text_hash("f()")], forms=True).headers(nonce)
        return HTMLResponse(f"<script nonce={nonce}></script>", headers=headers)

    return app


def client(app: FastAPI, address: str = FAR, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)
