"""WordPress, by its REST API (`/wp-json/wp/v2/posts`).

Rules:
- posts are read in the order of their change, from the last one that was seen: a page follows the
  newest change of the page before and not its number, which shifts while a site is being edited;
- a site whose WordPress is too old to filter by change is read by page numbers;
- what is not public (another status, a password) is not read.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson

from bri_harvesting.asking import Asker
from bri_harvesting.drafting import Raw, draft
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

PAGE = 50
_FIELDS = "id,date_gmt,date,modified,link,title,content,excerpt,categories,status,lang"
_ROUTE = "/wp-json/wp/v2"


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The posts of a site that changed since the cursor, the oldest change first."""
    root = _root(source.url)
    since, number = cursor.get("since", ""), 1
    names = await _categories(root, asker)
    seen: set[int] = set()
    while asker.has_requests_left:
        posts = await _page(root, since, number, asker)
        new = [each for each in posts if _id(each) not in seen]
        for post in new:
            for finding in _found(post, names, source):
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


def _root(url: str) -> str:
    url = url.partition("?")[0].rstrip("/")
    return url.partition("/wp-json")[0] + _ROUTE


def _filters(posts: list[Any], since: str) -> bool:
    """Whether the site keeps to `modified_after`; the second itself may be read again."""
    return min((_text(each, "modified") for each in posts), default=since) >= since


async def _page(root: str, since: str, number: int, asker: Asker) -> list[Any]:
    asked = {"per_page": PAGE, "page": number, "orderby": "modified", "order": "asc"}
    query = urlencode(asked | {"_fields": _FIELDS} | ({"modified_after": since} if since else {}))
    answer = await asker.ask(f"{root}/posts?{query}")
    document = _json(answer.body)
    if answer.status == 400 and number > 1:
        return []  # rest_post_invalid_page_number: there is no such page
    if answer.status != 200 or not isinstance(document, list):
        told = document.get("message", "") if isinstance(document, dict) else ""
        detail = f"{root}/posts answers {answer.status} {told}".strip()
        raise SourceFailed("bad-status" if answer.status != 200 else "not-wordpress", detail[:300])
    return document


async def _categories(root: str, asker: Asker) -> dict[int, str]:
    """The names of categories; a site that does not tell them has none."""
    answer = await asker.ask(f"{root}/categories?per_page=100&_fields=id,name")
    try:
        document = _json(answer.body) if answer.status == 200 else []
    except SourceFailed:
        return {}
    named = document if isinstance(document, list) else []
    return {_id(each): _text(each, "name") for each in named}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise SourceFailed("not-wordpress", "the answer is not WordPress's JSON") from None


def _found(post: Any, names: dict[int, str], source: Source) -> Iterator[Item | Fault]:
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
