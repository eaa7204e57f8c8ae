"""What tells machines where everything is: robots.txt, sitemaps, the description of our search.

Rules:
- a sitemap names every address in every language with its alternates (sitemaps.org 0.9, hreflang as
  Google and Bing read it), at most 50 000 addresses a file;
- the index says when each file changed last. A file has one centre's records in the order of their
  identifiers, which is that of their making, and withdrawn ones keep their place: what is new
  changes a centre's last file, and what is revised or withdrawn its own;
- what a reader typed is nothing to be crawled.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from markupsafe import escape

from bri_kit import vocabulary
from bri_kit.clock import read_time, rfc3339
from bri_kit.errors import NotFound
from bri_kit.set_aside import Revision, write_each
from bri_kit.xml_text import xml_text
from bri_pages.site import MODULE_PATHS, Site
from bri_pages.source import Listed, Source
from bri_pages.visit import Visit

MAX_ADDRESSES = 50_000
_PAGES = "pages"
_FILE = re.compile(r"([a-z][a-z0-9-]{0,62})-(0|[1-9][0-9]{0,5})", re.ASCII)
"""Whose records a file has, and which of their stretches."""
_PIECES = 500
_SEARCHES = ("search", "suggest")
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKED = f'{_SITEMAP} xmlns:xhtml="http://www.w3.org/1999/xhtml"'


class Discovery:
    """Answers about one site; `origin` begins its addresses."""

    def __init__(self, site: Site, source: Source, origin: str) -> None:
        self._site = site
        self._source = source
        self._origin = origin
        self._at_once = MAX_ADDRESSES // len(site.languages)

    def robots(self) -> str:
        """What may be crawled."""
        hidden = [f"/{each}/{path}" for each in self._site.languages for path in _SEARCHES]
        lines = ["User-agent: *", *(f"Disallow: {each}" for each in hidden)]
        return "\n".join([*lines, f"Sitemap: {self._origin}/sitemap.xml", ""])

    async def index(self) -> str:
        """The sitemap of sitemaps: `pages` has those that are always there, the others records."""
        stretches = await self._source.stretches(self._at_once)
        records = (Listed(f"{each.centre}-{each.number}", each.changed) for each in stretches)
        places = (
            f"<sitemap><loc>{self._at(f'sitemap/{each.path}.xml')}</loc>{_changed(each)}</sitemap>"
            for each in (Listed(_PAGES, ""), *records)
        )
        return f"{_XML}<sitemapindex {_SITEMAP}>{''.join(places)}</sitemapindex>"

    async def file(self, name: str) -> Iterator[str]:
        """One of them, piece by piece.

        Raises:
            NotFound: there is none of this name.
        """
        if name == _PAGES:
            return self._written([Listed(path, "") for path in await self._pages()])
        named = _FILE.fullmatch(name)
        if named is None:
            raise NotFound
        found = await self._source.listing(named[1], int(named[2]), self._at_once)
        if not found:
            raise NotFound
        return self._written([Listed(f"records/{each.path}", each.changed) for each in found])

    async def _pages(self) -> Sequence[str]:
        topics = [f"topics/{code}" for code in vocabulary.topics()]
        places = ["", *MODULE_PATHS.values(), "countries", "topics", *topics]
        if self._site.is_hub:
            centres = await self._source.centres()
            places += ["federation", "centres", *(f"centres/{each['code']}" for each in centres)]
        return places

    def _written(self, places: Iterable[Listed]) -> Iterator[str]:
        yield f"{_XML}<urlset {_LINKED}>"
        yield from write_each("sitemap", places, self._entries, _revision_of)
        yield "</urlset>"

    def _entries(self, place: Listed) -> str:
        """A place in every language."""
        addresses = {each: self._at(place.path, each) for each in self._site.languages}
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{each}" href="{address}"/>'
            for each, address in addresses.items()
        )
        changed = _changed(place)
        return "".join(
            f"<url><loc>{address}</loc>{changed}{others}</url>\n" for address in addresses.values()
        )

    def _at(self, path: str, language: str = "") -> str:
        below = f"{language}/{path}" if language else path
        return str(escape(xml_text(f"{self._origin}/{below}")))


def _changed(place: Listed) -> str:
    moment = read_time(place.changed)
    return f"<lastmod>{rfc3339(moment)}</lastmod>" if moment else ""


def _revision_of(place: Listed) -> Revision:
    return Revision(place.path.removeprefix("records/"), place.changed)


def describe_search(visit: Visit) -> Response:
    """Our search as browsers add it to theirs (OpenSearch 1.1, draft 6)."""
    name = str(escape(xml_text(visit.site.name(visit.language))))
    below = f"{escape(xml_text(visit.origin))}/{visit.language}"
    text = (
        f'{_XML}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        # Longer names are not taken everywhere.
        f"<ShortName>{name[:16]}</ShortName><LongName>{name[:48]}</LongName>"
        f"<Description>{name}</Description><Language>{visit.language}</Language>"
        f"<InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{below}/search?q={{searchTerms}}"/>'
        f'<Url type="application/x-suggestions+json" template="{below}/suggest?q={{searchTerms}}'
        f'&amp;form=list"/></OpenSearchDescription>'
    )
    return Response(text, media_type="application/opensearchdescription+xml")


def add_discovery(app: FastAPI, site: Site, source: Callable[[Request], Source]) -> None:
    """Serve what crawlers ask for; `source` finds what a request is answered from."""

    def found(request: Request) -> Discovery:
        origin = site.address or str(request.base_url).rstrip("/")
        return Discovery(site, source(request), origin)

    @app.get("/robots.txt")
    async def serve_robots(request: Request) -> Response:
        return Response(found(request).robots(), media_type="text/plain")

    @app.get("/sitemap.xml")
    async def serve_index(request: Request) -> Response:
        return Response(await found(request).index(), media_type="application/xml")

    @app.get("/sitemap/{name}.xml")
    async def serve_file(request: Request, name: str) -> Response:
        pieces = await found(request).file(name)
        return StreamingResponse(_gathered(pieces), media_type="application/xml")


def _gathered(pieces: Iterator[str]) -> Iterator[str]:
    """Fewer and larger pieces."""
    while some := "".join(islice(pieces, _PIECES)):
        yield some
