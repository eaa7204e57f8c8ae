"""The two transports: a service asked by a program that waits, and by one that does other things.

Rules, the same for both:
- each request carries an `X-Request-ID`, and the token if there is one; redirects are not followed;
- an answer has a largest size and a longest time, whatever the service sends;
- only what may be repeated is tried again: after silence, a broken line, 429 (when the service
  says), 502, 503 and 504.
"""

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self

import httpx
import stamina

from bri_client.asking import Asking, Gathering, an_address
from bri_client.call import Call, Item, Listing, Result
from bri_client.manner import Manner


class Client:
    """One service at an address, asked by a program that waits. A context manager: it holds
    connections."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        manner: Manner | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`transport` is httpx's, for tests.

        Raises:
            Unreachable: this is not an address.
        """
        self._asking = Asking(url, token, manner or Manner())
        with an_address(url):
            self._http = httpx.Client(**self._asking.options, transport=transport)

    @property
    def url(self) -> str:
        """The service's address, without a slash at the end."""
        return self._asking.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ask(self, call: Call[Result]) -> Result:
        """What the service answers.

        Raises:
            Unreachable: it does not answer.
            Refused: it answers with a problem, by its status.
            AnswerNotUnderstood: it answers something else.
        """
        for attempt in stamina.retry_context(**self._asking.patience(call)):
            with attempt:
                return self._try(call)
        raise AssertionError  # the last attempt returns or raises

    def page(self, listing: Listing[Result, Any]) -> Result:
        """The first page of a list, with all that it tells. Raises as `ask` does."""
        return self.ask(listing.first)

    def each(self, listing: Listing[Any, Item]) -> Iterator[Item]:
        """Everything in a list, asked for as it is taken. Raises as `ask` does."""
        while True:
            page = self.ask(listing.first)
            yield from listing.items(page)
            following = listing.after(page)
            if following is None:
                return
            listing = following

    def _try(self, call: Call[Result]) -> Result:
        gathering = Gathering(self._asking.manner)
        with self._asking.unreachable(), self._http.stream(**self._asking.request(call)) as answer:
            for part in answer.iter_bytes():
                gathering.add(part)
        return self._asking.judge(call, answer, gathering.whole)


class AsyncClient:
    """One service at an address, asked from an event loop. A context manager: it holds
    connections."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        manner: Manner | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As `Client`."""
        self._asking = Asking(url, token, manner or Manner())
        with an_address(url):
            self._http = httpx.AsyncClient(**self._asking.options, transport=transport)

    @property
    def url(self) -> str:
        """The service's address, without a slash at the end."""
        return self._asking.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def ask(self, call: Call[Result]) -> Result:
        """As `Client.ask`."""
        async for attempt in stamina.retry_context(**self._asking.patience(call)):
            with attempt:
                return await self._try(call)
        raise AssertionError  # the last attempt returns or raises

    async def page(self, listing: Listing[Result, Any]) -> Result:
        """As `Client.page`."""
        return await self.ask(listing.first)

    async def each(self, listing: Listing[Any, Item]) -> AsyncIterator[Item]:
        """As `Client.each`."""
        while True:
            page = await self.ask(listing.first)
            for item in listing.items(page):
                yield item
            following = listing.after(page)
            if following is None:
                return
            listing = following

    async def _try(self, call: Call[Result]) -> Result:
        gathering = Gathering(self._asking.manner)
        request = self._asking.request(call)
        with self._asking.unreachable():
            async with self._http.stream(**request) as answer:
                async for part in answer.aiter_bytes():
                    gathering.add(part)
        return self._asking.judge(call, answer, gathering.whole)
