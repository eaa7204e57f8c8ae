"""One path through everything that a record leaves by: index, pages, feeds, protocols, letters.

What is stored may be anything that a former version took in, so the path begins behind the check.
Each output is read back by a parser, and the record beside the one under test is to be in it.
"""

import json
import re
import tempfile
from collections.abc import Generator, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from lxml import etree, html
from rdflib import Graph

from bri_exchange import catalogue, sets
from bri_exchange.mirroring import PUBLISHED, Change, read_changes, read_everything
from bri_exchange.source import Holding, Item
from bri_hub.alerts.comparing import differences as compare_records
from bri_kit import content
from bri_kit import html as kit_html
from bri_pages.alerts import Told
from bri_pages.asking import Question
from bri_pages.letters import Digest, write_digest
from bri_pages.matching import Sieve
from bri_pages.rendering import Renderer
from bri_pages.source import Listed, RecordView, Revision, Withdrawn
from bri_retrieval import engine as retrieval
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Hit, Query, Results
from tests.support.centres import a_record
from tests.unit.exchange import repository as exchange
from tests.unit.pages.source import HUB, PROVENANCE, MemorySource, visiting

GOOD = "sco:01JD4XG2Q70000000000000001"
BAD = "sco:01JD4XG2Q70000000000000002"
TITLE = "Kingfisher beside it"
LANGUAGES = ("en", "zh", "ru")
LAST_INDEXED = "2870"
_JSON_LD = re.compile(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', re.DOTALL)


def good() -> content_pb2.Record:
    """The record that is to be in every output."""
    return a_record(GOOD, en=TITLE)


def document_of(record: content_pb2.Record) -> dict[str, Any]:
    """As hub and node show it."""
    shown = content_pb2.Record()
    shown.CopyFrom(record)
    for edition in shown.editions:
        edition.body = kit_html.sanitise(edition.body)
    return content.to_json(shown, "published")


def hit_of(record: content_pb2.Record, changed: str) -> Hit:
    """A card, as search makes it of whatever is stored."""
    edition = record.editions[0] if record.editions else content_pb2.Edition()
    return Hit(
        record.id,
        content.centre_of(record.id),
        content.KIND_NAMES.get(record.kind, "unknown"),
        edition.language,
        edition.title,
        f"<mark>{escape(edition.summary)}</mark>",
        content.display_date(record),
        list(record.countries),
        list(record.topics),
        [each.language for each in record.editions],
        published=record.dates.published,
        changed=changed,
    )


def index(records: Sequence[content_pb2.Record], at: str) -> Sequence[Hit]:
    """The hits of an engine that holds these records."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), heap_bytes=16 * 1024 * 1024)
        try:
            changes = [
                retrieval.Change(number, each.id, each, at=at)
                for number, each in enumerate(records, 1)
            ]
            engine.apply(changes)
            engine.commit()
            return engine.search(Query(language="en", limit=50)).hits
        finally:
            engine.close()


class Log:
    """A change log of a few records."""

    def __init__(self, records: Sequence[content_pb2.Record]) -> None:
        self._records = records

    def head(self) -> int:
        return len(self._records)

    def epoch_at(self, _number: int) -> str:
        return "first"

    def holds(self, _epoch: str, _number: int) -> bool:
        return True

    def walk(self, after: int, limit: int | None = None) -> Generator[Change, None, None]:
        for number, record in enumerate(self._records[after:][:limit], after + 1):
            yield Change(number, record.id, "sco", PUBLISHED, record=document_of(record))


def source_of(record: content_pb2.Record, hits: Sequence[Hit], at: str, reason: str) -> Any:
    """What answers pages, with `record` among everything that they ask."""
    documents = [document_of(each) for each in (record, good())]
    revisions = [Revision(1, at, documents[1]), Revision(2, at, None, reason)]
    revisions += [Revision(3, at, documents[0])]
    source = _Listing(
        Results(len(hits), hits),
        RecordView(documents[0], PROVENANCE, revisions, related=hits),
        others=documents,
        gone=[Withdrawn(BAD, "sco", at, reason), Withdrawn(GOOD, "sco", at, "kept")],
    )
    source.listed = [Listed(f"{GOOD}", "2026-11-22T08:00:00.000Z"), Listed(record.id, at)]
    return source


class _Listing(MemorySource):
    listed: Sequence[Listed] = ()

    async def listing(self, _centre: str, _number: int, _length: int) -> Sequence[Listed]:
        return self.listed


async def check_pages(source: Any, language: str) -> None:
    """Lists and feeds answer with the record beside it; a record's own page answers too."""
    async with visiting(source) as reader:
        for path in ("search", "news", "countries/KZ", "centres/sco", ""):
            page = await reader.get(f"/{language}/{path}")
            assert page.status_code == 200, (path, page.text[:300])
            assert TITLE in page.text, path
        for path in ("search.atom", "news.atom"):
            feed = await reader.get(f"/{language}/{path}")
            assert feed.status_code == 200
            assert GOOD in etree.tostring(etree.fromstring(feed.content)).decode()
            assert feed.content.count(b"deleted-entry ref") == 2
        items = json.loads((await reader.get(f"/{language}/search.json")).content)["items"]
        assert any(each["title"] == TITLE for each in items)
        sitemap = await reader.get("/sitemap/sco-0.xml")
        assert GOOD.encode() in sitemap.content
        etree.fromstring(sitemap.content)
        for path in (f"records/{BAD}", f"records/{BAD}/history"):
            page = await reader.get(f"/{language}/{path}")
            assert page.status_code in (200, 500), path
            html.fromstring(page.content)
            for found in _JSON_LD.findall(page.text):
                json.loads(found)


async def check_exchange(record: content_pb2.Record, at: str) -> None:
    """Harvests, catalogue, changes and dump have the record beside it."""
    held = exchange.MemoryRepository()
    for number, each in enumerate((record, good()), 1):
        document = document_of(each)
        named = sets.specs_of("sco", document["kind"], document["countries"])
        held.items[number] = Item(each.id, (at, "2026-11-22T08:00:00.000Z")[number - 1], named)
        held.items[number] = Item(each.id, held.items[number].at, named, document)
    async with exchange.asking(held) as client:
        for prefix in ("oai_dc", "bri"):
            answer = await exchange.ask(client, verb="ListRecords", metadataPrefix=prefix)
            assert GOOD in exchange.identifiers(answer)
            asked = {"identifier": record.id, "metadataPrefix": prefix}
            answer = await exchange.ask(client, verb="GetRecord", **asked)
            assert exchange.code_of(answer) in ("", "cannotDisseminateFormat")
        answer = await exchange.ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
        assert GOOD in exchange.identifiers(answer)
    kinds = (content.KIND_NAMES.get(record.kind, "unknown"), "news")
    holdings = [Holding("sco", kind, 1, at) for kind in kinds]
    for form in catalogue.FORMATS:
        written = catalogue.write(await held.repository(), [exchange.CENTRE], holdings, form)
        assert b"urn:bri:dataset:sco:news" in written
        json.loads(written) if "json" in form else Graph().parse(data=written, format="turtle")
    log = Log((record, good()))
    lines = [json.loads(line) for line, _ in read_everything(log).lines]
    assert GOOD in [line["id"] for line in lines]
    changes = read_changes(log, "", 0, 100)
    assert changes["after"] == 2
    assert GOOD in [each["id"] for each in changes["items"]]


def check_letters(record: content_pb2.Record, reason: str, language: str) -> None:
    """A digest tells of the record beside it."""
    entry = log_pb2.Entry(published=record)
    found = compare_records(good(), entry.published)
    titles = {each.language: each.title for each in record.editions}
    told = [
        Told("amended", record.id, titles, found),
        Told("retracted", record.id, titles, [["reason", reason]]),
        Told("new", GOOD, {"en": TITLE}),
    ]
    digest = Digest(Question(), told, 0, "https://hub.test/", "https://hub.test/m", "https://l")
    letter = write_digest(Renderer(HUB), "https://hub.test", digest, language)
    assert letter is not None
    assert TITLE in letter.text
    assert TITLE in letter.html
    assert letter.subject.isprintable()
    html.fromstring(letter.html)
    assert Sieve([record, good()]).passing(Question(filters=(("country", "KZ"),))) >= {GOOD}


def indexable(record: content_pb2.Record) -> bool:
    """Whether its days are such as an index orders."""
    days = (record.dates.original, record.dates.event, record.policy.adopted)
    return all(day[:4] <= LAST_INDEXED for day in days)


def every_character() -> Iterator[str]:
    """All of Unicode but surrogates, which no stored text has, in texts of some thousands."""
    for start in range(0, 0x110000, 0x4000):
        yield "".join(
            chr(each) for each in range(start, start + 0x4000) if not 0xD800 <= each < 0xE000
        )
