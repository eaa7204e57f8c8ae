"""Lists to follow: Atom (RFC 4287) and JSON Feed 1.1, in the reader's language.

Rules:
- an entry's identity is its record's address without a language, so that following two languages
  shows it as one, and a revision as the same;
- an entry was `updated` when its newest revision was published, and `published` when its first was;
- what was withdrawn is not in a feed; in Atom it leaves a tombstone for a while (RFC 6721), because
  readers keep what they have seen;
- what a list asks is in the feed's own address, so any search can be followed;
- nothing in a feed is the time at which it was asked for: what has not changed has the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from bri_kit.html import plain_text
from bri_pages.source import Withdrawn
from bri_retrieval.engine import Hit

FORMATS = {"atom": "application/atom+xml", "json": "application/feed+json"}
LENGTH = 50
"""How many records a feed holds, what changed last first."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Feed:
    """A list. `page` is the address that people read it at and `address` its own; `origin` begins
    the addresses of its records. `hub` is where it can be followed by WebSub, if it can."""

    title: str
    language: str
    origin: str
    page: str
    address: str
    hits: Sequence[Hit]
    centres: dict[str, str]
    withdrawn: Sequence[Withdrawn] = ()
    hub: str = ""

    def identity(self, record_id: str) -> str:
        """What a record is known by to those who follow."""
        return f"{self.origin}/records/{record_id}"

    def link(self, hit: Hit) -> str:
        """Where a record is read."""
        return f"{self.origin}/{self.language}/records/{hit.id}"

    def updated(self) -> datetime:
        """When anything in it changed last."""
        moments = [*map(_changed, self.hits), *(_moment(each.at) for each in self.withdrawn)]
        return max(moments, default=_BEGINNING)


class _Tombstones(BaseExtension):  # type: ignore[misc]
    """What is gone, as elements of an Atom feed."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        return {"at": _TOMBSTONES}

    def extend_atom(self, document: Any) -> Any:
        for each in self.feed.withdrawn:
            gone = etree.SubElement(document, f"{{{_TOMBSTONES}}}deleted-entry")
            gone.set("ref", self.feed.identity(each.record_id))
            gone.set("when", _moment(each.at).isoformat())
            by = etree.SubElement(gone, f"{{{_TOMBSTONES}}}by")
            name = self.feed.centres.get(each.centre, each.centre)
            etree.SubElement(by, f"{{{_ATOM}}}name").text = name
            etree.SubElement(gone, f"{{{_TOMBSTONES}}}comment").text = each.reason
        return document


def write_atom(feed: Feed) -> bytes:
    """The list as Atom."""
    document = FeedGenerator()
    document.id(feed.page)
    document.title(feed.title)
    document.link(href=feed.page, rel="alternate")
    document.link(href=feed.address, rel="self")
    if feed.hub:
        document.link(href=feed.hub, rel="hub")
    document.language(feed.language)
    document.updated(feed.updated())
    if feed.withdrawn:
        document.register_extension("tombstones", _Tombstones, atom=True, rss=False)
        document.tombstones.feed = feed
    for hit in feed.hits:
        entry = document.add_entry(order="append")
        entry.id(feed.identity(hit.id))
        entry.title(hit.title)
        entry.link(href=feed.link(hit), rel="alternate")
        entry.updated(_changed(hit))
        entry.published(_published(hit))
        entry.author(name=feed.centres.get(hit.centre, hit.centre))
        entry.summary(plain_text(hit.snippet))
        for topic in hit.topics:
            entry.category(term=topic)
    written: bytes = document.atom_str()
    return written


def write_json(feed: Feed) -> dict[str, Any]:
    """The list as JSON Feed."""
    hubs = {"hubs": [{"type": "WebSub", "url": feed.hub}]} if feed.hub else {}
    return hubs | {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
        "items": [
            {
                "id": feed.identity(hit.id),
                "url": feed.link(hit),
                "title": hit.title,
                "content_text": plain_text(hit.snippet),
                "date_published": _published(hit).isoformat(),
                "date_modified": _changed(hit).isoformat(),
                "language": hit.language,
                "tags": list(hit.topics),
                "authors": [{"name": feed.centres.get(hit.centre, hit.centre)}],
            }
            for hit in feed.hits
        ],
    }


def _published(hit: Hit) -> datetime:
    return _moment(hit.published or hit.date)


def _changed(hit: Hit) -> datetime:
    return _moment(hit.changed or hit.published or hit.date)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _BEGINNING
    return found if found.tzinfo else found.replace(tzinfo=UTC)
