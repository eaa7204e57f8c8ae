"""Harvests by OAI-PMH: sets, times, and pages, whatever changes between two of them."""

import pytest
from lxml import etree

from tests.support.schemas import harvests
from tests.unit.exchange.repository import (
    OAI,
    MemoryRepository,
    ask,
    asking,
    code_of,
    identifier,
    identifiers,
    pages_of,
    some,
)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("kind:policy", [2]),
        ("country:CN", [2]),
        ("country", [1, 2]),
        ("centre:sco", [1, 2, 3]),
        ("kind", [1, 2, 3]),
    ],
)
async def test_a_set_is_a_part_of_everything(chosen: str, found: list[int]) -> None:
    """A centre's, a kind's, a country's; what is above several sets is all of them."""
    async with asking(some()) as client:
        listed = {each.text for each in (await ask(client, verb="ListSets")).iter(f"{OAI}setSpec")}
        document = await ask(client, verb="ListIdentifiers", metadataPrefix="bri", set=chosen)
    assert chosen in listed
    assert identifiers(document) == [identifier(each) for each in found]


async def test_times_are_inclusive_to_the_second() -> None:
    """A record that changed within a second belongs to it, whichever bound names it."""
    repository = MemoryRepository()
    repository.put(1, "2026-11-22T08:00:00.900Z")
    async with asking(repository) as client:
        for bounds, number in [
            ({"from_": "2026-11-22T08:00:00Z"}, 1),
            ({"until": "2026-11-22T08:00:00Z"}, 1),
            ({"from_": "2026-11-22", "until": "2026-11-22"}, 1),
            ({"from_": "2026-11-22T08:00:01Z"}, 0),
            ({"until": "2026-11-22T07:59:59Z"}, 0),
            ({"until": "2026-11-21"}, 0),
        ]:
            found = await ask(client, verb="ListIdentifiers", metadataPrefix="bri", **bounds)
            assert len(identifiers(found)) == number, bounds


async def test_a_harvest_misses_nothing_while_records_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What changes before it was given out comes later, and what changes after it comes once more,
    as it is then; nothing else comes twice, whatever happens between two pages."""
    repository = MemoryRepository()
    for number in range(1, 11):
        repository.put(number)
    seen: list[tuple[str, str]] = []
    with pages_of(3, monkeypatch):
        async with asking(repository) as client:
            document = await ask(client, verb="ListRecords", metadataPrefix="bri")
            seen += _headers(document)
            repository.put(9, "2026-11-22T10:00:00.000Z")  # not given out yet
            repository.withdraw(1, "2026-11-22T10:00:00.000Z")  # given out
            repository.put(11, "2026-11-22T10:00:00.000Z")  # new
            while token := document.findtext(f".//{OAI}resumptionToken"):
                document = await ask(client, verb="ListRecords", resumptionToken=token)
                seen += _headers(document)
    assert len(seen) == len(set(seen)) == 12
    assert {each for each, _ in seen} == {identifier(number) for number in range(1, 12)}
    assert seen.count((identifier(9), "2026-11-22T10:00:00Z")) == 1
    assert [each for each, _ in seen].count(identifier(1)) == 2


def _headers(document: etree._Element) -> list[tuple[str, str]]:
    return [
        (each.findtext(f"{OAI}identifier") or "", each.findtext(f"{OAI}datestamp") or "")
        for each in document.iter(f"{OAI}header")
    ]


async def test_a_token_keeps_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set, times and format are in it; the last page has an empty one, and the pages count."""
    repository = MemoryRepository()
    for number in range(1, 8):
        repository.put(number, kind="policy" if number % 2 else "news")
    with pages_of(1, monkeypatch):
        async with asking(repository) as client:
            document = await ask(
                client, verb="ListRecords", metadataPrefix="bri", set="kind:news",
                from_="2026-11-22",
            )  # fmt: skip
            found, cursors = identifiers(document), []
            while True:
                token = document.find(f".//{OAI}resumptionToken")
                cursors.append(token.get("cursor"))
                if not token.text:
                    break
                document = await ask(client, verb="ListRecords", resumptionToken=token.text)
                harvests().assertValid(document)
                found += identifiers(document)
    assert found == [identifier(2), identifier(4), identifier(6)]
    assert cursors == ["0", "1", "2"]


async def test_a_token_of_a_log_that_is_no_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restored backup the list begins again, and does not leave out what came between."""
    repository = some()
    with pages_of(1, monkeypatch):
        async with asking(repository) as client:
            document = await ask(client, verb="ListRecords", metadataPrefix="bri")
            token = document.findtext(f".//{OAI}resumptionToken")
            repository.epoch = "second"
            again = await ask(client, verb="ListRecords", resumptionToken=token)
    assert code_of(again) == "badResumptionToken"


async def test_whoever_comes_too_early_is_asked_to_come_again() -> None:
    """By the status and the header that harvesters know."""
    repository = some()
    repository.is_behind = True
    async with asking(repository) as client:
        answer = await client.get("/oai?verb=ListRecords&metadataPrefix=bri")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_list_says_how_long_it_is_and_how_far_one_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it was counted at the beginning; what came while one harvested is counted at the end. A
    list in one answer says nothing of it."""
    repository = MemoryRepository()
    for number in range(1, 8):
        repository.put(number)
    told = []
    with pages_of(3, monkeypatch):
        async with asking(repository) as client:
            document = await ask(client, verb="ListRecords", metadataPrefix="bri")
            repository.put(8)
            while (token := document.find(f".//{OAI}resumptionToken")) is not None:
                harvests().assertValid(document)
                told.append((token.get("cursor"), token.get("completeListSize")))
                if not token.text:
                    break
                document = await ask(client, verb="ListRecords", resumptionToken=token.text)
            short = await ask(client, verb="ListIdentifiers", metadataPrefix="bri")
    assert told == [("0", "7"), ("3", "7"), ("6", "8")]
    assert short.find(f".//{OAI}resumptionToken") is None
