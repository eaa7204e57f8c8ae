"""RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0 (feedparser), and JSON Feed 1.0 and 1.1.

Rules:
- the bytes are decoded here, because servers' headers lie, and handed on from the root element:
  nothing can be declared that unfolds; what stands in texts is not touched;
- an item that several carry the same identity with another address is known by both together;
- items that are no longer in a feed have only made room: absence says nothing here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import feedparser

from bri_harvesting import json_reader
from bri_harvesting.asking import Asker, conditions, validators
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.encodings import Undecodable, decode_markup
from bri_harvesting.markup import address, paragraphs
from bri_harvesting.source import Cursor, Fault, Findings, Limits, Mark, Source, SourceFailed

# Each alternative begins with another character, so that all is read once (CPython 3.11).
_COMMENT = r"<!--(?:[^-]|-(?!->))*+-->"
_QUOTED = r"\"[^\"]*+\"|'[^']*+'"
_SUBSET = rf"\[(?:[^\]<\"']|{_QUOTED}|{_COMMENT}|<(?!!--))*+\]\s*+"
_PROLOGUE = re.compile(
    rf"(?:\s++|\ufeff|<\?(?:[^?]|\?(?!>))*+\?>|{_COMMENT}"
    rf"|<!DOCTYPE(?:[^\[<>\"']|{_QUOTED})*+(?:{_SUBSET})?>)*+",
    re.I,
)
_ROOT = re.compile(r"<[A-Za-z_]")
_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]")


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """What a feed holds, unless it is as it was."""
    answer = await asker.get(source.url, conditions(cursor))
    digest = sha256(answer.body).hexdigest()
    if answer.status == 304 or digest == cursor.get("digest"):
        yield Mark({**cursor, **validators(answer)}, unchanged=True)
        return
    try:
        decoded = decode_markup(answer.body, answer.headers.get("content-type", ""))
    except Undecodable as fact:
        raise SourceFailed("encoding", str(fact)) from None
    if decoded.remark:
        yield Fault("recovered", decoded.remark)
    text, most = decoded.text, limits.items
    is_json = text.lstrip()[:1] == "{"
    for raw in _json_items(text, answer.url) if is_json else _xml_items(text, answer.url, most):
        if isinstance(raw, Fault):
            yield raw
            continue
        if decoded.remark:
            remarks = (*raw.character_remarks, decoded.remark)
            raw = replace(raw, character_remarks=remarks)
        for finding in draft(raw, source):
            yield finding
    yield Mark({"digest": digest, **validators(answer)})


def _xml_items(text: str, url: str, most: int) -> Iterator[Raw | Fault]:
    held = sum(1 for _ in _ITEM.finditer(text))
    if held > most:
        raise SourceFailed("too-many", f"the feed has {held} items; {most} are read")
    parsed = parse(text, url)
    if not parsed.entries and (not parsed.get("version") or parsed.bozo):
        raise SourceFailed("not-a-feed", _why_none(text, parsed))
    if parsed.bozo and not isinstance(
        parsed.get("bozo_exception"),
        feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType,
    ):
        detail = f"the feed is not well-formed: {parsed.get('bozo_exception')}"
        yield Fault("malformed", " ".join(detail.split())[:300])
    named = Counter((entry.get("id") or "").strip() for entry in parsed.entries)
    language = str(parsed.feed.get("language") or "")
    name = str(parsed.feed.get("title") or "")
    for number, entry in enumerate(parsed.entries, 1):
        yield _raw(entry, url, language, name, f"item {number}", named)


def parse(text: str, url: str) -> Any:
    """What feedparser makes of a feed whose characters are known."""
    text = _from_root(text)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    data = text.encode("utf-8", "replace")
    return feedparser.parse(
        BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _from_root(text: str) -> str:
    """The document without what stands before its root element."""
    prologue = _PROLOGUE.match(text)
    begun = prologue.end() if prologue else 0
    root = _ROOT.search(text, begun)
    return text[root.start() :] if root else ""


def _why_none(text: str, parsed: Any) -> str:
    if re.search(r"<html[\s>]", text[:5000], re.I):
        return "a page is answered, and not a feed"
    return f"there is no feed that can be read: {parsed.get('bozo_exception') or 'no items'}"[:300]


def _raw(
    entry: Any, url: str, language: str, name: str, place: str, named: Counter[str]
) -> Raw | Fault:
    contents = [each for each in entry.get("content") or () if each.get("value")]
    summary = str(entry.get("summary") or "")
    body = max((str(each["value"]) for each in contents), key=len, default="")
    spoken = [each.get("language") for each in contents]
    spoken += [(entry.get(f"{part}_detail") or {}).get("language") for part in ("summary", "title")]
    link = address(str(entry.get("link") or ""), url)
    identity = str(entry.get("id") or "").strip()
    if named[identity] > 1 and link:
        identity = f"{identity} {link}" if identity else ""
    return Raw(
        identity=identity,
        title=str(entry.get("title") or ""),
        body=body or summary,
        summary=summary if body and summary != body else "",
        url=link,
        base=_base(entry, contents, url) or link or url,
        language=str(next(filter(None, spoken), None) or entry.get("dc_language") or language),
        dates=_dates(entry),
        source_name=str((entry.get("source") or {}).get("title") or name),
        place=place,
        categories=tuple(str(tag.get("term") or "") for tag in entry.get("tags") or ()),
        images=tuple(_images(entry)),
    )


def _images(entry: Any) -> Iterator[str]:
    """Pictures beside the body: enclosures, and those of Media RSS."""
    for each in (*(entry.get("enclosures") or ()), *(entry.get("media_content") or ())):
        kind = str(each.get("type") or each.get("medium") or "")
        if kind.startswith("image"):
            yield str(each.get("href") or each.get("url") or "")
    for each in entry.get("media_thumbnail") or ():
        yield str(each.get("url") or "")


def _base(entry: Any, contents: list[Any], url: str) -> str:
    """What a document says that addresses are relative to, where it says so."""
    details = [*contents, entry.get("summary_detail") or {}]
    bases = (str(each.get("base") or "") for each in details)
    return next((base for base in bases if base and base != url), "")


def _dates(entry: Any) -> tuple[str, ...]:
    # By subscription feedparser would answer `updated` for a missing `published`, with a warning.
    # What it makes of a date is in UTC, and filled in from today where it is half understood.
    found = (dict.get(entry, name) for name in ("published", "created", "updated"))
    return tuple(str(each) for each in found if each)


def _json_items(text: str, url: str) -> Iterator[Raw | Fault]:
    try:
        document, remark = json_reader.loads(text)
        version, items = document["version"], document["items"]
    except (json_reader.NotJSON, KeyError, TypeError):
        raise SourceFailed("not-a-feed", "the answer is JSON, but no JSON Feed") from None
    if not isinstance(items, list) or "jsonfeed.org" not in str(version):
        raise SourceFailed("not-a-feed", "the answer is JSON, but no JSON Feed")
    if remark:
        yield Fault("recovered", remark)
    for number, item in enumerate(items, 1):
        if isinstance(item, dict):
            raw = _json_raw(item, document, url, f"item {number}")
            yield replace(raw, character_remarks=(remark,)) if remark else raw
        else:
            yield Fault("malformed", "the item is no object", f"item {number}")


def _json_raw(item: dict[str, Any], document: dict[str, Any], url: str, place: str) -> Raw:
    def text(name: str) -> str:
        value = item.get(name)
        return str(value) if isinstance(value, str | int) else ""

    tags = item.get("tags")
    link = address(text("url") or text("external_url"), url)
    return Raw(
        identity=text("id"),
        title=text("title"),
        body=text("content_html") or paragraphs(text("content_text")),
        summary=text("summary"),
        url=link,
        base=link or url,
        language=text("language") or str(document.get("language") or ""),
        dates=tuple(filter(None, (text("date_published"), text("date_modified")))),
        source_name=str(document.get("title") or ""),
        place=place,
        categories=tuple(map(str, tags)) if isinstance(tags, list) else (),
        images=tuple(filter(None, (text("image"),))),
    )
