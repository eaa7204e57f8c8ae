"""Feeds of every page that is a list."""

from dataclasses import replace

from fastapi import Response

from bri_kit.errors import NotFound
from bri_kit.json_text import encode
from bri_pages import asking, feeds, formatting
from bri_pages.asking import Question
from bri_pages.feeds import FORMATS, LENGTH, Feed
from bri_pages.site import MODULE_PATHS
from bri_pages.visit import Visit

_CENTRE = "centre"
_KINDS = {path: kind for kind, path in MODULE_PATHS.items()}


async def follow_list(visit: Visit, path: str, form: str) -> Response:
    """The list at `path` (`search`, a module's or a topic's) as a feed: what changed last is first,
    however long ago it happened. Whoever asks again is told that nothing changed (`caching`).

    Raises:
        NotFound: there is no such list, or no such form.
        Unavailable: search is away; whoever follows asks again.
    """
    if form not in FORMATS:
        raise NotFound
    answer = Response(await write_list(visit, path, form))
    answer.headers["Content-Type"] = FORMATS[form]
    answer.headers["Cache-Control"] = "no-cache"
    if hub := visit.feed_hub:
        own = visit.origin + visit.request.url.path
        own += f"?{visit.request.url.query}" if visit.request.url.query else ""
        # A feed's own address is what a subscriber names (WebSub, 4), so it is the one asked for.
        answer.headers["Link"] = f'<{hub}>; rel="hub", <{own}>; rel="self"'
    return answer


async def write_list(visit: Visit, path: str, form: str) -> bytes:
    """The list at `path` in one of FORMATS.

    Raises:
        NotFound: there is no such list.
        Unavailable: search is away.
    """
    title, question = read_list(visit, path)
    question = question.at(1)
    query = replace(question.query(visit.language, LENGTH), sort="changed")
    results = await visit.source.search(query)
    origin = visit.origin
    asked = question.encoded()
    feed = Feed(
        title=f"{title} · {visit.site.name(visit.language)}",
        language=visit.language,
        origin=origin,
        page=f"{origin}/{visit.language}/{path}{asked}",
        address=f"{origin}/{visit.language}/{path}.{form}{asked}",
        hits=results.hits,
        centres=visit.names(await visit.source.centres()),
        # Only Atom has a word for what is gone.
        withdrawn=await visit.source.withdrawn(question) if form == "atom" else (),
        hub=visit.feed_hub,
    )
    return encode(feeds.write_json(feed)) if form == "json" else feeds.write_atom(feed)


def read_list(visit: Visit, path: str) -> tuple[str, Question]:
    """What the list at `path` is called, and what it asks, of that centre alone whose site it is.

    Raises:
        NotFound: there is no such list.
    """
    title, question = _read_list(visit, path)
    if visit.site.is_hub:
        return title, question
    others = tuple(each for each in question.filters if each[0] != _CENTRE)
    own = (_CENTRE, visit.site.code)
    return title, replace(question, filters=others, fixed=(*question.fixed, own))


def _read_list(visit: Visit, path: str) -> tuple[str, Question]:
    params = visit.request.query_params
    if path == "search":
        question = asking.read(params)
        return question.text or visit.say("Newest"), question
    if path in _KINDS:
        kind = _KINDS[path]
        return visit.name("kind", kind), asking.read(params, [("kind", kind)])
    code = path.removeprefix("topics/")
    below = asking.topic_and_below(code)
    if not below or code == path:
        raise NotFound
    return formatting.topic(code, visit.language), asking.read(params, below)
