"""The holdings as a DCAT 3 catalogue (W3C Recommendation of 2024-08-22), for portals of open data.

Rules:
- a dataset is what one centre publishes of one kind; it is the same one at the centre and at the
  hub, `urn:bri:dataset:<centre>:<kind>`, which the hub says is served by itself too;
- each is offered by every way that there is: the API, OAI-PMH, feeds, dumps;
- what is not known, such as a licence, is left out, and so is a dataset that cannot be written.
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from bri_exchange.source import Document, Holding, Repository
from bri_kit.clock import read_time
from bri_kit.set_aside import Revision, write_each
from bri_kit.xml_text import xml_text

PATH = "/catalog"
FORMATS = {"text/turtle": "turtle", "application/ld+json": "json-ld"}
"""Media types, and what rdflib calls them; the first is given where none is wanted."""

_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_LANGUAGE = "http://id.loc.gov/vocabulary/iso639-1/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_SERVICES = {"api": "API", "oai": "OAI-PMH 2.0"}
_THEME = "http://publications.europa.eu/resource/authority/data-theme/ENVI"


_IN_ADDRESSES = ":/?#[]@!$&'()*+,;=%-._~"
"""What an address may hold, and RDF would refuse nothing of (RFC 3986, 2.2 and 2.3)."""


def write(
    repository: Repository,
    centres: Sequence[Document],
    holdings: Sequence[Holding],
    media_type: str,
) -> bytes:
    """The catalogue in one of FORMATS; blocks for some tens of milliseconds."""
    graph = Graph()
    for prefix, namespace in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", _VCARD)):
        graph.bind(prefix, namespace)
    _Catalogue(graph, repository, {each["code"]: each for each in centres}).describe(holdings)
    return graph.serialize(format=FORMATS[media_type], encoding="utf-8")


class _Catalogue:
    """Describes one repository in a graph."""

    def __init__(
        self, graph: Graph, repository: Repository, centres: Mapping[str, Document]
    ) -> None:
        self._graph = graph
        self._repository = repository
        self._centres = centres
        self._address = repository.address
        self._node = URIRef(f"{self._address}{PATH}")

    def describe(self, holdings: Sequence[Holding]) -> None:
        """The catalogue, its services and a dataset for each holding."""
        self._say(self._node, RDF.type, DCAT.Catalog)
        self._name(self._node, DCTERMS.title, self._repository.names)
        self._say(self._node, DCTERMS.publisher, self._publisher())
        self._say(self._node, FOAF.homepage, URIRef(f"{self._address}/"))
        self._languages(self._node, self._repository.languages)
        self._licence(self._node)
        changed = max((each.changed for each in holdings), default="")
        self._moment(self._node, changed)
        services = self._services()
        catalogue = self._graph
        for part in write_each("catalogue", holdings, lambda h: self._alone(h, services), _named):
            catalogue += part

    def _alone(self, holding: Holding, services: Mapping[str, URIRef]) -> Graph:
        """A dataset by itself, written once: what cannot be written is to fail alone."""
        whole, self._graph = self._graph, Graph()
        try:
            dataset = self._dataset(holding, services)
            self._say(self._node, DCAT.dataset, dataset)
            for form in FORMATS.values():
                self._graph.serialize(format=form)
            return self._graph
        finally:
            self._graph = whole

    def _publisher(self) -> URIRef:
        code = self._repository.code
        if code in self._centres:
            return self._agent(code)
        node = URIRef(f"{self._address}/#publisher")
        self._say(node, RDF.type, FOAF.Organization)
        self._name(node, FOAF.name, self._repository.names)
        self._say(node, FOAF.mbox, URIRef(f"mailto:{self._repository.contact}"))
        return node

    def _agent(self, code: str) -> URIRef:
        centre = self._centres.get(code, {})
        node = URIRef(f"urn:bri:centre:{code}")
        self._say(node, RDF.type, FOAF.Organization)
        self._name(node, FOAF.name, centre.get("names") or {"en": code})
        if centre.get("url"):
            self._say(node, FOAF.homepage, URIRef(quote(centre["url"], safe=_IN_ADDRESSES)))
        return node

    def _services(self) -> Mapping[str, URIRef]:
        """What answers questions: the API and OAI-PMH."""
        made = {}
        described = {"api": "/openapi.json", "oai": "/oai?verb=Identify"}
        for name, description in described.items():
            node = URIRef(f"{self._address}{PATH}#{name}")
            place = f"{self._address}/oai" if name == "oai" else f"{self._address}/api/v1"
            self._say(node, RDF.type, DCAT.DataService)
            self._say(node, DCTERMS.title, Literal(_SERVICES[name], lang="en"))
            self._say(node, DCAT.endpointURL, URIRef(place))
            self._say(node, DCAT.endpointDescription, URIRef(f"{self._address}{description}"))
            self._say(self._node, DCAT.service, node)
            made[name] = node
        standard = URIRef("http://www.openarchives.org/OAI/openarchivesprotocol.html")
        self._say(made["oai"], DCTERMS.conformsTo, standard)
        return made

    def _dataset(self, holding: Holding, services: Mapping[str, URIRef]) -> URIRef:
        centre = self._centres.get(holding.centre, {})
        node = URIRef(f"urn:bri:dataset:{holding.centre}:{holding.kind}")
        self._say(node, RDF.type, DCAT.Dataset)
        self._say(node, DCTERMS.identifier, Literal(f"{holding.centre}:{holding.kind}"))
        names = centre.get("names") or {"en": holding.centre}
        kinds = self._repository.kinds[holding.kind]
        titles = {each: f"{names.get(each, holding.centre)}: {kinds[each]}" for each in kinds}
        self._name(node, DCTERMS.title, titles)
        about = f"{holding.records} records of the kind {holding.kind!r}, in all their languages."
        self._say(node, DCTERMS.description, Literal(about, lang="en"))
        self._say(node, DCTERMS.publisher, self._agent(holding.centre))
        self._say(node, DCAT.theme, URIRef(_THEME))
        self._languages(node, centre.get("edition_languages") or centre.get("languages") or ())
        self._licence(node)
        self._moment(node, holding.changed)
        for name, place, media, service in self._ways(holding):
            way = URIRef(f"{self._address}{PATH}#{holding.centre}-{holding.kind}-{name}")
            self._distribution(way, place, media, services.get(service))
            self._say(node, DCAT.distribution, way)
        return node

    def _ways(self, holding: Holding) -> Iterable[tuple[str, str, str, str]]:
        """How a dataset can be had: a name, an address, a media type and the service, if any."""
        at, kind, centre = self._address, holding.kind, holding.centre
        yield "api", f"{at}/api/v1/records?centre={centre}&kind={kind}", "application/json", "api"
        oai = f"{at}/oai?verb=ListRecords&metadataPrefix=bri&set=centre:{centre}"
        yield "oai", oai, "text/xml", "oai"
        feed = f"{at}{self._repository.feeds[kind]}?centre={centre}"
        yield "feed", feed, "application/atom+xml", ""
        if self._repository.has_dumps:
            yield "dump", f"{at}/dumps/", "application/gzip", ""

    def _distribution(self, node: URIRef, place: str, media: str, service: URIRef | None) -> None:
        self._say(node, RDF.type, DCAT.Distribution)
        self._say(node, DCAT.accessURL, URIRef(place))
        self._say(node, DCAT.mediaType, URIRef(f"{_MEDIA}{media}"))
        if service is not None:
            self._say(node, DCAT.accessService, service)
        self._licence(node)

    def _licence(self, node: URIRef) -> None:
        if self._repository.licence:
            self._say(node, DCTERMS.license, URIRef(self._repository.licence))

    def _languages(self, node: URIRef, tags: Iterable[str]) -> None:
        for tag in tags:
            self._say(node, DCTERMS.language, URIRef(f"{_LANGUAGE}{tag}"))

    def _moment(self, node: URIRef, changed: str) -> None:
        if read_time(changed):
            self._say(node, DCTERMS.modified, Literal(changed, datatype=XSD.dateTime))

    def _name(self, node: URIRef, predicate: URIRef, names: Mapping[str, str]) -> None:
        for language, name in names.items():
            self._say(node, predicate, Literal(xml_text(name), lang=language))

    def _say(self, node: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
        self._graph.add((node, predicate, value))


def _named(holding: Holding) -> Revision:
    return Revision(f"{holding.centre}:{holding.kind}", holding.changed)
