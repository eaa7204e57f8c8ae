"""Records as our own XML (`bri`): all that the public API tells, with every language's edition.

The schema is served beside the records; its namespace changes with any change that is not an
addition.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from lxml import etree

from bri_exchange.oai.documents import XML_LANG, XSI, Element
from bri_exchange.source import Document, Repository
from bri_kit.xml_text import xml_text

NAMESPACE = "urn:bri:record:1"
SCHEMA_PATH = "/schemas/bri-record-1.xsd"


def schema_address(repository: Repository) -> str:
    """Where the schema of this format is."""
    return f"{repository.address}{SCHEMA_PATH}"


@cache
def schema() -> bytes:
    """The schema itself."""
    return (files("bri_exchange") / "bri-record-1.xsd").read_bytes()


def write(document: Document, repository: Repository, _centre: Document) -> Element:
    """A published record."""
    root = etree.Element(_name("record"), nsmap={None: NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {schema_address(repository)}")
    _set(root, "id", document["id"])
    _set(root, "centre", document["centre"])
    _set(root, "revision", str(document["revision"]))
    _set(root, "kind", document["kind"])
    _set(root, "originalLanguage", document["original_language"])
    for language, edition in document["editions"].items():
        _add_edition(root, language, edition)
    for name, values in (("country", document["countries"]), ("topic", document["topics"])):
        for value in values:
            _add(root, name, value)
    _add_source(root, document.get("source") or {})
    _add_dates(root, document["dates"])
    if policy := document.get("policy"):
        _add_policy(root, policy)
    return root


def _add_edition(root: Element, language: str, edition: Document) -> None:
    child = _add(root, "edition")
    _set(child, XML_LANG, language)
    _set(child, "origin", edition["origin"])
    child.set("stale", "true" if edition["stale"] else "false")
    _add(child, "title", edition["title"])
    if edition["summary"]:
        _add(child, "summary", edition["summary"])
    _add(child, "body", edition["body"])


def _add_source(root: Element, source: Document) -> None:
    if source.get("name") or source.get("url"):
        child = _add(root, "source", source.get("name", ""))
        if source.get("url"):
            _set(child, "url", source["url"])


def _add_dates(root: Element, dates: Mapping[str, str]) -> None:
    child = _add(root, "dates")
    for name in ("event", "original", "published"):
        if dates.get(name):
            _set(child, name, dates[name])


def _add_policy(root: Element, policy: Document) -> None:
    child = _add(root, "policy")
    for name in ("jurisdiction", "instrument", "status"):
        if policy.get(name):
            _set(child, name, policy[name])
    for name, said in (("adopted", "adopted"), ("in_force", "inForce")):
        if policy.get(name):
            _set(child, said, policy[name])
    for name in ("number", "authority"):
        if policy.get(name):
            _add(child, name, policy[name])
    for name in ("amends", "repeals"):
        for each in policy.get(name, ()):
            _add(child, name, each)


def _add(parent: Element, name: str, text: str | None = None) -> Element:
    child = etree.SubElement(parent, _name(name))
    if text is not None:
        child.text = xml_text(text)
    return child


def _set(element: Element, name: str, value: str) -> None:
    element.set(name, xml_text(value))


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
