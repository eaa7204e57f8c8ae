"""OAI-PMH repositories, played with their real shapes."""

from dataclasses import dataclass, field

import pytest

from tests.integration.harvesting.harvesting import EN
from tests.support.publisher import Answer, Asked, Publisher
from tests.support.readings import Reading, reading_of

RU = "Министерство экологии утвердило порядок обращения с отходами"
_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"


@dataclass
class Repository:
    """An OAI-PMH repository with pages of two records; `expired` tokens are forgotten."""

    records: list[str] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)
    loops: bool = False

    def answer(self, asked: Asked) -> Answer:
        query = asked.query
        token = query.get("resumptionToken", "")
        if token in self.expired:
            return _oai('<error code="badResumptionToken">It is too old.</error>')
        start = int(token or 0)
        page = self.records[start : start + 2]
        if not page:
            return _oai('<error code="noRecordsMatch"/>')
        rest = self.loops or start + 2 < len(self.records)
        following = (
            f"<resumptionToken>{start if self.loops and start else start + 2}" if rest else ""
        )
        following += "</resumptionToken>" if following else "<resumptionToken/>"
        return _oai(f"<ListRecords>{''.join(page)}{following}</ListRecords>")


def _oai(inside: str) -> Answer:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
    <responseDate>2026-11-20T08:00:00Z</responseDate><request>x</request>{inside}</OAI-PMH>"""
    return Answer(text.strip().encode(), headers={"Content-Type": "text/xml"})


def record(number: int, title: str = EN, language: str = "eng", *, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    header = f"<header{status}><identifier>oai:x:{number}</identifier></header>"
    if deleted:
        return f"<record>{header}</record>"
    return f"""<record>{header}<metadata><oai_dc:dc xmlns:oai_dc="{_DC}"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title} {number}</dc:title>
    <dc:description>Who collects what, and when.</dc:description><dc:language>{language}
    </dc:language><dc:date>2019-01-08</dc:date><dc:subject>Solid waste</dc:subject>
    <dc:identifier>https://example.org/{number}</dc:identifier></oai_dc:dc></metadata></record>"""


@pytest.fixture
def repository(publisher: Publisher) -> Repository:
    repository = Repository([record(n) for n in range(1, 6)])
    publisher.routes["/oai"] = repository.answer
    return repository


async def harvest(publisher: Publisher, cursor: dict[str, str] | None = None) -> Reading:
    return await reading_of("oai", publisher.url("/oai"), cursor)


async def test_all_pages_of_a_repository_are_read(
    publisher: Publisher, repository: Repository
) -> None:
    """Records with language, date, topic and address; the next harvest begins at the day on which
    this one began, by the repository's clock."""
    repository.records[1] = record(2, RU, "rus")
    reading = await harvest(publisher)
    assert reading.faults == []
    assert [each.identity for each in reading.items] == [f"oai:x:{n}" for n in range(1, 6)]
    assert [each.language for each in reading.items] == ["en", "ru", "en", "en", "en"]
    assert reading.items[0].date == "2019-01-08"
    assert reading.items[0].topics == ("solid-waste",)
    assert reading.items[0].url == "https://example.org/1"
    assert reading.cursor == {"from": "2026-11-20"}
    repository.records = []
    again = await harvest(publisher, reading.cursor)
    assert publisher.asked[-1].query["from"] == "2026-11-20"
    assert (again.faults, again.items) == ([], [])


async def test_deleted_records_are_gone(publisher: Publisher, repository: Repository) -> None:
    """A deletion is told, and nothing else says that something is gone."""
    repository.records = [record(1, deleted=True), record(2)]
    reading = await harvest(publisher)
    assert [each.identity for each in reading.gone] == ["oai:x:1"]
    assert [each.identity for each in reading.items] == ["oai:x:2"]


async def test_an_interrupted_harvest_goes_on_and_an_expired_token_begins_anew(
    publisher: Publisher, repository: Repository
) -> None:
    """The cursor of each page holds the token; where it is too old the harvest begins where the
    last whole one began, and says so."""
    whole = await harvest(publisher)
    halfway = whole.marks[0].cursor
    assert halfway["token"] == "2"
    rest = await harvest(publisher, halfway)
    assert [each.identity for each in rest.items] == ["oai:x:3", "oai:x:4", "oai:x:5"]
    repository.expired = {"2"}
    reading = await harvest(publisher, {**halfway, "from": "2026-11-01"})
    assert reading.codes[0] == "token-expired"
    assert publisher.asked[-2].query.get("from") == "2026-11-01"
    assert [each.identity for each in reading.items] == ["oai:x:1", "oai:x:2"]
    assert reading.codes == ["token-expired", "token-expired"]
    assert reading.faults[-1].fatal


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_oai('<error code="badArgument">No such set</error>'), "not-oai"),
        (Answer(b"<html>Hello</html>"), "not-oai"),
        (Answer(b"<OAI-PMH"), "malformed"),
        (Answer(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "not-oai"),
        (Answer(b"", 503, {"Retry-After": "60"}), "busy"),
    ],
)
async def test_what_is_no_repository_is_told(
    publisher: Publisher, answer: Answer, code: str
) -> None:
    """Errors of the protocol, pages, half documents, entities and busy servers."""
    publisher.routes["/oai"] = answer
    reading = await harvest(publisher)
    assert reading.codes == [code]
    assert (reading.items, reading.marks) == ([], [])


async def test_a_repository_that_repeats_itself_is_left(
    publisher: Publisher, repository: Repository
) -> None:
    """The same token again would be followed for ever."""
    repository.loops = True
    assert (await harvest(publisher)).codes == ["endless"]
