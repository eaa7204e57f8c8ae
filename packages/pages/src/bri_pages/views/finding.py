"""Pages that are lists: search, the modules, a topic. All of them are one search each.

Rules:
- facets whose every value is the same for all say nothing and are left out, except what is chosen;
- the years stand in their own order, and choosing one is choosing its first and last day;
- who finds nothing is told what to ask instead, and how much that finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import HTMLResponse

from bri_pages import asking
from bri_pages.asking import PAGE, Question
from bri_pages.rendering import Page
from bri_pages.site import MODULE_PATHS
from bri_pages.visit import Visit
from bri_pages.ways import find_ways
from bri_retrieval.engine import MAX_OFFSET, Results

_POLICY_FACETS = ("jurisdiction", "instrument", "status")
_FACETS = ("kind", "country", "topic", "edition", "centre")
_MOST_YEARS = 12


@dataclass(frozen=True, slots=True)
class Year:
    """How much there is of a year; `share` is that of the fullest year's, in percent."""

    name: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class List:
    """What a list is called and where: `path` below the language, `section` in the menu."""

    path: str
    heading: str = ""
    intro: str = ""
    section: str = ""
    narrower: Sequence[str] = ()


async def show_search(visit: Visit) -> HTMLResponse:
    """What a reader asked for, of everything."""
    return await show_list(visit, List("search"), asking.read(visit.request.query_params))


async def show_module(visit: Visit, kind: str) -> HTMLResponse:
    """Everything of one kind."""
    heading = visit.name("kind", kind)
    what = List(MODULE_PATHS[kind], heading=heading, section=kind)
    return await show_list(visit, what, asking.read(visit.request.query_params, [("kind", kind)]))


async def show_list(visit: Visit, what: List, question: Question) -> HTMLResponse:
    """One page of a list with its facets."""
    results, problem = await visit.search(question.query(visit.language))
    centres = await visit.source.centres()
    address = f"{what.path}{question.encoded()}"
    is_empty = not results.total and not problem
    page = Page(
        path=address,
        title=what.heading or question.text or visit.say("Search"),
        description=what.intro,
        # What a reader typed is no page of ours; lists by themselves are.
        is_indexed=not question.text and not question.is_narrowed and question.page == 1,
        feeds=f"/{visit.language}/{what.path}.{{format}}{question.at(1).encoded()}",
    )
    return visit.show(
        "search.html",
        page,
        {
            "question": question,
            "results": results,
            "problem": problem,
            "meant": results.did_you_mean if not problem else "",
            "facets": _facets(results, question),
            "years": _years(results),
            "ways": await find_ways(visit, question) if is_empty else (),
            "last": _last_page(results.total),
            "names": visit.names(centres),
            "path": what.path,
            "heading": what.heading,
            "intro": what.intro,
            "section": what.section,
            "narrower": what.narrower,
        },
    )


def _facets(results: Results, question: Question) -> list[tuple[str, list[tuple[str, int]]]]:
    fixed = {name for name, _ in question.fixed}
    kinds = [value for name, value in (*question.fixed, *question.filters) if name == "kind"]
    wanted = [name for name in _FACETS if name not in fixed]
    if kinds == ["policy"]:
        # What sets policies apart comes first where nothing else is asked for.
        wanted = [*_POLICY_FACETS, *wanted]
    shown = []
    for name in wanted:
        counts = list(results.facets.get(name, {}).items())
        missing = [(value, 0) for value in question.values(name) if value not in dict(counts)]
        if len(counts) > 1 or missing or question.values(name):
            shown.append((name, [*missing, *counts]))
    return shown


def _years(results: Results) -> list[Year]:
    """The latest years, the newest first; none where there is only one."""
    counts = {name: count for name, count in results.facets.get("year", {}).items() if count}
    newest = sorted(counts, reverse=True)[:_MOST_YEARS]
    most = max((counts[each] for each in newest), default=1)
    years = [Year(each, counts[each], max(2, round(100 * counts[each] / most))) for each in newest]
    return years if len(years) > 1 else []


def _last_page(total: int) -> int:
    return min(-(-total // PAGE), MAX_OFFSET // PAGE)
