"""Records as unqualified Dublin Core (`oai_dc`): an element a language, told by `xml:lang`."""

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from bri_exchange.oai.documents import XML_LANG, XSI, Element
from bri_exchange.source import Document, Repository
from bri_kit import vocabulary
from bri_kit.html import plain_text
from bri_kit.xml_text import xml_text

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_LONGEST_DESCRIPTION = 2_000

Value = tuple[str, str, str]
"""An element's name, its text, and its language or nothing."""


def write(document: Document, repository: Repository, centre: Document) -> Element:
    """A published record of `centre`."""
    root = etree.Element(f"{{{NAMESPACE}}}dc", nsmap={"oai_dc": NAMESPACE, "dc": _DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, text, language in _values(document, repository, centre):
        if text:
            child = etree.SubElement(root, f"{{{_DC}}}{name}")
            child.text = xml_text(text)
            if language:
                child.set(XML_LANG, xml_text(language))
    return root


def _values(document: Document, repository: Repository, centre: Document) -> Iterator[Value]:
    editions: Mapping[str, Document] = document["editions"]
    for language, edition in editions.items():
        yield "title", edition["title"], language
    names = centre.get("names", {})
    yield from (("publisher", name, language) for language, name in names.items())
    for topic in document["topics"]:
        yield from _topic(topic, editions)
    for language, edition in editions.items():
        yield "description", _description(edition), language
    yield from (("date", day, "") for day in _days(document))
    yield "type", document["kind"], ""
    yield "format", "text/html", ""
    yield "identifier", document["id"], ""
    for language in editions:
        if language in repository.languages:
            yield "identifier", f"{repository.address}/{language}/records/{document['id']}", ""
    source = document.get("source") or {}
    yield "source", source.get("name", ""), ""
    yield "source", source.get("url", ""), ""
    yield from (("language", language, "") for language in editions)
    yield from _policy(document.get("policy") or {})
    yield from (("coverage", country, "") for country in document["countries"])
    yield "rights", repository.licence, ""


def _topic(code: str, languages: Iterable[str]) -> Iterator[Value]:
    found = vocabulary.topics().get(code)
    labels = dict(found.labels) if found else {}
    known = [language for language in languages if language in labels]
    if not known:
        yield "subject", code, ""
    yield from (("subject", labels[language], language) for language in known)


def _description(edition: Document) -> str:
    text = edition["summary"] or " ".join(plain_text(edition["body"]).split())
    limit = _LONGEST_DESCRIPTION
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _days(document: Document) -> Iterator[str]:
    dates = document["dates"]
    days = (dates.get("event"), dates.get("original"), (dates.get("published") or "")[:10])
    yield from dict.fromkeys(day for day in days if day)


def _policy(policy: Document) -> Iterator[Value]:
    yield "identifier", policy.get("number", ""), ""
    yield "creator", policy.get("authority", ""), ""
    yield "coverage", policy.get("jurisdiction", ""), ""
    for name in ("amends", "repeals"):
        yield from (("relation", each, "") for each in policy.get(name, ()))
