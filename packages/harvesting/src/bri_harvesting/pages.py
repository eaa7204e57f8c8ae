"""A page that lists articles, where a site has no feed.

Rules:
- robots.txt is honoured as RFC 9309 says: what it forbids is not read, a pause that it asks for is
  kept, and a site whose robots.txt cannot be had for its own fault is left alone;
- an article is a link to the same site whose address fits the source's pattern, or without one, a
  link whose words could be a title;
- what was read is not read again for a week, and a few are read at a time: the cursor remembers;
- an article's text is what trafilatura takes for it: no menus, no advertisements.
"""

import re
import time
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urldefrag, urlsplit

import orjson
from lxml import html as lxml_html
from lxml.etree import LxmlError
from protego import Protego

from bri_harvesting.asking import AGENT, Asker
from bri_harvesting.drafting import Raw, address, draft
from bri_harvesting.encodings import Undecodable, decode_markup
from bri_harvesting.source import Cursor, Fault, Findings, Item, Limits, Mark, Source, SourceFailed
from bri_kit.fetching import Answer

AGAIN = 7 * 86_400
"""Seconds after which an article is read again."""
_REMEMBERED = 2_000
_LEAST_TITLE = 15
_LONGEST_PAUSE = 30.0


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The articles that a page lists, those first that were never read."""
    robots = await _robots(source.url, asker)
    asker.pause = max(asker.pause, min(float(robots.crawl_delay(AGENT) or 0), _LONGEST_PAUSE))
    _refuse_forbidden(robots, source.url)
    listed = await asker.get(source.url)
    read_at = _remembered(cursor)
    links = list(_links(_decoded(listed), listed.url, source.links))
    if not links:
        yield Fault("no-articles", "the page links to no article", fatal=True)
        return
    now = int(time.time())
    for url in _due(links, read_at, now)[: limits.articles]:
        if not asker.has_requests_left:
            break
        read_at[_key(url)] = now
        if not robots.can_fetch(url, AGENT):
            yield Fault("robots", "robots.txt forbids to read it", url)
            continue
        for finding in await _article(url, source, asker):
            yield finding
    newest = sorted(read_at.items(), key=lambda each: each[1])[-_REMEMBERED:]
    yield Mark({"read": orjson.dumps(dict(newest)).decode()})


async def _robots(url: str, asker: Asker) -> Protego:
    parts = urlsplit(url)
    answer = await asker.ask(f"{parts.scheme}://{parts.netloc}/robots.txt")
    if answer.status >= 500 or answer.status == 429:
        raise SourceFailed("robots", f"the site's robots.txt answers {answer.status}")
    return Protego.parse(answer.body.decode("utf-8", "replace") if answer.status == 200 else "")


def _refuse_forbidden(robots: Protego, url: str) -> None:
    if not robots.can_fetch(url, AGENT):
        raise SourceFailed("robots", "the site's robots.txt forbids to read this page")


def _decoded(answer: Answer) -> str:
    try:
        return decode_markup(answer.body, answer.headers.get("content-type", ""))
    except Undecodable as fact:
        raise SourceFailed("encoding", str(fact)) from None


def _links(text: str, url: str, pattern: str) -> Iterator[str]:
    """Addresses of articles, in the page's order, each once."""
    fits = re.compile(pattern) if pattern else None
    seen = {urldefrag(url).url}
    for link in _anchors(text):
        found = urldefrag(address(link.get("href", ""), url)).url
        if not found or found in seen or urlsplit(found).netloc != urlsplit(url).netloc:
            continue
        title = " ".join(link.text_content().split())
        # Chinese titles say in eight characters what others say in twenty.
        width = sum(2 if letter > "\u2e80" else 1 for letter in title)
        if fits.search(found) if fits else width >= _LEAST_TITLE:
            seen.add(found)
            yield found


def _anchors(text: str) -> list[lxml_html.HtmlElement]:
    try:
        return list(lxml_html.document_fromstring(text.encode(), parser=_parser()).iter("a"))
    except (LxmlError, ValueError):
        return []


def _parser() -> lxml_html.HTMLParser:
    return lxml_html.HTMLParser(encoding="utf-8", no_network=True)


def _remembered(cursor: Cursor) -> dict[str, int]:
    found = orjson.loads(cursor.get("read") or "{}")
    return {str(key): int(at) for key, at in found.items()} if isinstance(found, dict) else {}


def _due(links: list[str], read_at: dict[str, int], now: int) -> list[str]:
    new = [url for url in links if _key(url) not in read_at]
    old = [url for url in links if now - read_at.get(_key(url), now) > AGAIN]
    return new + sorted(old, key=lambda url: read_at[_key(url)])


def _key(url: str) -> str:
    return sha256(url.encode("utf-8", "replace")).hexdigest()[:16]


async def _article(url: str, source: Source, asker: Asker) -> list[Item | Fault]:
    try:
        answer = await asker.get(url)
        return list(draft(_extracted(_decoded(answer), url), source))
    except SourceFailed as fact:
        if fact.code == "busy":
            raise
        return [Fault(fact.code, fact.detail, url)]


def _extracted(text: str, url: str) -> Raw:
    from trafilatura import bare_extraction, extract  # heavy

    found = bare_extraction(text, url=url, with_metadata=True)
    body = extract(text, url=url, output_format="html", include_links=True, include_tables=True)
    if found is None or isinstance(found, dict) or not body:
        raise SourceFailed("empty", "there is no article on the page")
    declared = re.search(r"<html[^<>]*\slang\s*+=\s*+[\"']?+([\w-]+)", text[:5_000], re.I)
    return Raw(
        identity=url,
        title=found.title or "",
        body=body,
        url=url,
        base=url,
        language=declared[1] if declared else "",
        dates=(found.date or "",),
        source_name=found.sitename or urlsplit(url).hostname or "",
        place=url,
        categories=tuple(found.tags or ()),
    )
