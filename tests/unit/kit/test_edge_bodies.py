"""Bodies that stop, drip or grow."""

import asyncio
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.unit.kit.edges import FAR, an_app, client


async def sent(
    app: FastAPI, parts: Iterable[bytes | None], path: str = "/echo", pause: float = 0
) -> list[Any]:
    """The messages that answer a body in these parts; None is a client that stands still."""
    answered: list[Any] = []
    waiting = iter(parts)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        part = next(waiting, b"")
        if part is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part, "more_body": part != b""}

    async def send(message: Any) -> None:
        answered.append(message)

    headers = [(b"content-type", b"application/json")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
    }
    scope |= {"headers": headers, "query_string": b"", "client": (FAR, 1), "server": ("t", 80)}
    scope |= {"scheme": "http", "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}
    await app(scope, receive, send)
    return answered


@pytest.mark.parametrize("path", ["/echo", "/stream"])
async def test_a_body_that_stops_is_given_up(tmp_path: Path, path: str) -> None:
    """Half of it came, and then nothing: 408, and the connection is closed."""
    answered = await sent(an_app(tmp_path, body_idle_seconds=0.05), [b'{"a":', None], path)
    assert answered[0]["status"] == 408
    assert (b"connection", b"close") in answered[0]["headers"]
    assert b"Too slow" in answered[1]["body"]
    assert len(answered) == 2


async def test_a_body_that_drips_is_given_up(tmp_path: Path) -> None:
    """Each part comes in time, and the whole would take for ever."""
    app = an_app(tmp_path, body_idle_seconds=0.2)

    answered = await sent(app, itertools.repeat(b" "), pause=0.05)
    assert answered[0]["status"] == 408


async def test_a_body_that_grows_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """Where its length was not announced it is cut as it arrives."""
    app = an_app(tmp_path, max_body_mib=1)
    answered = await sent(app, [b"x" * 600_000, b"x" * 600_000])
    assert answered[0]["status"] == 413
    answer = await client(app).post("/echo", content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert (await client(app).post("/stream", content=b"x" * 1_100_000)).status_code == 200
