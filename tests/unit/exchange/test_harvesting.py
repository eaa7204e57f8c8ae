"""OAI-PMH 2.0 as a harvester sees it: verbs, errors and formats, over a repository in memory."""

import pytest
from lxml import etree

from bri_kit.html import plain_text
from tests.support.schemas import harvests
from tests.unit.exchange.repository import (
    ADDRESS,
    OAI,
    a_document,
    ask,
    asking,
    code_of,
    identifier,
    identifiers,
    some,
)

DC = "{http://purl.org/dc/elements/1.1/}"
BRI = "{urn:bri:record:1}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.mark.parametrize(
    "arguments",
    [
        {"verb": "Identify"},
        {"verb": "ListMetadataFormats"},
        {"verb": "ListMetadataFormats", "identifier": identifier(1)},
        {"verb": "ListSets"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "bri"},
        {"verb": "GetRecord", "metadataPrefix": "bri", "identifier": identifier(2)},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": identifier(3)},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "sco:none"},
        {"verb": "ListRecords", "metadataPrefix": "bri", "from_": "2030-01-01"},
        {"verb": "Destroy"},
    ],
)
async def test_every_answer_is_as_the_protocol_says(arguments: dict[str, str]) -> None:
    """Valid by a schema of the protocol, of Dublin Core and of our own format."""
    async with asking(some()) as client:
        document = await ask(client, **arguments)
    harvests().assertValid(document)


async def test_the_same_by_get_and_by_post() -> None:
    """A form says what an address says."""
    sent = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "kind:news"}
    async with asking(some()) as client:
        by_get = await ask(client, **sent)
        by_post = etree.fromstring((await client.post("/oai", data=sent)).content)
        large = await client.post("/oai", content=b"verb=Identify&" + b"x" * 20_000)
    assert identifiers(by_get) == identifiers(by_post) == [identifier(1), identifier(3)]
    assert code_of(etree.fromstring(large.content)) == "badVerb"


async def test_who_serves() -> None:
    """Identify tells what a harvester builds on."""
    async with asking(some()) as client:
        found = (await ask(client, verb="Identify")).find(f"{OAI}Identify")
    told = {each.tag.removeprefix(OAI): each.text for each in found}
    assert told["baseURL"] == f"{ADDRESS}/oai"
    assert told["deletedRecord"] == "persistent"
    assert told["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    assert told["earliestDatestamp"] == "2026-01-01T00:00:00Z"


ERRORS = {
    "badVerb": ["", "verb=", "verb=identify", "verb=Identify&verb=Identify", "verb=Identify%00"],
    "badArgument": [
        "verb=Identify&set=kind:news",
        "verb=GetRecord&identifier=sco:1",
        "verb=GetRecord&identifier=sco:1&identifier=sco:2&metadataPrefix=bri",
        "verb=ListRecords",
        "verb=ListRecords&metadataPrefix=bri&from=2026-13-01",
        "verb=ListRecords&metadataPrefix=bri&from=2026-02-30T00:00:00Z",
        "verb=ListRecords&metadataPrefix=bri&from=2026-02-20T00:00:00.1Z",
        "verb=ListRecords&metadataPrefix=bri&from=2026-02-20T00:00:00%2B01:00",
        "verb=ListRecords&metadataPrefix=bri&until=yesterday",
        "verb=ListRecords&metadataPrefix=bri&from=2026-01-02&until=2026-01-01",
        "verb=ListRecords&metadataPrefix=bri&from=2026-01-01&until=2026-01-01T00:00:00Z",
        "verb=ListRecords&metadataPrefix=bri&set=a%20b",
        "verb=ListRecords&metadataPrefix=bri&set=kind:",
        "verb=ListRecords&metadataPrefix=bri&resumptionToken=x",
        f"verb=ListRecords&metadataPrefix=bri&set={'x' * 3_000}",
    ],
    "badResumptionToken": [
        "verb=ListRecords&resumptionToken=",
        "verb=ListRecords&resumptionToken=junk",
        "verb=ListRecords&resumptionToken=WzEsMl0",
        "verb=ListSets&resumptionToken=WzEsMl0",
    ],
    "cannotDisseminateFormat": [
        "verb=ListRecords&metadataPrefix=marc",
        "verb=GetRecord&metadataPrefix=marc&identifier=sco:1",
    ],
    "idDoesNotExist": [
        "verb=GetRecord&metadataPrefix=bri&identifier=sco:1",
        "verb=ListMetadataFormats&identifier=%3Cscript%3E",
    ],
    "noRecordsMatch": [
        "verb=ListRecords&metadataPrefix=bri&set=kind:technology",
        "verb=ListIdentifiers&metadataPrefix=bri&set=nothing",
        "verb=ListRecords&metadataPrefix=bri&until=2020-01-01",
    ],
}


@pytest.mark.parametrize(
    ("code", "query"), [(code, query) for code, queries in ERRORS.items() for query in queries]
)
async def test_what_is_wrong_is_told_by_the_protocols_own_word(code: str, query: str) -> None:
    """As an answer of status 200, which echoes a request only where it is sound in itself."""
    async with asking(some()) as client:
        answer = await client.get(f"/oai?{query}")
    assert answer.status_code == 200
    document = etree.fromstring(answer.content)
    harvests().assertValid(document)
    assert code_of(document) == code
    echoed = document.find(f"{OAI}request")
    assert bool(echoed.attrib) == (code not in ("badVerb", "badArgument"))


async def test_a_request_of_too_many_parts_is_refused() -> None:
    """Whatever they are."""
    async with asking(some()) as client:
        answer = await client.get("/oai?" + "&".join(f"a{each}=1" for each in range(60)))
    assert code_of(etree.fromstring(answer.content)) == "badVerb"


async def test_dublin_core_has_an_element_for_each_language() -> None:
    """Titles and texts say which language they are in; what XML forbids is left out."""
    async with asking(some()) as client:
        document = await ask(
            client, verb="GetRecord", metadataPrefix="oai_dc", identifier=identifier(1)
        )
    titles = {each.get(LANG): each.text for each in document.iter(f"{DC}title")}
    assert titles == {"zh": "固体废物", "en": "Waste <law> & more"}
    assert {each.text for each in document.iter(f"{DC}language")} == {"zh", "en"}
    assert identifier(1) in {each.text for each in document.iter(f"{DC}identifier")}
    assert f"{ADDRESS}/en/records/{identifier(1)}" in [
        each.text for each in document.iter(f"{DC}identifier")
    ]
    assert "固体废物" in {each.text for each in document.iter(f"{DC}subject")}


async def test_our_own_format_loses_nothing() -> None:
    """Editions, their origin, and everything that is told of a policy."""
    async with asking(some()) as client:
        document = await ask(
            client, verb="GetRecord", metadataPrefix="bri", identifier=identifier(2)
        )
    record = next(document.iter(f"{BRI}record"))
    sent = a_document(2)
    for edition in record.iter(f"{BRI}edition"):
        said = sent["editions"][edition.get(LANG)]
        assert edition.findtext(f"{BRI}body") == said["body"]
        assert edition.get("origin") == said["origin"]
        assert plain_text(said["body"])
    policy = record.find(f"{BRI}policy")
    assert dict(policy.attrib) == {
        "jurisdiction": "RU", "instrument": "law", "status": "in-force",
        "adopted": "2018-12-24", "inForce": "2019-01-01",
    }  # fmt: skip
    assert policy.findtext(f"{BRI}amends") == "96-ФЗ"


async def test_the_schema_of_our_own_format_is_served() -> None:
    """Where the list of formats says that it is."""
    async with asking(some()) as client:
        formats = await ask(client, verb="ListMetadataFormats")
        addresses = [each.text for each in formats.iter(f"{OAI}schema")]
        assert f"{ADDRESS}/schemas/bri-record-1.xsd" in addresses
        schema = await client.get("/schemas/bri-record-1.xsd")
    assert etree.fromstring(schema.content).get("targetNamespace") == "urn:bri:record:1"


async def test_what_is_gone_stays_known_as_gone() -> None:
    """A withdrawn record has its header for ever, and no content."""
    async with asking(some()) as client:
        document = await ask(
            client, verb="GetRecord", metadataPrefix="oai_dc", identifier=identifier(3)
        )
    (record,) = document.iter(f"{OAI}record")
    header = record.find(f"{OAI}header")
    assert header.get("status") == "deleted"
    assert header.findtext(f"{OAI}datestamp") == "2026-11-22T09:00:00Z"
    assert record.find(f"{OAI}metadata") is None
