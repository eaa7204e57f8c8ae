"""Pages of what records are about and who publishes them: countries, topics, centres."""

import asyncio
from collections import defaultdict

from fastapi.responses import HTMLResponse

from bri_kit import vocabulary
from bri_kit.errors import NotFound
from bri_pages import asking, formatting
from bri_pages.rendering import Page
from bri_pages.site import MODULES
from bri_pages.views.finding import List, show_list
from bri_pages.visit import Visit
from bri_retrieval.engine import Query

_NEWEST = 5
_MOST_TOPICS = 20


async def show_countries(visit: Visit) -> HTMLResponse:
    """Every country that something is about, in the order of its name."""
    results, problem = await visit.search(Query(language=visit.language, limit=1))
    counts = results.facets.get("country", {})
    tongue = visit.language
    named = sorted(
        counts.items(),
        key=lambda item: formatting.name_order(formatting.country(item[0], tongue), tongue),
    )
    page = Page(path="countries", title=visit.say("Countries"))
    return visit.show(
        "countries.html", page, {"countries": named, "problem": problem, "section": "countries"}
    )


async def show_country(visit: Visit, code: str) -> HTMLResponse:
    """Everything about one country, by module.

    Raises:
        NotFound: no country has this code.
    """
    code = code.upper()
    if code not in vocabulary.country_codes():
        raise NotFound(visit.say("No country has this code."))
    queries = [
        Query(language=visit.language, kinds=kinds, countries=(code,), sort="newest", limit=_NEWEST)
        for kinds in [(), *((kind,) for kind in MODULES)]
    ]
    (everything, problem), *by_module = await asyncio.gather(*map(visit.search, queries))
    centres = await visit.source.centres()
    name = formatting.country(code, visit.language)
    page = Page(
        path=f"countries/{code}",
        title=name,
        feeds=f"/{visit.language}/search.{{format}}?country={code}",
    )
    newest = [
        (kind, found.hits, found.total) for kind, (found, _) in zip(MODULES, by_module, strict=True)
    ]
    return visit.show(
        "country.html",
        page,
        {
            "code": code,
            "total": everything.total,
            "problem": problem,
            "newest": newest,
            "topics": list(everything.facets.get("topic", {}).items())[:_MOST_TOPICS],
            "members": [each["code"] for each in centres if code in each["countries"]],
            "names": visit.names(centres),
            "section": "countries",
        },
    )


async def show_topics(visit: Visit) -> HTMLResponse:
    """The vocabulary as a tree, with how much there is of each."""
    results, _ = await visit.search(Query(language=visit.language, limit=1))
    tree: dict[str, list[str]] = defaultdict(list)
    for topic in vocabulary.topics().values():
        tree[topic.broader or ""].append(topic.code)
    page = Page(path="topics", title=visit.say("Topics"))
    values = {"tree": tree, "counts": results.facets.get("topic", {}), "section": "topics"}
    return visit.show("topics.html", page, values)


async def show_topic(visit: Visit, code: str) -> HTMLResponse:
    """Everything on one topic and on those below it.

    Raises:
        NotFound: the vocabulary has no such topic.
    """
    topic = vocabulary.topics().get(code)
    if topic is None:
        raise NotFound(visit.say("The vocabulary has no such topic."))
    narrower = [each.code for each in vocabulary.topics().values() if each.broader == code]
    others = [label for language, label in topic.labels.items() if language != visit.language]
    what = List(
        f"topics/{code}",
        heading=formatting.topic(code, visit.language),
        intro=" · ".join(others),
        section="topics",
        narrower=[topic.broader, *narrower] if topic.broader else narrower,
    )
    question = asking.read(visit.request.query_params, asking.topic_and_below(code))
    return await show_list(visit, what, question)


async def show_centres(visit: Visit) -> HTMLResponse:
    """Who takes part."""
    centres = await visit.source.centres()
    page = Page(path="centres", title=visit.say("Centres"))
    return visit.show("centres.html", page, {"centres": centres, "names": visit.names(centres)})


async def show_centre(visit: Visit, code: str) -> HTMLResponse:
    """One centre and what it published last.

    Raises:
        NotFound: no centre of this code takes part.
    """
    centres = await visit.source.centres()
    centre = next((each for each in centres if each["code"] == code), None)
    if centre is None:
        raise NotFound(visit.say("No centre has this code."))
    query = Query(language=visit.language, centres=(code,), sort="newest", limit=_NEWEST)
    results, problem = await visit.search(query)
    names = visit.names(centres)
    page = Page(
        path=f"centres/{code}",
        title=names[code],
        feeds=f"/{visit.language}/search.{{format}}?centre={code}",
    )
    values = {"centre": centre, "names": names, "hits": results.hits, "problem": problem}
    return visit.show("centre.html", page, values)
