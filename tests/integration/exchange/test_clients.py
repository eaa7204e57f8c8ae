"""Other people's clients read what hub and node give: sickle, rdflib, extruct, feedparser."""

from typing import Any

import feedparser
import httpx
import pytest
from lxml import etree
from rdflib import Graph
from rdflib.namespace import DCAT, RDF

from tests.integration.node.running import a_document
from tests.support.readers import extruct, sickle
from tests.support.schemas import harvests
from tests.support.site import Site
from tests.support.waiting import within

LAW = {
    "jurisdiction": "RU", "instrument": "law", "number": "89-ФЗ", "authority": "Дума",
    "status": "in-force", "adopted": "1998-06-24", "in_force": "1998-06-30",
    "amends": ["7-ФЗ"], "repeals": ["2060-1"],
}  # fmt: skip


@pytest.fixture(scope="module")
def published(running: Site) -> list[str]:
    """Seven records, the last of them withdrawn and the first one a law, at node and hub."""
    ids: list[str] = []
    with httpx.Client(base_url=running.node, headers=running.tokens("node")) as editor:
        for number in range(7):
            document = a_document(**({"kind": "policy", "policy": LAW} if not number else {}))
            document["countries"] = ["CN"] if number == 1 else ["KZ"]
            answer = editor.post("/api/v1/records?publish=true", json=document)
            assert answer.status_code == 201, answer.text
            ids.append(answer.json()["id"])
        editor.post(f"/api/v1/records/{ids[6]}/retract", json={"reason": "wrong"})
    within(lambda: httpx.get(f"{running.hub}/api/v1/records/{ids[6]}").status_code == 410)
    return ids


@pytest.fixture(params=["node", "hub"])
def address(request: pytest.FixtureRequest, running: Site, published: list[str]) -> str:
    return running.url(request.param)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("prefix", ["oai_dc", "bri"])
def test_sickle_harvests_everything(
    address: str,
    published: list[str],
    prefix: str,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Page by page, what is gone told as gone, each answer valid."""
    monkeypatch.setattr("bri_exchange.oai.answering.PAGE", 2)
    client = sickle.Sickle(f"{address}/oai", http_method=method)
    found = {each.header.identifier: each for each in client.ListRecords(metadataPrefix=prefix)}
    assert set(found) == set(published)
    assert [each for each in found if found[each].header.deleted] == [published[6]]
    if prefix == "oai_dc":
        assert "Solid waste management" in found[published[0]].metadata["title"]
    responses = sickle.Sickle(f"{address}/oai", iterator=sickle.iterator.OAIResponseIterator)
    for each in responses.ListRecords(metadataPrefix=prefix):
        harvests().assertValid(etree.fromstring(each.raw.encode()))


def test_sickle_harvests_parts(address: str, published: list[str]) -> None:
    """A set, a time, headers alone, one record."""
    client = sickle.Sickle(f"{address}/oai")
    specs = {each.setSpec for each in client.ListSets()}
    assert {"centre:sco", "kind:policy", "country:CN", "country:KZ"} <= specs
    for chosen, wanted in (
        ("kind:policy", published[:1]),
        ("country:CN", published[1:2]),
        ("centre:sco", published),
    ):
        found = client.ListIdentifiers(metadataPrefix="bri", set=chosen)
        assert [each.identifier for each in found] == wanted
    one = client.GetRecord(identifier=published[2], metadataPrefix="bri")
    assert one.header.identifier == published[2]
    day = one.header.datestamp[:10]
    found = client.ListIdentifiers(metadataPrefix="bri", **{"from": day, "until": day})
    assert len(list(found)) == 7
    with pytest.raises(sickle.oaiexceptions.NoRecordsMatch):
        client.ListIdentifiers(metadataPrefix="bri", until="2000-01-01")
    with pytest.raises(sickle.oaiexceptions.NoRecordsMatch):
        client.ListIdentifiers(metadataPrefix="bri", **{"from": "2999-01-01"})
    assert client.Identify().deletedRecord == "persistent"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json"])
def test_rdflib_reads_the_catalogue(address: str, published: list[str], media_type: str) -> None:
    """By content negotiation; a dataset for each kind that there is."""
    answer = httpx.get(f"{address}/catalog", headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    graph = Graph().parse(data=answer.content, format=media_type)
    datasets = {str(each) for each in graph.subjects(RDF.type, DCAT.Dataset)}
    assert datasets == {f"urn:bri:dataset:sco:{kind}" for kind in ("news", "policy")}


def test_extruct_reads_a_records_page(address: str, published: list[str]) -> None:
    """schema.org's NewsArticle and Legislation, with what each has to say."""
    law, news = (_linked_data(f"{address}/en/records/{each}") for each in published[:2])
    assert news["@type"] == "NewsArticle"
    assert news["headline"] == "Solid waste management"
    assert news["inLanguage"] == "en"
    assert news["url"].endswith(f"/en/records/{published[1]}")
    assert news["publisher"]["name"]
    assert law["@type"] == "Legislation"
    assert law["legislationIdentifier"] == "89-ФЗ"
    assert law["legislationJurisdiction"] == {
        "@type": "Country",
        "identifier": "RU",
        "name": "Russia",
    }
    assert law["legislationLegalForce"] == "https://schema.org/InForce"
    assert law["legislationDate"] == "1998-06-24"
    assert law["legislationChanges"] == ["7-ФЗ"]


def _linked_data(url: str) -> dict[str, Any]:
    page = httpx.get(url)
    assert page.status_code == 200
    found = extruct.extract(page.text, base_url=url, syntaxes=["json-ld"])["json-ld"]
    document: dict[str, Any] = next(each for each in found if each["@type"] != "WebSite")
    return document


def test_a_centres_feed_is_followed_at_the_hub(running: Site, published: list[str]) -> None:
    """Its feeds name the portal's WebSub, which knows them by the address that they name."""
    answer = httpx.get(f"{running.node}/en/news.atom")
    links = {each.rel: each.href for each in feedparser.parse(answer.content).feed.links}
    own = {name: answer.links[name]["url"] for name in ("hub", "self")}
    assert {name: links[name] for name in own} == own
    assert own["hub"].startswith(running.hub)
    form = {"hub.mode": "subscribe", "hub.callback": "http://192.0.2.1/", "hub.topic": own["self"]}
    assert httpx.post(own["hub"], data=form).status_code == 202


def test_feedparser_reads_the_feeds(address: str, published: list[str]) -> None:
    """What is published is in them, as Atom; what is withdrawn is not."""

    def read() -> Any:
        return feedparser.parse(httpx.get(f"{address}/en/search.atom").content)

    within(lambda: len(read().entries) == 6)
    feed = read()
    assert not feed.bozo
    assert {each.id.rpartition("/")[2] for each in feed.entries} == set(published[:6])
