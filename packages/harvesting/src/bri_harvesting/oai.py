"""OAI-PMH 2.0, as a harvester.

Rules:
- pages of a list are kept one by one: the cursor holds the resumption token, so an interrupted
  harvest goes on where it was;
- errors of the protocol hold with whatever status they are sent;
- one record that is not XML is skipped and reported (`oai_page`);
- a token that has expired (`badResumptionToken`) begins again from where the last whole harvest
  began; what was kept meanwhile is recognised;
- the next harvest asks from the day on which the last whole one began, by the repository's clock
  and by days, which every repository understands; so a day is read twice rather than missed;
- deleted records are told as gone, and nothing else is;
- a repository that repeats a token is not followed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

from lxml import etree

from bri_harvesting import oai_page
from bri_harvesting.asking import Asker, refusal
from bri_harvesting.drafting import Raw, draft
from bri_harvesting.oai_page import LOST, OAI, Page
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

_DC = "{http://purl.org/dc/elements/1.1/}"
_EXPIRED = "badResumptionToken"
_TOKEN_UNKNOWN = (400, 404, 410, 422)
"""Statuses that some answer, without an error of the protocol, to a token that has expired."""
_LOST_REMARK = "characters that XML does not have were left out"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """The records of a repository that changed since the cursor, page by page."""
    token, since = cursor.get("token", ""), cursor.get("from", "")
    began = cursor.get("began", "")
    tokens: set[str] = set()
    has_begun_anew = False
    while asker.has_requests_left:
        page = await _page(_address(source, token, since), asker)
        if token and _is_expired(page):
            detail = "the resumption token had expired; the harvest begins anew"
            yield Fault("token-expired", detail, fatal=has_begun_anew)
            yield Mark({"from": since} if since else {})
            token, began, has_begun_anew = "", "", True
            tokens.clear()
            continue
        _refuse(page)
        began = began or page.date[:10]
        for finding in _records(page, source):
            yield finding
        token = page.token
        if not token:
            yield Mark({"from": began or since})
            return
        if token in tokens:
            raise SourceFailed("endless", "the repository gives the same resumption token again")
        tokens.add(token)
        yield Mark({"from": since, "token": token, "began": began})


async def _page(url: str, asker: Asker) -> Page:
    """The answer, whatever its status: some send the protocol's errors with 400, 404 or 422."""
    answer = await asker.ask(url)
    if answer.status == 200:
        return oai_page.parse(answer.body, answer.headers.get("content-type", ""))
    fact = refusal(answer, url)
    if fact.code != "busy":
        with suppress(SourceFailed):
            page = oai_page.parse(answer.body, answer.headers.get("content-type", ""))
            if page.error:
                return page
    if answer.status in _TOKEN_UNKNOWN and "resumptionToken=" in url:
        return Page(error=_EXPIRED)
    raise fact


def _is_expired(page: Page) -> bool:
    # Some answer badArgument, which a request that is only a token cannot be in another way.
    return page.error in (_EXPIRED, "badArgument")


def _address(source: Source, token: str, since: str) -> str:
    if token:
        asked = {"verb": "ListRecords", "resumptionToken": token}
    else:
        asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
        asked |= {"from": since} if since else {}
        asked |= {"set": source.set_} if source.set_ else {}
    return f"{source.url}{'&' if '?' in source.url else '?'}{urlencode(asked)}"


def _refuse(page: Page) -> None:
    if page.error and page.error != "noRecordsMatch":
        raise SourceFailed("not-oai", f"{page.error}: {page.error_text}"[:300])


def _records(page: Page, source: Source) -> Iterator[Item | Fault | Gone]:
    yield from page.faults
    for record in page.records:
        header = record.find(f"{OAI}header")
        identity = "" if header is None else header.findtext(f"{OAI}identifier") or ""
        identity = identity.replace(LOST, "").strip()
        if header is None or not identity:
            yield Fault("malformed", "a record has no identifier")
        elif header.get("status") == "deleted":
            yield Gone(identity, "the repository says that it was deleted")
        else:
            raw = _raw(record, identity)
            remarks = (page.remark,) if page.remark else ()
            yield from draft(replace(raw, character_remarks=remarks), source)


def _raw(record: etree._Element, identity: str) -> Raw:
    titles, texts = _values(record, "title"), _values(record, "description")
    spoken = [text for text, _ in _values(record, "language")]
    title, language = titles[0] if titles else ("", "")
    same = [text for text, tag in texts if not language or not tag or tag == language]
    links = [text for text, _ in _values(record, "identifier") if text.startswith("http")]
    is_whole = not any(LOST in (text or "") for text in record.itertext())
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
        remarks=() if is_whole else (_LOST_REMARK,),
    )


def _values(record: etree._Element, name: str) -> list[tuple[str, str]]:
    elements = record.iter(f"{_DC}{name}")
    found = (
        ("".join(each.itertext()).replace(LOST, ""), each.get(_XML_LANG, "")) for each in elements
    )
    return [(text.strip(), tag) for text, tag in found if text.strip()]


def _tag(code: str) -> str:
    """A BCP 47 tag for what repositories write: `rus`, `chi`, `ru`, `ru-RU`."""
    import pycountry

    if len(code) != 3:
        return code
    found = pycountry.languages.get(alpha_3=code) or pycountry.languages.get(bibliographic=code)
    return str(getattr(found, "alpha_2", "")) if found is not None else ""
