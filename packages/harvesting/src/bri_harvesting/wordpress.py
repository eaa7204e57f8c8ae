"""WordPress, by its REST API (`/wp-json/wp/v2/posts`).

Rules:
- posts are read in the order of their change, from the last one that was seen: a page follows the
  newest change of the page before and not its number, which shifts while a site is being edited;
- a site whose WordPress is too old to filter by change is read by page numbers;
- a site with plain permalinks answers at `?rest_route=` only; what the operator's address asks for
  (another type of posts, a category) is kept;
- what is not public (another status, a password) is not read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bri_harvesting import json_reader
from bri_harvesting.asking import Asker, refusal
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.encodings import Undecodable, decode
from bri_harvesting.source import (
    Cursor,
    Fault,
    Findings,
    Item,
    Limits,
    Mark,
    Source,
    SourceFailed,
)
from bri_kit.fetching import Answer

PAGE = 50
_FIELDS = "id,date_gmt,date,modified,link,title,content,excerpt,categories,status,lang"
_NAMESPACE = "/wp/v2"
_KIND = re.compile(r"[a-z0-9_-]{1,60}")
_OURS = frozenset("page per_page orderby order modified_after _fields offset context".split())


@dataclass(frozen=True, slots=True)
class Site:
    """Where a site's API is: `root` with a path, or with `?rest_route=` where the site has plain
    permalinks; `kind` is what is read, and `more` what the operator asks for beside it."""

    root: str
    kind: str = "posts"
    more: Mapping[str, str] = field(default_factory=dict)
    is_plain: bool = False

    def url(self, name: str, asked: Mapping[str, object]) -> str:
        """The address of a list with these parameters."""
        if self.is_plain:
            route = {"rest_route": f"{_NAMESPACE}/{name}"}
            return f"{self.root}/?{urlencode({**route, **asked}, safe='/,')}"
        return f"{self.root}/wp-json{_NAMESPACE}/{name}?{urlencode(asked)}"


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The posts of a site that changed since the cursor, the oldest change first."""
    site, names = await _found_site(site_of(source.url), asker)
    since, number = cursor.get("since", ""), 1
    seen: set[int] = set()
    while asker.has_requests_left:
        posts, remark = await _page(site, since, number, asker)
        if remark:
            yield Fault("recovered", remark)
        new = [each for each in posts if _id(each) not in seen]
        for post in new:
            for finding in _found(post, names, source, remark):
                yield finding
        seen.update(_id(each) for each in posts)
        last = max((_text(each, "modified") for each in posts), default="")
        # Where a page brings nothing new, the site does not filter, or many changed in one second.
        if new and last > since:
            since, number = last, 1 if _filters(posts, since) else number + 1
        else:
            number += 1
        yield Mark({"since": since} if since else {})
        if len(posts) < PAGE:
            return


def site_of(url: str) -> Site:
    """The site that an address of it, of its API or of a list in its API means."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    route = asked.pop("rest_route", "")
    path, _, within = parts.path.rstrip("/").partition("/wp-json")
    kind = (route or within).removeprefix("/wp/v2").strip("/")
    return Site(
        root=f"{parts.scheme}://{parts.netloc}{path}",
        kind=kind if _KIND.fullmatch(kind) else "posts",
        more={name: value for name, value in asked.items() if name not in _OURS},
        is_plain=bool(route),
    )


async def _found_site(site: Site, asker: Asker) -> tuple[Site, dict[int, str]]:
    """The site by the addresses that it answers at, with the names of its categories; a site that
    does not tell them has none."""
    plain = replace(site, is_plain=True)
    for each in (site,) if site.is_plain else (site, plain):
        answer = await asker.ask(each.url("categories", {"per_page": 100, "_fields": "id,name"}))
        try:
            document, _ = _json(answer) if answer.status == 200 else ([], "")
        except SourceFailed:
            continue
        if answer.status != 404 and isinstance(document, list):
            return each, {_id(named): _text(named, "name") for named in document}
    return site, {}


def _filters(posts: list[Any], since: str) -> bool:
    """Whether the site keeps to `modified_after`; the second itself may be read again."""
    return min((_text(each, "modified") for each in posts), default=since) >= since


async def _page(site: Site, since: str, number: int, asker: Asker) -> tuple[list[Any], str]:
    asked = {**site.more, "per_page": PAGE, "page": number, "orderby": "modified", "order": "asc"}
    asked |= {"_fields": _FIELDS} | ({"modified_after": since} if since else {})
    answer = await asker.ask(site.url(site.kind, asked))
    if answer.status in (429, 503):
        raise refusal(answer, site.root)
    document, remark = _json(answer)
    if answer.status == 400 and number > 1:
        return [], ""  # rest_post_invalid_page_number: there is no such page
    if answer.status != 200 or not isinstance(document, list):
        told = document.get("message", "") if isinstance(document, dict) else ""
        detail = f"{site.root} answers {answer.status} {told}".strip()
        raise SourceFailed("bad-status" if answer.status != 200 else "not-wordpress", detail[:300])
    return document, remark


def _json(answer: Answer) -> tuple[Any, str]:
    try:
        decoded = decode(answer.body, ["utf-8"])
        document, remark = json_reader.loads(decoded.text)
    except (json_reader.NotJSON, Undecodable):
        code = "not-wordpress" if answer.status == 200 else "bad-status"
        detail = f"the answer (status {answer.status}) is not WordPress's JSON"
        raise SourceFailed(code, detail) from None
    return document, decoded.remark or remark


def _found(post: Any, names: dict[int, str], source: Source, remark: str) -> Iterator[Item | Fault]:
    if not isinstance(post, dict) or not _id(post):
        yield Fault("malformed", "a post has no number")
        return
    content = post.get("content")
    closed = isinstance(content, dict) and bool(content.get("protected"))
    if _text(post, "status") not in ("", "publish") or closed:
        return
    numbers = post.get("categories")
    raw = Raw(
        identity=f"post {_id(post)}",
        title=_rendered(post, "title"),
        body=_rendered(post, "content"),
        summary=_rendered(post, "excerpt"),
        url=_text(post, "link"),
        base=_text(post, "link"),
        language=_text(post, "lang"),
        dates=tuple(filter(None, (_text(post, "date"), _text(post, "date_gmt")))),
        place=f"post {_id(post)}",
        categories=tuple(
            names[each]
            for each in (numbers if isinstance(numbers, list) else ())
            if isinstance(each, int) and each in names
        ),
        character_remarks=(remark,) if remark else (),
    )
    yield from draft(raw, source)


def _id(post: Any) -> int:
    number = post.get("id") if isinstance(post, dict) else None
    return number if isinstance(number, int) else 0


def _text(post: Any, name: str) -> str:
    value = post.get(name) if isinstance(post, dict) else None
    return value if isinstance(value, str) else ""


def _rendered(post: dict[str, Any], name: str) -> str:
    return _text(post.get(name), "rendered")
