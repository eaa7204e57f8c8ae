"""Feeds by their own addresses: what a WebSub topic asks, and what is in it now.

Rules:
- the feeds are those of the portal and of every centre's own site: what a centre's feed says is
  known here, whether or not its server can be reached;
- a feed is written as its own site writes it, with that site's addresses and identities: whoever
  reads it there and is sent it from here has each entry once;
- an address that several centres call theirs is nobody's; the portal's own is the portal's.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from bri_kit.errors import NotFound
from bri_pages.feeds import FORMATS
from bri_pages.rendering import Renderer
from bri_pages.site import Site
from bri_pages.source import Source
from bri_pages.views.following import read_list, write_list
from bri_pages.visit import Visit
from bri_pages.wishes import standing

_PATH = re.compile(r"/([a-z]{2,3})/(.+)\.([a-z]+)")
_LONGEST = 2_000
_UNKNOWN = "This is not the address of a feed of ours, nor of a centre that takes part."


@dataclass(frozen=True, slots=True)
class Topic:
    """A feed: its address, its language, and what it asks, as `wishes.standing` writes it."""

    url: str
    language: str
    asked: str


class Topics:
    """All feeds. `sites` tells whose there are, the portal first, each with the address that its
    feeds' begin with; `source` answers for all of them."""

    def __init__(
        self, sites: Callable[[], Awaitable[Sequence[Site]]], source: Callable[[], Source]
    ) -> None:
        self._sites = sites
        self._source = source

    async def read(self, url: str) -> Topic:
        """The feed at an address.

        Raises:
            NotFound: there is none that is known here.
        """
        visit, path, _ = await self._visit(url)
        _, question = read_list(visit, path)
        return Topic(url, visit.language, standing(question))

    async def write(self, url: str) -> tuple[bytes, str]:
        """What is in it, and its media type.

        Raises:
            NotFound: there is no such feed.
            Unavailable: search is away.
        """
        visit, path, form = await self._visit(url)
        return await write_list(visit, path, form), FORMATS[form]

    async def _visit(self, url: str) -> tuple[Visit, str, str]:
        """A visit to the feed, its path below the language, and its form."""
        site = await self._site(url) if len(url) <= _LONGEST else None
        parts = urlsplit(url.removeprefix(site.address)) if site else None
        found = _PATH.fullmatch(parts.path) if parts else None
        if site is None or parts is None or found is None:
            raise NotFound(_UNKNOWN)
        language, path, form = found.groups()
        if language not in site.languages or form not in FORMATS:
            raise NotFound(_UNKNOWN)
        request = _request(site.address, parts.path, parts.query)
        return Visit(request, site, self._source(), Renderer(site), language), path, form

    async def _site(self, url: str) -> Site | None:
        if not (url.isascii() and url.isprintable()):
            return None
        found = [each for each in await self._sites() if url.startswith(f"{each.address}/")]
        longest = max((len(each.address) for each in found), default=0)
        nearest = [each for each in found if len(each.address) == longest]
        return nearest[0] if len(nearest) == 1 or (nearest and nearest[0].is_hub) else None


def _request(address: str, path: str, query: str) -> Request:
    """The request that a reader of the feed would make."""
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": urlsplit(address).scheme,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", urlsplit(address).netloc.encode())],
    }
    return Request(scope)
