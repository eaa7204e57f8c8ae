"""A page that lists articles, where a site has no feed.

Rules:
- robots.txt is honoured as RFC 9309 says: what it forbids is not read, a pause that it asks for is
  kept, and a site whose robots.txt cannot be had for its own fault is left alone;
- an article is a link to the same site whose address fits the source's pattern, or without one, a
  link whose words could be a title;
- what was read is not read again for a week, and a few are read at a time: the cursor remembers;
- an article's text is what trafilatura takes for it, with its pictures, without menus and
  advertisements; formulas and superscripts survive;
- its date is one that the page gives as that of publication (`page_dates`), or none.
"""

import re
import time
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from urllib.parse import urldefrag, urlsplit

import orjson
from lxml import html as lxml_html
from lxml.etree import LxmlError
from protego import Protego

from bri_harvesting import mathml, page_dates
from bri_harvesting.asking import AGENT, Asker
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.encodings import Decoded, Undecodable, decode_markup
from bri_harvesting.markup import CONTROLS, LAZY, address
from bri_harvesting.source import Cursor, Fault, Findings, Item, Limits, Mark, Source, SourceFailed
from bri_kit.fetching import Answer
from bri_kit.html_tokenizer import tokenize

AGAIN = 7 * 86_400
"""Seconds after which an article is read again."""
_REMEMBERED = 2_000
_LEAST_TITLE = 15
_LONGEST_PAUSE = 30.0
_NUMBERS_LOST = "numbered lists lost their numbers"
_LARGEST_PAGE = 4 * 1024 * 1024


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The articles that a page lists, those first that were never read."""
    robots = await _robots(source.url, asker)
    asker.pause = max(asker.pause, min(float(robots.crawl_delay(AGENT) or 0), _LONGEST_PAUSE))
    _refuse_forbidden(robots, source.url)
    listed = await asker.get(source.url)
    read_at = _remembered(cursor)
    links = list(_links(_decoded(listed).text, listed.url, source.links))
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


def _decoded(answer: Answer) -> Decoded:
    if len(answer.body) > _LARGEST_PAGE:
        raise SourceFailed("too-large", f"the page is larger than {_LARGEST_PAGE} bytes")
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
    tree = _tree(text)
    return [] if tree is None else list(tree.iter("a"))


def _tree(text: str) -> lxml_html.HtmlElement | None:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError):
        return None


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


def _extracted(decoded: Decoded, url: str) -> Raw:
    from trafilatura import bare_extraction, extract  # heavy

    text = CONTROLS.sub("", decoded.text)
    tree = _tree(text)
    if tree is None:
        raise SourceFailed("empty", "there is no article on the page")
    _prepare(tree, url)
    found = bare_extraction(tree, url=url, with_metadata=True)
    body = extract(
        tree,
        url=url,
        output_format="html",
        include_links=True,
        include_tables=True,
        include_images=True,
        include_formatting=True,
    )
    if found is None or isinstance(found, dict) or not body:
        raise SourceFailed("empty", "there is no article on the page")
    return Raw(
        identity=url,
        title=found.title or "",
        body=body,
        url=url,
        base=url,
        language=tree.get("lang") or "",
        dates=(page_dates.published_on(tree),),
        source_name=found.sitename or urlsplit(url).hostname or "",
        place=url,
        categories=tuple(found.tags or ()),
        remarks=(_NUMBERS_LOST,) if _has_lost_numbers(tree, body) else (),
        character_remarks=(decoded.remark,) if decoded.remark else (),
    )


def _prepare(tree: lxml_html.HtmlElement, url: str) -> None:
    """Have what trafilatura would lose stand as something that it keeps: pictures that a script
    loads, and formulas."""
    for image in tree.iter("img"):
        lazy = next((image.get(name) for name in LAZY if image.get(name)), "")
        if source := address(lazy or image.get("src", ""), url):
            image.set("src", source)
    for formula in list(tree.iter("math")):
        tokens = tokenize(str(lxml_html.tostring(formula, encoding="unicode", with_tail=False)))
        next(tokens, None)
        written = lxml_html.fragment_fromstring(mathml.to_html(tokens), create_parent="span")
        written.tail = formula.tail
        formula.getparent().replace(formula, written)


def _has_lost_numbers(tree: lxml_html.HtmlElement, body: str) -> bool:
    """Whether a numbered list of the article is one without numbers in `body`."""
    items = (" ".join(each.text_content().split())[:20] for each in tree.iterfind(".//ol/li"))
    return "<ol" not in body and any(item and escape(item, quote=False) in body for item in items)
