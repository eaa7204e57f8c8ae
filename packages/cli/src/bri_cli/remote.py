"""Asking services by the client that everybody can use; what goes wrong becomes one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

import bri_client
from bri_cli.outcome import CommandFailed
from bri_client import Call, Client, Listing, Manner
from bri_client.call import Item, Result

# A person who waits is told at once; whoever polls asks again by himself.
_ONCE = Manner(attempts=1)


class Unreachable(CommandFailed):
    """The service does not answer, or not as such a service does."""


class Refused(CommandFailed):
    """The service answered with a problem document."""

    def __init__(self, refused: bri_client.Refused) -> None:
        self.code = refused.status
        self.problem: Mapping[str, Any] = refused.document
        super().__init__(f"{refused.url}: {refused}")


class Remote:
    """One service at an address. A context manager: it holds connections."""

    def __init__(
        self, url: str, token: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        with _told():
            self._client = Client(url, token, manner=_ONCE, transport=transport)
        self.url = self._client.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, call: Call[Result]) -> Result:
        """What the service answers. Raises Unreachable or Refused."""
        with _told():
            return self._client.ask(call)

    def page(self, listing: Listing[Result, Any]) -> Result:
        """The first page of a list. Raises as `ask` does."""
        return self.ask(listing.first)

    def each(self, listing: Listing[Any, Item]) -> Iterator[Item]:
        """Everything in a list. Raises as `ask` does."""
        with _told():
            yield from self._client.each(listing)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except bri_client.Refused as refused:
        raise Refused(refused) from None
    except bri_client.ClientError as error:
        raise Unreachable(str(error)) from None
