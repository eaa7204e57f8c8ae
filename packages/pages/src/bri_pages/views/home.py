"""The first page: what is new by module, who takes part, how the federation stands today."""

import asyncio
from collections.abc import Sequence

from fastapi.responses import HTMLResponse

from bri_kit.errors import Unavailable
from bri_pages.formatting import format_ago, format_number
from bri_pages.messages import messages
from bri_pages.rendering import Page
from bri_pages.site import MODULES
from bri_pages.source import Document
from bri_pages.visit import Visit
from bri_retrieval.engine import Query

_NEWEST = 4
_MOST_CHIPS = 16


async def show_home(visit: Visit) -> HTMLResponse:
    """What a reader sees first."""
    queries = [
        Query(language=visit.language, kinds=(kind,), sort="newest", limit=_NEWEST)
        for kind in MODULES
    ]
    everything = Query(language=visit.language, sort="newest", limit=1)
    answers = await asyncio.gather(*map(visit.search, [everything, *queries]))
    (results, problem), *by_module = answers
    centres = await visit.source.centres()
    headline = (
        visit.say("Environmental knowledge along the Belt and Road")
        if visit.site.is_hub
        else visit.site.name(visit.language)
    )
    page = Page(path="", description=headline, feeds=f"/{visit.language}/search.{{format}}")
    return visit.show(
        "home.html",
        page,
        {
            "headline": headline,
            "problem": problem,
            "standing": await tell_standing(visit, centres),
            "newest": [
                (kind, found.hits) for kind, (found, _) in zip(MODULES, by_module, strict=True)
            ],
            "countries": _most(results.facets.get("country", {})),
            "topics": _most(results.facets.get("topic", {})),
            "centres": centres,
            "names": visit.names(centres),
        },
    )


async def tell_standing(visit: Visit, centres: Sequence[Document]) -> str:
    """The federation in one line."""
    texts = messages(visit.language)
    records = sum(each["records"] for each in centres)

    def count(one: str, many: str, number: int) -> str:
        return texts.ngettext(one, many, number) % {"num": format_number(number, visit.language)}

    parts = [count("%(num)s record", "%(num)s records", records)]
    if visit.site.is_hub:
        parts.insert(0, count("%(num)s centre", "%(num)s centres", len(centres)))
        parts.append(await _tell_lag(visit))
    return " · ".join(parts)


async def _tell_lag(visit: Visit) -> str:
    try:
        standing = await visit.source.federation()
    except Unavailable:
        return visit.say("the state of the federation is not known")
    centres = standing["centres"]
    texts = messages(visit.language)
    behind = sum(each["lag"]["entries"] for each in centres)
    newest = max((each["last_entry"]["at"] or "" for each in centres), default="")
    told = visit.say("everything has arrived")
    if behind:
        told = texts.ngettext(
            "%(num)s entry is on its way", "%(num)s entries are on their way", behind
        ) % {"num": format_number(behind, visit.language)}
    if not newest:
        return told
    ago = visit.say("newest entry %(ago)s") % {"ago": format_ago(newest, visit.language)}
    return f"{ago} · {told}"


def _most(counts: object) -> list[tuple[str, int]]:
    assert isinstance(counts, dict)
    return list(counts.items())[:_MOST_CHIPS]
