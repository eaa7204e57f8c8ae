"""Answers as XML: the envelope that all verbs share, and what stands inside it.

Namespaces and order of elements are those of the protocol's schema (OAI-PMH.xsd, 2.0).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from lxml import etree

from bri_exchange.source import Item
from bri_kit.clock import now, read_time
from bri_kit.xml_text import xml_text

Element: TypeAlias = Any
"""An element of lxml's, which has no types."""

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LOCATION = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"

SETTLING = timedelta(seconds=5)
"""How far `responseDate` lies back. Harvesters ask for what changed since the answer before: what
was under way when that was read, and had its time already, is told again rather than missed."""


def envelope(base: str, verb: str, arguments: Mapping[str, str]) -> Element:
    """An answer without its content. Without a verb the request is echoed without arguments, as the
    protocol wants it of a request that is wrong in itself."""
    root = etree.Element(_name("OAI-PMH"), nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", _LOCATION)
    add(root, "responseDate", seconds(now() - SETTLING))
    request = add(root, "request", base)
    if verb:
        request.set("verb", verb)
        for name, value in arguments.items():
            request.set(name, xml_text(value))
    return root


def element(name: str) -> Element:
    """An element in the protocol's namespace, that stands nowhere yet."""
    return etree.Element(_name(name), nsmap={None: OAI})


def add(parent: Element, name: str, text: str | None = None) -> Element:
    """A child in the protocol's namespace."""
    child = etree.SubElement(parent, _name(name))
    if text is not None:
        child.text = xml_text(text)
    return child


def header(item: Item) -> Element:
    """What a record is known by, and whether it is gone.

    Raises:
        ValueError: nobody can read since when it is as it is.
    """
    made = element("header")
    if item.is_deleted:
        made.set("status", "deleted")
    moment = read_time(item.at)
    if moment is None:
        raise ValueError(f"{item.at[:40]!r} is no time")
    add(made, "identifier", item.record_id)
    add(made, "datestamp", seconds(moment))
    for each in item.sets:
        add(made, "setSpec", each)
    return made


def add_resumption(parent: Element, token: str, cursor: int, total: int) -> None:
    """Where a list goes on, nowhere where the token is empty; `cursor` of its `total` items came
    before."""
    resumption = add(parent, "resumptionToken", token or None)
    resumption.set("completeListSize", str(total))
    resumption.set("cursor", str(cursor))


def write(root: Element) -> bytes:
    """The document."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def seconds(moment: datetime) -> str:
    """A time as the protocol writes it."""
    # strftime writes years before 1000 with fewer than four digits.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _name(name: str) -> str:
    return f"{{{OAI}}}{name}"
