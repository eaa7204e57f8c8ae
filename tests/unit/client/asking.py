"""A service that is a function, and both clients asked alike."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from bri_client import AsyncClient, Call, Client, Listing, Manner

Answer = Callable[[httpx.Request], httpx.Response]
URL = "http://service.test"
TRANSPORTS = ["sync", "async"]


class Service:
    """Answers by a function, and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def ask(self, kind: str, call: Call[Any], **more: Any) -> Any:
        """What a client of this kind is answered."""
        transport = httpx.MockTransport(self)
        if kind == "sync":
            with Client(URL, transport=transport, **more) as client:
                return client.ask(call)

        async def ask() -> Any:
            async with AsyncClient(URL, transport=transport, **more) as client:
                return await client.ask(call)

        return asyncio.run(ask())

    def each(self, kind: str, listing: Listing[Any, Any], manner: Manner | None = None) -> Any:
        """Everything that a client of this kind finds in a list."""
        transport = httpx.MockTransport(self)
        if kind == "sync":
            with Client(URL, manner=manner, transport=transport) as client:
                return list(client.each(listing))

        async def each() -> Any:
            async with AsyncClient(URL, manner=manner, transport=transport) as client:
                return [item async for item in client.each(listing)]

        return asyncio.run(each())


def answering(*documents: Any, status: int = 200) -> Service:
    """A service that answers these one after the other, and the last one for ever."""
    left = list(documents)

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=left.pop(0) if len(left) > 1 else left[0])

    return Service(answer)


def failing(failures: int, then: Any, failure: Callable[[], httpx.Response]) -> Service:
    """A service that fails so often, and then answers."""
    left = [failure] * failures

    def answer(_request: httpx.Request) -> httpx.Response:
        return left.pop()() if left else httpx.Response(200, json=then)

    return Service(answer)
