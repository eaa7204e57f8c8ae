"""The way of a record, in one process: the hub reads a signed entry, and what it takes is indexed,
found, shown as JSON, as an Atom feed, a JSON Feed and by OAI-PMH.

Rules:
- what the hub's reading rejects goes no further: that is how it protects the rest;
- everything else must come through every station without an error, and within SECONDS of processor
  time each; what does not is a `Stop`, which names the station.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bri.log.v1 import log_pb2
from lxml import etree

from bri_exchange.oai import dublin_core, native
from bri_exchange.source import Repository
from bri_hub.ingest.reading import Introduced, read_envelopes
from bri_kit import content, html, log
from bri_kit.trust import Candidate
from bri_pages import formatting
from bri_pages.feeds import Feed, write_atom, write_json
from bri_pages.source import Withdrawn
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Change, Query, Results

CODE = "evil"
LANGUAGES = ("en", "ru", "zh")
SECONDS = 3.0
"""What is linear takes less than a third of it; sanitising in time that grew with the square of the
depth took seven."""
_CENTRE = {
    "code": CODE,
    "names": {"en": "Evil"},
    "languages": [*LANGUAGES],
    "countries": ["KZ"],
    "url": "https://evil.example",
}
_REPOSITORY = Repository(
    code="hub",
    names={"en": "Hub"},
    address="https://hub.example",
    contact="a@hub.example",
    earliest="2020-01-01T00:00:00.000Z",
    languages=LANGUAGES,
    kinds={kind: {"en": kind} for kind in content.KINDS},
    feeds={},
)


class Stop(AssertionError):
    """A record that was taken in does not come through a station."""


class RecordPath:
    """One index in a folder, and everything that is made of what is in it."""

    def __init__(self, folder: Path) -> None:
        self._engine = EmbeddedEngine(folder)
        self._number = 0
        self.taken = 0
        """How many entries went all the way."""

    def close(self) -> None:
        self._engine.close()

    def walk(self, envelope: bytes) -> bool:
        """Whether the entry was taken in. Raises Stop where that did harm."""
        with _station("reading"):
            [reading] = read_envelopes(Introduced(CODE, LANGUAGES), [envelope])
        if not isinstance(reading.read, Candidate) or reading.problems:
            return False
        entry = reading.read.entry
        with _station("times"):
            formatting.format_time(entry.written_at, "en")
            formatting.format_ago(entry.written_at, "en")
        if entry.HasField("published"):
            self._publish(entry)
        else:
            self._withdraw(entry)
        self.taken += 1
        return True

    def _publish(self, entry: log_pb2.Entry) -> None:
        record = entry.published
        with _station("sanitising"):
            for edition in record.editions:
                html.plain_text(html.sanitise(edition.body))
        with _station("JSON"):
            document = content.to_json(record, "published")
        with _station("OAI-PMH"):
            for write in (dublin_core.write, native.write):
                etree.fromstring(etree.tostring(write(document, _REPOSITORY, _CENTRE)))
        self._index(Change(self._next(), record.id, record, at=entry.written_at))
        with _station("search"):
            found = self._engine.search(Query(record.editions[0].title[:1_000]))
            newest = self._engine.search(Query(sort="changed", limit=5))
        with _station("feeds"):
            for results in (found, newest):
                _feeds(results)
        with _station("dates"):
            for hit in newest.hits:
                formatting.format_date(hit.date, "ru")
                formatting.format_time(hit.changed or hit.date, "zh")

    def _withdraw(self, entry: log_pb2.Entry) -> None:
        record_id = log.record_id(entry)
        self._index(Change(self._next(), record_id, None, at=entry.written_at))
        reason = entry.retracted.reason
        with _station("feeds"):
            gone = Withdrawn(record_id, CODE, "2026-11-22T08:00:00.000Z", reason)
            _feeds(self._engine.search(Query(limit=1)), gone)

    def _index(self, change: Change) -> None:
        with _station("index"):
            self._engine.apply([change])
            self._engine.commit()

    def _next(self) -> int:
        self._number += 1
        return self._number


def _feeds(results: Results, *withdrawn: Withdrawn) -> None:
    origin = "https://hub.example"
    feed = Feed(
        title="News",
        language="en",
        origin=origin,
        page=f"{origin}/en/news",
        address=f"{origin}/en/news.atom",
        hits=results.hits,
        centres={CODE: "Evil"},
        withdrawn=withdrawn,
    )
    etree.fromstring(write_atom(feed))
    write_json(feed)


@contextmanager
def _station(name: str) -> Iterator[None]:
    began = time.thread_time()
    try:
        yield
    except Exception as error:
        raise Stop(f"{name}: {type(error).__name__}: {str(error)[:200]}") from error
    if (took := time.thread_time() - began) > SECONDS:
        raise Stop(f"{name} took {took:.1f} s")
