"""What tells machines where everything is: robots.txt, sitemaps, the description of our search.

Rules:
- a sitemap names every address in every language with its alternates (sitemaps.org 0.9, hreflang as
  Google and Bing read it), at most 50 000 addresses a file, records in the order of their
  identifiers, so that a file changes little as records are added;
- what a reader typed is nothing to be crawled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from markupsafe import escape

from bri_kit import vocabulary
from bri_kit.errors import NotFound
from bri_pages.site import MODULE_PATHS, Site
from bri_pages.source import Listed, Source
from bri_pages.visit import Visit

MAX_ADDRESSES = 50_000
_MOST_DIGITS = 6
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
        """The sitemap of sitemaps: 0 has the pages that are always there, the others records."""
        count = sum(each["records"] for each in await self._source.centres())
        files = range(1 + -(-count // self._at_once))
        places = (
            f"<sitemap><loc>{self._at(f'sitemap/{each}.xml')}</loc></sitemap>" for each in files
        )
        return f"{_XML}<sitemapindex {_SITEMAP}>{''.join(places)}</sitemapindex>"

    async def file(self, number: int) -> Iterator[str]:
        """One of them, piece by piece.

        Raises:
            NotFound: there are not so many.
        """
        if number == 0:
            return self._written([Listed(path, "") for path in await self._pages()])
        found = await self._source.listing((number - 1) * self._at_once, self._at_once)
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
        for place in places:
            addresses = {each: self._at(place.path, each) for each in self._site.languages}
            others = "".join(
                f'<xhtml:link rel="alternate" hreflang="{each}" href="{address}"/>'
                for each, address in addresses.items()
            )
            changed = f"<lastmod>{place.changed}</lastmod>" if place.changed else ""
            for address in addresses.values():
                yield f"<url><loc>{address}</loc>{changed}{others}</url>\n"
        yield "</urlset>"

    def _at(self, path: str, language: str = "") -> str:
        below = f"{language}/{path}" if language else path
        return str(escape(f"{self._origin}/{below}"))


def describe_search(visit: Visit) -> Response:
    """Our search as browsers add it to theirs (OpenSearch 1.1, draft 6)."""
    name = str(escape(visit.site.name(visit.language)))
    below = f"{escape(visit.origin)}/{visit.language}"
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

    @app.get("/sitemap/{number}.xml")
    async def serve_file(request: Request, number: str) -> Response:
        if not (number.isascii() and number.isdigit()) or len(number) > _MOST_DIGITS:
            raise NotFound
        pieces = await found(request).file(int(number))
        return StreamingResponse(_gathered(pieces), media_type="application/xml")


def _gathered(pieces: Iterator[str]) -> Iterator[str]:
    """Fewer and larger pieces."""
    while some := "".join(islice(pieces, _PIECES)):
        yield some
