"""Whatever is stored, every output answers, and the record beside it is there.

Records are at and beyond every bound; whether the check lets them pass is another question.
"""

import asyncio

import pytest
from bri.content.v1 import content_pb2
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bri_kit import content
from tests.unit.robustness import path

LONG = "x" * (content.MAX_TITLE + 1)
HOSTILE = (
    "", " ", "\x00", "a\x00b", "\x0b\x1f", "\ufffe\uffff", "\u202e\u2066", "]]>", "<![CDATA[",
    "</script><!--", "&#0;&#x0;&amp;", "%s%(num)s{0}", "\r\nBcc: a@b.example", "ﷺ" * 60, LONG,
    "<div>" * 50, "<img src=x alt='\"'><table>", "\U0010ffff\U000e0001", "no " * 300, '"' * 100,
)  # fmt: skip
DATES = (
    "", "0001-01-01", "9999-12-31", "2926-01-01", "2019-02-30", "2019", "2019-W01-1", "20190108",
    "0000-00-00", "-001-01-01", "2019-01-08T00:00:00Z", "x" * 500, "\x00",
)  # fmt: skip
TIMES = (
    "", "2026-11-30", "2026-11-22T08:00:00.000Z", "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-14:00",
    "2026-11-22T08:00:00", "yesterday\x00", "1" * 500,
)  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
dates = st.sampled_from(DATES) | st.dates().map(str) | texts
times = st.sampled_from(TIMES) | st.datetimes().map(lambda each: f"{each.isoformat()}Z") | texts
languages = st.sampled_from(["zh", "en", "ru", "ar", "tl", "x-klingon", ""]) | texts
codes = st.lists(st.sampled_from(["KZ", "KZ", "CN", "XX", "kz"]) | texts, max_size=4)
numbers = st.integers(0, 2**31 - 1)

editions = st.builds(
    content_pb2.Edition,
    language=languages,
    title=texts,
    summary=texts,
    body=texts,
    origin=st.integers(0, 7),
    stale=st.booleans(),
)
policies = st.builds(
    content_pb2.Policy,
    jurisdiction=st.sampled_from(["RU", "", "XX"]) | texts,
    instrument=st.sampled_from(["law", ""]) | texts,
    number=texts,
    authority=texts,
    status=st.sampled_from(["draft", "in-force", "repealed", ""]) | texts,
    adopted=dates,
    in_force=dates,
    amends=st.lists(texts, max_size=3),
    repeals=st.lists(texts | st.just(path.GOOD), max_size=3),
)
records = st.builds(
    content_pb2.Record,
    id=st.just(path.BAD),
    revision=numbers,
    kind=st.integers(0, 9),
    original_language=languages,
    editions=st.lists(editions, max_size=3),
    countries=codes,
    topics=codes,
    source=st.builds(content_pb2.Source, name=texts, url=texts),
    dates=st.builds(content_pb2.Dates, event=dates, original=dates, published=times),
    policy=st.none() | policies,
)


def _walk(record: content_pb2.Record, at: str, reason: str, language: str) -> None:
    content.check(record, ["zh", "en", "ru"])
    hits = [path.hit_of(each, at) for each in (record, path.good())]
    with capture_logs():
        asyncio.run(path.check_pages(path.source_of(record, hits, at, reason), language))
        asyncio.run(path.check_exchange(record, at))
        path.check_letters(record, reason, language)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(records, times, texts, st.sampled_from(path.LANGUAGES))
def test_whatever_is_stored_every_output_answers(
    record: content_pb2.Record, at: str, reason: str, language: str
) -> None:
    """Pages, Atom, JSON Feed, sitemap, OAI-PMH, DCAT, JSON-LD, changes, dump and letters."""
    _walk(record, at, reason, language)


@pytest.mark.parametrize("date", DATES)
def test_every_date_goes_through_every_output(date: str) -> None:
    """The first and the last that there are among them, and what is none."""
    record = path.good()
    record.id, record.kind = path.BAD, content_pb2.KIND_POLICY
    record.dates.event = record.dates.original = date
    record.policy.adopted = record.policy.in_force = date
    record.policy.status, record.dates.published = "in-force", date
    _walk(record, date, date, "zh")


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(records.filter(path.indexable), times)
def test_what_is_indexed_is_found_beside_its_neighbour(record: content_pb2.Record, at: str) -> None:
    """By the embedded engine; its own cards go through pages and feeds."""
    with capture_logs():
        hits = path.index([record, path.good()], at)
        assert path.GOOD in [hit.id for hit in hits]
        asyncio.run(path.check_pages(path.source_of(record, hits, at, ""), "en"))


@pytest.mark.long
def test_every_character_goes_through_every_output() -> None:
    """All of Unicode, in title, summary and body, each once."""
    record = path.good()
    record.id = path.BAD
    first, *others = path.every_character()
    record.editions[0].title = record.editions[0].summary = record.editions[0].body = first
    for number, text in enumerate(others):
        record.editions.add(language=f"x{number}", title=text, summary=text, body=text)
    _walk(record, "2026-11-22T08:00:00.000Z", first, "en")
    cards = []
    for number, edition in enumerate(record.editions):
        card = content_pb2.Record(id=f"sco:{number:026d}", kind=record.kind, editions=[edition])
        cards.append(path.hit_of(card, "2026-11-22T08:00:00.000Z"))
    with capture_logs() as logged:
        source = path.source_of(path.good(), [*cards, path.hit_of(path.good(), "")], "", first)
        asyncio.run(path.check_pages(source, "ru"))
    assert [each for each in logged if each["event"] == "record.set_aside"] == []
