"""One answer of an OAI-PMH repository as XML, also where one record of it is not well-formed.

Rules:
- characters and bytes that XML has not, references to undeclared entities and bare `&` are repaired
  in the text; a record from which a character was lost is marked;
- where that is not enough, each record is parsed for itself: one that is not XML is skipped and
  reported, those around it are kept, and the list goes on with its resumption token;
- no document type is accepted, so nothing can be declared that unfolds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from bri_harvesting.encodings import (
    BYTES_REPLACED,
    Decoded,
    Undecodable,
    decode_markup,
    inside,
)
from bri_harvesting.source import Fault, SourceFailed

OAI = "{http://www.openarchives.org/OAI/2.0/}"
LOST = "\ufdd0"
"""Stands where a character was lost; a noncharacter, so that no text has it."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(\w{1,31}));|&")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_DECLARATION = re.compile(r"\A\s*+<\?xml(?:[^?]|\?(?!>))*+\?>")
_ROOT = re.compile(r"<((?:\w{1,20}:)?OAI-PMH)\b[^<>]*+>")
_RECORD = re.compile(r"<((?:\w{1,20}:)?record)(?:\s[^<>]*+)?>")
_IDENTIFIER = re.compile(r"<(?:\w{1,20}:)?identifier>([^<]{1,300})<")
_TOKEN = re.compile(r"<(?:\w{1,20}:)?resumptionToken\b[^<>]*+>([^<]*+)<")
_ERROR = re.compile(r"<(?:\w{1,20}:)?error\b[^<>]*+>[^<]*+</(?:\w{1,20}:)?error>")
_DATE = re.compile(r"<(?:\w{1,20}:)?responseDate>\s*+([^<\s]{1,40})")


@dataclass
class Page:
    """What an answer holds; `error` is the code of the protocol's error, with its text."""

    records: list[etree._Element] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    token: str = ""
    date: str = ""
    error: str = ""
    error_text: str = ""
    remark: str = ""
    """On the encoding of the whole answer."""


def parse(data: bytes, content_type: str = "") -> Page:
    """The page in an answer. Raises SourceFailed."""
    try:
        return _page(_tree(data))
    except (etree.XMLSyntaxError, ValueError) as error:
        message = str(error)
    decoded = _decoded(data, content_type)
    text = _repaired(decoded.text.replace("\ufffd", LOST) if decoded.remark else decoded.text)
    fault = Fault("malformed", f"the answer was repaired: {message}"[:300])
    try:
        page = _page(_tree(text.encode("utf-8", "replace")))
    except (etree.XMLSyntaxError, ValueError):
        page = _in_pieces(text, message)
    page.faults.insert(0, fault)
    page.remark = decoded.remark
    return page


def _decoded(data: bytes, content_type: str) -> Decoded:
    # OAI-PMH 2.0, 3.2, has UTF-8 only; whoever declares another encoding is taken at their word.
    if not {name.lower() for name in inside(data)} - {"utf-8", "utf8"}:
        text = data.decode("utf-8", "replace")
        return Decoded(text, BYTES_REPLACED if "\ufffd" in text else "")
    try:
        return decode_markup(data, content_type)
    except Undecodable as fact:
        raise SourceFailed("encoding", str(fact)) from None


def _tree(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(data, parser)


def _page(tree: etree._Element) -> Page:
    if tree.getroottree().docinfo.doctype or tree.tag != f"{OAI}OAI-PMH":
        raise SourceFailed("not-oai", "the answer is not one of OAI-PMH 2.0")
    error = tree.find(f"{OAI}error")
    return Page(
        records=list(tree.iterfind(f".//{OAI}record")),
        token=(tree.findtext(f".//{OAI}resumptionToken") or "").strip(),
        date=(tree.findtext(f"{OAI}responseDate") or "").strip(),
        error="" if error is None else error.get("code", "") or "error",
        error_text="" if error is None else " ".join((error.text or "").split()),
    )


def _repaired(text: str) -> str:
    text = _DECLARATION.sub("", text, count=1)
    return _REFERENCE.sub(_reference, _FORBIDDEN.sub(LOST, text))


def _reference(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        letter = chr(min(int(decimal) if decimal else int(hexadecimal, 16), 0x10FFFF))
        return LOST if _FORBIDDEN.match(letter) else found[0]
    if name in _XML_NAMES:
        return found[0]
    known = unescape(found[0]) if name else ""
    return known if known and known != found[0] else f"&amp;{found[0][1:]}"


def _in_pieces(text: str, message: str) -> Page:
    """The records that are XML by themselves."""
    root = _ROOT.search(text)
    if root is None or "<!DOCTYPE" in text[: root.start()]:
        raise SourceFailed("malformed", f"the answer is no XML: {message}"[:300])
    head, tail = root[0], f"</{root[1]}>"
    page = Page()
    # The token stands behind the records: of several in the text the last one is the list's.
    tokens = _TOKEN.findall(text)
    page.token = unescape(tokens[-1]).strip() if tokens else ""
    page.date = found[1] if (found := _DATE.search(text)) else ""
    if error := _ERROR.search(text):
        told = _page(_tree(f"{head}{error[0]}{tail}".encode()))
        page.error, page.error_text = told.error, told.error_text
    for piece in _pieces(text, root.end()):
        try:
            page.records += _page(_tree(f"{head}{piece}{tail}".encode("utf-8", "replace"))).records
        except (etree.XMLSyntaxError, ValueError) as error_:
            name = _IDENTIFIER.search(piece)
            detail = f"a record is no XML and was skipped: {error_}"[:300]
            page.faults.append(Fault("malformed", detail, name[1].strip()[:200] if name else ""))
    if not (page.records or page.token or page.error or page.faults):
        raise SourceFailed("malformed", f"the answer is no XML: {message}"[:300])
    return page


def _pieces(text: str, at: int) -> Iterator[str]:
    """From each start tag of a record to before the next, up to its last end tag."""
    starts = list(_RECORD.finditer(text, at))
    for number, start in enumerate(starts):
        following = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        end_tag = f"</{start[1]}>"
        end = text.rfind(end_tag, start.end(), following)
        yield text[start.start() : end + len(end_tag) if end >= 0 else following]
