"""OAI-PMH 2.0, as a harvester.

Rules:
- pages of a list are kept one by one: the cursor holds the resumption token, so an interrupted
  harvest goes on where it was;
- a token that has expired (`badResumptionToken`) begins again from where the last whole harvest
  began; what was kept meanwhile is recognised;
- the next harvest asks from the day on which the last whole one began, by the repository's clock
  and by days, which every repository understands; so a day is read twice rather than missed;
- deleted records are told as gone, and nothing else is;
- a repository that repeats a token is not followed.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from lxml import etree

from bri_harvesting.asking import Asker
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.source import (
    Cursor,
    Fault,
    Findings,
    Gone,
    Item,
    Limits,
    Mark,
    Source,
    SourceFailed,
)

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The records of a repository that changed since the cursor, page by page."""
    token, since = cursor.get("token", ""), cursor.get("from", "")
    began = cursor.get("began", "")
    tokens: set[str] = set()
    has_begun_anew = False
    while asker.has_requests_left:
        answer = await asker.get(_address(source, token, since))
        page = _parse(answer.body)
        error = page.find(f"{_OAI}error")
        if token and error is not None and error.get("code") == "badResumptionToken":
            detail = "the resumption token had expired; the harvest begins anew"
            yield Fault("token-expired", detail, fatal=has_begun_anew)
            yield Mark({"from": since} if since else {})
            token, began, has_begun_anew = "", "", True
            tokens.clear()
            continue
        _refuse(error)
        began = began or (page.findtext(f"{_OAI}responseDate") or "")[:10]
        for finding in _records(page, source):
            yield finding
        token = (page.findtext(f".//{_OAI}resumptionToken") or "").strip()
        if not token:
            yield Mark({"from": began})
            return
        if token in tokens:
            raise SourceFailed("endless", "the repository gives the same resumption token again")
        tokens.add(token)
        yield Mark({"from": since, "token": token, "began": began})


def _address(source: Source, token: str, since: str) -> str:
    if token:
        asked = {"verb": "ListRecords", "resumptionToken": token}
    else:
        asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
        asked |= {"from": since} if since else {}
        asked |= {"set": source.set_} if source.set_ else {}
    return f"{source.url}{'&' if '?' in source.url else '?'}{urlencode(asked)}"


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        page = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceFailed("malformed", f"the answer is no XML: {error}"[:300]) from None
    if page.getroottree().docinfo.doctype or page.tag != f"{_OAI}OAI-PMH":
        raise SourceFailed("not-oai", "the answer is not one of OAI-PMH 2.0")
    return page


def _refuse(error: etree._Element | None) -> None:
    if error is None or error.get("code") == "noRecordsMatch":
        return
    detail = f"{error.get('code')}: {' '.join((error.text or '').split())}"
    raise SourceFailed("not-oai", detail[:300])


def _records(page: etree._Element, source: Source) -> Iterator[Item | Fault | Gone]:
    for record in page.iterfind(f".//{_OAI}record"):
        header = record.find(f"{_OAI}header")
        identity = (
            (header.findtext(f"{_OAI}identifier") or "").strip() if header is not None else ""
        )
        if header is None or not identity:
            yield Fault("malformed", "a record has no identifier")
        elif header.get("status") == "deleted":
            yield Gone(identity, "the repository says that it was deleted")
        else:
            yield from draft(_raw(record, identity), source)


def _raw(record: etree._Element, identity: str) -> Raw:
    titles, texts = _values(record, "title"), _values(record, "description")
    spoken = [text for text, _ in _values(record, "language")]
    title, language = titles[0] if titles else ("", "")
    same = [text for text, tag in texts if not language or not tag or tag == language]
    links = [text for text, _ in _values(record, "identifier") if text.startswith("http")]
    return Raw(
        identity=identity,
        title=title,
        body="\n\n".join(same or [text for text, _ in texts]),
        url=links[0] if links else "",
        language=language or (_tag(spoken[0]) if spoken else ""),
        dates=tuple(text for text, _ in _values(record, "date")),
        source_name=next((text for text, _ in _values(record, "publisher")), ""),
        place=identity,
        categories=tuple(text for text, _ in _values(record, "subject")),
    )


def _values(record: etree._Element, name: str) -> list[tuple[str, str]]:
    found = ((each.text or "", each.get(_XML_LANG, "")) for each in record.iter(f"{_DC}{name}"))
    return [(text.strip(), tag) for text, tag in found if text.strip()]


def _tag(code: str) -> str:
    """A BCP 47 tag for what repositories write: `rus`, `chi`, `ru`, `ru-RU`."""
    import pycountry

    if len(code) != 3:
        return code
    found = pycountry.languages.get(alpha_3=code) or pycountry.languages.get(bibliographic=code)
    return str(getattr(found, "alpha_2", "")) if found is not None else ""
