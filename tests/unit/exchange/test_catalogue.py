"""The DCAT catalogue, read by rdflib as others read it."""

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF
from rdflib.term import Node

from bri_exchange.routes import preferred
from tests.unit.exchange.repository import ADDRESS, MemoryRepository, asking

CATALOGUE = URIRef(f"{ADDRESS}/catalog")
FORMATS = {"/catalog.ttl": "turtle", "/catalog.jsonld": "json-ld", "/catalog": "turtle"}


def languages(graph: Graph, dataset: Node) -> set[str | None]:
    """Of a dataset's titles."""
    titles = graph.objects(dataset, DCTERMS.title)
    return {each.language for each in titles if isinstance(each, Literal)}


async def catalogue(path: str = "/catalog.ttl", **headers: str) -> Graph:
    async with asking(MemoryRepository(licence="https://example.org/licence")) as client:
        answer = await client.get(path, headers=headers)
    assert answer.status_code == 200
    return Graph().parse(data=answer.content, format=FORMATS[path])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
@pytest.mark.parametrize("path", FORMATS)
async def test_every_form_says_the_same(path: str) -> None:
    """A dataset a centre and kind, with all the ways to have it."""
    graph = await catalogue(path)
    assert (CATALOGUE, RDF.type, DCAT.Catalog) in graph
    datasets = set(graph.objects(CATALOGUE, DCAT.dataset))
    assert datasets == {URIRef(f"urn:bri:dataset:sco:{kind}") for kind in ("news", "policy")}
    for dataset in datasets:
        assert (dataset, RDF.type, DCAT.Dataset) in graph
        assert languages(graph, dataset) == {"en"}
        assert graph.value(dataset, DCTERMS.publisher) == URIRef("urn:bri:centre:sco")
        assert graph.value(dataset, DCTERMS.license) == URIRef("https://example.org/licence")
        assert graph.value(dataset, DCTERMS.modified) is not None
        ways = list(graph.objects(dataset, DCAT.distribution))
        assert len(ways) == 4
        for way in ways:
            assert str(graph.value(way, DCAT.accessURL)).startswith(f"{ADDRESS}/")
            assert graph.value(way, DCAT.mediaType) is not None
    names = set(graph.objects(None, FOAF.name))
    assert {Literal("上合", lang="zh"), Literal("SCO & friends", lang="en")} <= names


async def test_services_say_where_they_answer() -> None:
    """The API, with its own description, and OAI-PMH, with the standard that it keeps."""
    graph = await catalogue()
    places = {
        str(graph.value(each, DCAT.endpointURL)) for each in graph.objects(CATALOGUE, DCAT.service)
    }
    assert places == {f"{ADDRESS}/api/v1", f"{ADDRESS}/oai"}


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle;q=0.5, application/json", "application/ld+json"),
        ("text/turtle;q=x, application/ld+json;q=0.1", "application/ld+json"),
        ("," * 100_000, "text/turtle"),
    ],
)
def test_the_form_is_the_one_that_is_liked_best(accepted: str, given: str) -> None:
    """Turtle, where nothing is said that we have."""
    assert preferred(accepted) == given
