"""A web server that publishes what a test says, byte for byte, and misbehaves as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

ALLOWED = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What is answered: then the line stands still (`stalls`), or the same bytes go on for ever
    (`endless`). With a header `ETag` it is answered once, and 304 to whoever has it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    stalls: bool = False
    endless: bool = False


@dataclass(frozen=True)
class Asked:
    """A request."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


Handler = Callable[[Asked], Answer]


class Publisher:
    """Serves `routes`: answers, or functions of the request; everything else is 404."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer | Handler] = {}
        self.asked: list[Asked] = []
        self.port = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def put(
        self, path: str, body: bytes | str, content_type: str = "application/xml", **headers: str
    ) -> str:
        """Publish something; answers its address."""
        data = body.encode() if isinstance(body, str) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[path] = Answer(data, headers={"Content-Type": content_type, **given})
        return self.url(path)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [each.path for each in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = _read(await reader.readuntil(b"\r\n\r\n"))
        self.asked.append(asked)
        route = self.routes.get(asked.path, Answer(b"nothing here", 404))
        answer = route if isinstance(route, Answer) else route(asked)
        if asked.headers.get("if-none-match") == answer.headers.get("ETag", "-"):
            answer = Answer(status=304, headers=answer.headers)
        writer.write(_head(answer) + answer.body)
        await writer.drain()
        while answer.endless:
            writer.write(answer.body)
            await writer.drain()
        if answer.stalls:
            await reader.read()

    async def end(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _read(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    target = urlsplit(first.split(" ")[1])
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    query = {name: values[-1] for name, values in parse_qs(target.query).items()}
    return Asked(target.path, query, {name.lower(): value for name, value in headers.items()})


def _head(answer: Answer) -> bytes:
    headers = dict(answer.headers)
    if not answer.endless and not answer.stalls:
        headers["Content-Length"] = str(len(answer.body))
    lines = [f"HTTP/1.1 {answer.status} OK", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def publishing() -> AsyncIterator[Publisher]:
    """A publisher on a port of its own."""
    publisher = Publisher()
    server = await asyncio.start_server(publisher.serve, "127.0.0.1", 0)
    publisher.port = server.sockets[0].getsockname()[1]
    async with server:
        yield publisher
    await publisher.end()
