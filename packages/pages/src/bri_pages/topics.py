"""Feeds by their own addresses: what a WebSub topic asks, and what is in it now."""

import re
from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class Topic:
    """A feed: its address, its language, and what it asks, as `wishes.standing` writes it."""

    url: str
    language: str
    asked: str


class Topics:
    """The feeds of one site, whose addresses begin with `address`."""

    def __init__(self, site: Site, address: str, source: Callable[[], Source]) -> None:
        self._site = site
        self._address = address
        self._source = source
        self._renderer = Renderer(site)

    def read(self, url: str) -> Topic:
        """The feed at an address.

        Raises:
            NotFound: there is none, or it is another site's.
        """
        visit, path, _ = self._visit(url)
        _, question = read_list(visit, path)
        return Topic(url, visit.language, standing(question))

    async def write(self, url: str) -> tuple[bytes, str]:
        """What is in it, and its media type.

        Raises:
            NotFound: there is no such feed.
            Unavailable: search is away.
        """
        visit, path, form = self._visit(url)
        return await write_list(visit, path, form), FORMATS[form]

    def _visit(self, url: str) -> tuple[Visit, str, str]:
        """A visit to the feed, its path below the language, and its form."""
        below = url.removeprefix(self._address)
        is_ours = len(url) <= _LONGEST and url != below and url.isascii() and url.isprintable()
        parts = urlsplit(below) if is_ours else None
        found = _PATH.fullmatch(parts.path) if parts else None
        if parts is None or found is None:
            raise NotFound("This is not the address of a feed of ours.")
        language, path, form = found.groups()
        if language not in self._site.languages or form not in FORMATS:
            raise NotFound("This is not the address of a feed of ours.")
        request = _request(self._address, parts.path, parts.query)
        visit = Visit(request, self._site, self._source(), self._renderer, language)
        return visit, path, form


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
