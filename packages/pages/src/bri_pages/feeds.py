"""Lists to follow: Atom (RFC 4287) and JSON Feed 1.1, in the reader's language.

Rules:
- an entry's identity is its record's address without a language, so that following two languages
  shows it as one, and a revision as the same;
- an entry was `updated` when its newest revision was published, and `published` when its first was;
- what was withdrawn is not in a feed; in Atom it leaves a tombstone for a while (RFC 6721), because
  readers keep what they have seen;
- what a list asks is in the feed's own address, so any search can be followed;
- a time that nobody can read is left out; where Atom must have one (`updated`), 1970 stands for it;
- an entry that cannot be written is set aside, and the others are there;
- nothing in a feed is the time at which it was asked for: what has not changed has the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from bri_kit.clock import read_day, read_time
from bri_kit.html import plain_text
from bri_kit.set_aside import Revision, write_each
from bri_kit.xml_text import xml_text
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
        moments = [*map(_changed, self.hits), *(read_time(each.at) for each in self.withdrawn)]
        return max(filter(None, moments), default=_BEGINNING)


class _Tombstones(BaseExtension):  # type: ignore[misc]
    """What is gone, as elements of an Atom feed."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        return {"at": _TOMBSTONES}

    def extend_atom(self, document: Any) -> Any:
        gone = write_each("atom", self.feed.withdrawn, self._tombstone, _withdrawal)
        document.extend(list(gone))
        return document

    def _tombstone(self, withdrawn: Withdrawn) -> Any:
        gone = etree.Element(f"{{{_TOMBSTONES}}}deleted-entry")
        gone.set("ref", xml_text(self.feed.identity(withdrawn.record_id)))
        gone.set("when", (read_time(withdrawn.at) or _BEGINNING).isoformat())
        by = etree.SubElement(gone, f"{{{_TOMBSTONES}}}by")
        name = self.feed.centres.get(withdrawn.centre, withdrawn.centre)
        etree.SubElement(by, f"{{{_ATOM}}}name").text = xml_text(name)
        etree.SubElement(gone, f"{{{_TOMBSTONES}}}comment").text = xml_text(withdrawn.reason)
        return gone


def write_atom(feed: Feed) -> bytes:
    """The list as Atom."""
    document = FeedGenerator()
    document.id(feed.page)
    document.title(xml_text(feed.title))
    document.link(href=feed.page, rel="alternate")
    document.link(href=feed.address, rel="self")
    if feed.hub:
        document.link(href=feed.hub, rel="hub")
    document.language(feed.language)
    document.updated(feed.updated())
    if feed.withdrawn:
        document.register_extension("tombstones", _Tombstones, atom=True, rss=False)
        document.tombstones.feed = feed
    for entry in write_each("atom", feed.hits, lambda hit: _atom_entry(feed, hit), _revision_of):
        document.add_entry(entry, order="append")
    written: bytes = document.atom_str()
    return written


def _atom_entry(feed: Feed, hit: Hit) -> Any:
    entry = FeedEntry()
    entry.id(xml_text(feed.identity(hit.id)))
    # Atom wants a title, and a browser something to click.
    entry.title(xml_text(hit.title).strip() or hit.id)
    entry.link(href=xml_text(feed.link(hit)), rel="alternate")
    entry.updated(_changed(hit) or _BEGINNING)
    if published := _published(hit):
        entry.published(published)
    entry.author(name=xml_text(feed.centres.get(hit.centre, hit.centre)))
    entry.summary(xml_text(plain_text(hit.snippet)))
    for topic in hit.topics:
        entry.category(term=xml_text(topic))
    # The feed makes its XML at the end: what cannot be made is to fail here, and alone.
    entry.atom_entry()
    return entry


def write_json(feed: Feed) -> dict[str, Any]:
    """The list as JSON Feed."""
    hubs = {"hubs": [{"type": "WebSub", "url": feed.hub}]} if feed.hub else {}
    return hubs | {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
        "items": list(
            write_each("json-feed", feed.hits, lambda hit: _json_item(feed, hit), _revision_of)
        ),
    }


def _json_item(feed: Feed, hit: Hit) -> dict[str, Any]:
    times = {"date_published": _published(hit), "date_modified": _changed(hit)}
    return {
        "id": feed.identity(hit.id),
        "url": feed.link(hit),
        "title": hit.title,
        "content_text": plain_text(hit.snippet),
        **{name: moment.isoformat() for name, moment in times.items() if moment},
        "language": hit.language,
        "tags": list(hit.topics),
        "authors": [{"name": feed.centres.get(hit.centre, hit.centre)}],
    }


def _revision_of(hit: Hit) -> Revision:
    return Revision(hit.id, hit.changed)


def _withdrawal(withdrawn: Withdrawn) -> Revision:
    return Revision(withdrawn.record_id, withdrawn.at)


def _published(hit: Hit) -> datetime | None:
    return read_time(hit.published) or _beginning_of(hit.date)


def _changed(hit: Hit) -> datetime | None:
    return read_time(hit.changed) or _published(hit)


def _beginning_of(text: str) -> datetime | None:
    day = read_day(text)
    return datetime.combine(day, time(), UTC) if day else None
