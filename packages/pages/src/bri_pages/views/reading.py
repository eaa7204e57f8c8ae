"""A record's page, and the page of what changed in it.

Rules:
- the edition shown is the one that the address asks for, else the reader's, else the original;
- a page asks no other host for anything: a picture elsewhere is a link to it;
- a retracted record is 410 with its tombstone, here as in the API.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from bri_pages import describing, differences, instruments, languages
from bri_pages.rendering import Page
from bri_pages.source import Document
from bri_pages.visit import Visit

_TAG = re.compile(r"<(?:[^<>\"]++|\"[^\"]*+\"?+)*+>?+")
"""A tag, whatever stands in its quotes. Each character is read once: nothing is ever given back."""
_PICTURE = re.compile(r"<img\b")
_ATTRIBUTE = re.compile(r'\b(src|alt)="([^"]*)"')
_REGION = '<div class="scroll" role="region" tabindex="0" aria-label="{}">'
_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One state in the life of a legal instrument; `day` is ISO 8601 where it is known."""

    status: str
    day: str
    is_current: bool
    is_over: bool


async def show_record(visit: Visit, record_id: str) -> HTMLResponse:
    """A record in the reader's language where there is an edition in it.

    Raises:
        NotFound: there is no such record.
        Retracted: its centre withdrew it.
    """
    view = await visit.source.record(record_id, visit.language)
    record = view.document
    tongue = _choose(record, visit.request.query_params.get("edition", ""), visit.language)
    edition = record["editions"][tongue]
    centres = await visit.source.centres()
    names = visit.names(centres)

    def address(language: str) -> str:
        """Where the edition in a language is read."""
        known = language if language in visit.site.languages else visit.language
        chosen = "" if known == language else f"?edition={language}"
        return f"{visit.origin}/{known}/records/{record['id']}{chosen}"

    page = Page(
        path=f"records/{record['id']}",
        title=edition["title"],
        description=describing.brief(edition, _DESCRIPTION),
        kind="article",
        data=describing.linked_data(
            record, tongue, names.get(record["centre"]) or str(record["centre"]), address
        ),
    )
    return visit.show(
        "record.html",
        page,
        {
            "view": view,
            "record": record,
            "tongue": tongue,
            "tongue_direction": languages.direction(tongue),
            "edition": edition,
            "body": _body(edition["body"], visit.say),
            "day": describing.day_of(record),
            "status_line": _status_line(record.get("policy")),
            "ties": await instruments.find_ties(visit.source, record, visit.language),
            "names": names,
            "title_in": partial(_title_in, language=visit.language),
            "section": record["kind"],
        },
    )


async def show_history(visit: Visit, record_id: str) -> HTMLResponse:
    """What changed from revision to revision, the newest first. Raises as `show_record` does."""
    view = await visit.source.record(record_id, visit.language)
    tongue = _choose(view.document, "", visit.language)
    page = Page(path=f"records/{record_id}/history", title=visit.say("What changed"))
    values = {
        "record": view.document,
        "tongue": tongue,
        "title": view.document["editions"][tongue]["title"],
        # Long texts take a while, in which others are to be answered.
        "steps": await asyncio.to_thread(
            differences.steps, view.revisions, visit.language, visit.say
        ),
    }
    return visit.show("history.html", page, values)


def _title_in(record: Document, language: str) -> tuple[str, str]:
    """A record's title for a reader of `language`, and the language that it is in."""
    tongue = _choose(record, "", language)
    return record["editions"][tongue]["title"], tongue


def _choose(record: Document, asked: str, language: str) -> str:
    editions: Mapping[str, Any] = record["editions"]
    wanted = (asked, language, record["original_language"])
    return next((each for each in wanted if each in editions), next(iter(editions)))


def _body(html: str, say: Callable[[str], str]) -> Markup:
    """A sanitised body whose pictures are links, and whose tables scroll by themselves."""
    picture = say("Picture")
    region = _REGION.format(escape(say("Table")))

    def link(found: "re.Match[str]") -> str:
        if not _PICTURE.match(found[0]):
            return found[0]
        attributes = dict(_ATTRIBUTE.findall(found[0]))
        source, text = attributes.get("src", ""), attributes.get("alt") or picture
        return f'<a href="{source}" rel="noopener noreferrer">{text}</a>' if source else text

    if "<img" in html:
        html = _TAG.sub(link, html)
    html = html.replace("<table", f"{region}<table").replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704 - sanitised by the source


def _status_line(policy: Mapping[str, Any] | None) -> Sequence[Step]:
    """Adopted, in force, and what became of it; a draft is nothing else yet."""
    if not policy or not policy.get("status"):
        return ()
    status = policy["status"]
    if status == "draft":
        return (Step("draft", "", is_current=True, is_over=False),)
    known = [("adopted", policy.get("adopted", "")), ("in-force", policy.get("in_force", ""))]
    line = [(name, day) for name, day in known if day or name == status]
    if status not in dict(line):
        line.append((status, ""))
    names = [name for name, _ in line]
    current = names.index(status)
    return tuple(
        Step(name, day, is_current=place == current, is_over=place < current)
        for place, (name, day) in enumerate(line)
    )
