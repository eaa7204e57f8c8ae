"""Connections that hold on to a service and ask nothing: a real server on a real port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from bri_kit import server, web
from bri_kit.settings import ServiceSettings
from tests.support.site import free_port
from tests.support.waiting import eventually

PATIENCE = 10


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[ServiceSettings]:
    """A service that has little patience, while it runs."""
    settings = ServiceSettings(
        data=tmp_path, port=free_port(), head_seconds=0.1, body_idle_seconds=0.2
    )
    app = web.create_app(title="t", description="d", lifespan=nothing, settings=settings)

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.get("/slow")
    async def slow(request: Request) -> dict[str, str]:
        await asyncio.sleep(0.6)
        return {"client": request.client.host if request.client else ""}

    running = uvicorn.Server(server.configuration(app, settings))
    serving = asyncio.create_task(running.serve())

    async def is_started() -> bool:
        return running.started

    await eventually(is_started)
    yield settings
    running.should_exit = True
    await serving


async def told(settings: ServiceSettings, *parts: bytes) -> bytes:
    """What the service sends until it closes the connection, after these parts and then silence."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    try:
        for part in parts:
            writer.write(part)
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


HEAD = (
    b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: t\r\nX-A: "])
async def test_a_request_that_does_not_begin_is_not_waited_for(
    settings: ServiceSettings, begun: bytes
) -> None:
    """Silence and half a head end the connection."""
    assert await told(settings, begun) == b""


async def test_a_request_after_another_is_not_waited_for_either(settings: ServiceSettings) -> None:
    """One good request buys no more time than none."""
    first = b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"
    answer = await told(settings, first, b"GET /heal")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


async def test_half_a_body_is_answered_and_the_connection_closed(settings: ServiceSettings) -> None:
    """The client learns why, should it still listen."""
    answer = await told(settings, HEAD + b"\r\n" + b'{"a": ')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer


async def test_a_refused_body_is_not_waited_for(settings: ServiceSettings) -> None:
    """Where the answer needs no body, what is missing of it holds nothing."""
    head = HEAD.replace(b"/echo", b"/nothing")
    answer = await told(settings, head + b"\r\n" + b'{"a": ')
    assert answer.startswith(b"HTTP/1.1 404")


async def test_an_answer_may_take_its_time(settings: ServiceSettings) -> None:
    """Patience is with the client's part, not with ours."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{settings.address}/slow")
    assert answer.status_code == 200


async def test_who_asks_is_not_what_they_say(settings: ServiceSettings) -> None:
    """The server's own reading of X-Forwarded-For is off: `addresses` decides."""
    async with httpx.AsyncClient(headers={"X-Forwarded-For": "6.6.6.6"}) as http:
        answer = await http.get(f"{settings.address}/slow")
    assert answer.json() == {"client": "127.0.0.1"}


async def test_hundreds_that_only_hold_on_keep_nobody_out(settings: ServiceSettings) -> None:
    """While they hang, others are answered; and they are gone in the end."""
    writers = []
    for _ in range(200):
        _, writer = await asyncio.open_connection(settings.host, settings.port)
        writer.write(HEAD + b"\r\n{")
        writers.append(writer)
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{settings.address}/healthz")).status_code == 200
    for writer in writers:
        writer.close()


async def test_a_message_with_two_lengths_is_refused(settings: ServiceSettings) -> None:
    """Where a proxy believes the one and we the other, a request could hide in a body (CWE-444)."""
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    for fields in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ):
        answer = await told(settings, head + fields + b"\r\n" + hidden)
        assert answer.startswith(b"HTTP/1.1 400"), fields
        assert b"alive" not in answer, fields
