"""Answers as XML: the envelope that all verbs share, and what stands inside it.

Namespaces and order of elements are those of the protocol's schema (OAI-PMH.xsd, 2.0).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from lxml import etree

from bri_exchange.source import Item
from bri_kit.clock import now

Element: TypeAlias = Any
"""An element of lxml's, which has no types."""

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LOCATION = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

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
            request.set(name, clean(value))
    return root


def add(parent: Element, name: str, text: str | None = None) -> Element:
    """A child in the protocol's namespace."""
    child = etree.SubElement(parent, _name(name))
    if text is not None:
        child.text = clean(text)
    return child


def add_header(parent: Element, item: Item) -> Element:
    """What a record is known by, and whether it is gone."""
    header = add(parent, "header")
    if item.is_deleted:
        header.set("status", "deleted")
    add(header, "identifier", item.record_id)
    add(header, "datestamp", seconds(datetime.fromisoformat(item.at)))
    for each in item.sets:
        add(header, "setSpec", each)
    return header


def add_resumption(parent: Element, token: str, cursor: int, total: int) -> None:
    """Where a list goes on, nowhere where the token is empty; `cursor` of its `total` items came
    before."""
    element = add(parent, "resumptionToken", token or None)
    element.set("completeListSize", str(total))
    element.set("cursor", str(cursor))


def write(root: Element) -> bytes:
    """The document."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def clean(text: str) -> str:
    """`text` without characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def seconds(moment: datetime) -> str:
    """A time as the protocol writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(name: str) -> str:
    return f"{{{OAI}}}{name}"
