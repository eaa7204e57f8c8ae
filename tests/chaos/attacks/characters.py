"""All of Unicode, once, 1 000 characters at a time, through each door that takes text.

Rules:
- the characters that expand most come first, then all that have a meaning, then the rest;
- where a door refuses what XML cannot hold, each text goes once without these characters, and those
  of them that it has go through by themselves, to be refused;
- a door may refuse; it may not answer with a 500, nor end.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain
from typing import Any
from xml.sax.saxutils import escape

import httpx

from tests.chaos.attacks.bodies import signed_in
from tests.chaos.attacks.stage import Attack, Stage, document
from tests.support import hostile_text
from tests.support.publisher import publishing

SECONDS = 90.0
"""What one door is given; how far it came is told by the number of its answers."""

_FEED_SECONDS = 60.0


def attacks() -> Iterator[Attack]:
    """One for each door."""
    what = "all of Unicode, 1 000 characters each, one at a time"
    yield Attack("unicode-question", f"searches: {what}", _asked("search"), with_faults=False)
    yield Attack("unicode-suggest", f"suggestions: {what}", _asked("suggest"), with_faults=False)
    yield Attack("unicode-record", f"published records: {what}", record, 40.0, with_faults=False)
    yield Attack("unicode-import", f"lines of an import: {what}", lines, 40.0, with_faults=False)
    yield Attack("unicode-paste", f"pastes at the desk: {what}", paste, with_faults=False)
    yield Attack("unicode-form", f"subscriptions: {what}", form, with_faults=False)
    yield Attack("unicode-feed", f"items of a feed: {what}", feed, 20.0, with_faults=False)


def texts() -> Iterator[str]:
    """Everything, in the order in which it is most likely to break something."""
    rest = hostile_text.unassigned()
    return chain([hostile_text.expanding()], hostile_text.assigned(), rest)


async def _each(stage: Stage, act: Callable[[str], Awaitable[object]]) -> str:
    """Do it with each text, until the time is over."""
    ends_at = asyncio.get_running_loop().time() + SECONDS
    for text in texts():
        if asyncio.get_running_loop().time() > ends_at:
            break
        await act(text)
    return ""


def _asked(path: str) -> Callable[[Stage], Awaitable[str]]:
    async def play(stage: Stage) -> str:
        url = f"{stage.place.hub}/api/v1/{path}"
        async with stage.client(timeout=30.0) as client:
            return await _each(
                stage, lambda text: stage.send(client, "GET", url, params={"q": text})
            )

    return play


def _worn(stage: Stage, text: str) -> dict[str, Any]:
    """A record that has a text in its title, its summary and its body."""
    made = document(f"{stage.titled('All')} {text[:900]}", f"<p>{escape(text)}</p>")
    made["editions"]["en"]["summary"] = text
    made["source"] = {"name": text[:900], "url": ""}
    return made


def _parted(text: str) -> Iterator[str]:
    """The text as far as XML holds it, and what is left of it."""
    yield "".join(filter(hostile_text.is_xml, text))
    if rest := "".join(char for char in text if not hostile_text.is_xml(char)):
        yield rest


async def record(stage: Stage) -> str:
    """By the API of a node, and so to the hub, the index and every page."""
    url = f"{stage.place.node}/api/v1/records?publish=true"
    async with stage.client(timeout=30.0) as client:

        async def publish(text: str) -> None:
            for part in _parted(text):
                made = _worn(stage, part)
                await stage.send(client, "POST", url, json=made, headers=stage.editor())

        return await _each(stage, publish)


async def lines(stage: Stage) -> str:
    """By an import of a thousand lines."""
    worn = (json.dumps(_worn(stage, part)) for text in texts() for part in _parted(text))
    async with stage.client() as client:
        await stage.send(
            client,
            "POST",
            f"{stage.place.node}/api/v1/imports?publish=true",
            content="\n".join(worn).encode(),
            headers={"Content-Type": "application/x-ndjson", **stage.editor()},
        )
    return ""


async def paste(stage: Stage) -> str:
    """As a word processor would paste it."""
    url = f"{stage.place.node}/desk/clean"
    async with signed_in(stage) as (client, token):
        return await _each(
            stage,
            lambda text: stage.send(client, "POST", url, data={"token": token, "html": text}),
        )


async def form(stage: Stage) -> str:
    """As the search, and the address, of somebody who wants to follow."""
    url = f"{stage.place.hub}/en/follow/search"

    async with stage.client(timeout=30.0) as client:

        async def follow(text: str) -> None:
            fields = {"channel": "webhook", "target": f"http://127.0.0.1:9/{text}"}
            await stage.send(client, "POST", url, params={"q": text[:300]}, data=fields)

        return await _each(stage, follow)


async def feed(stage: Stage) -> str:
    """As the items of a feed that a node reads."""
    items = "".join(
        f"<item><guid>{index}</guid><title>T {_xml(text[:300])}</title>"
        f"<link>http://127.0.0.1/{index}</link><description>{_xml(text)}</description></item>"
        for index, text in enumerate(texts())
    )
    rss = f'<rss version="2.0"><channel><title>All</title><language>en</language>{items}'
    async with publishing() as publisher, stage.client(timeout=30.0) as client:
        url = publisher.put("/rss.xml", f"{rss}</channel></rss>")
        source = {"name": "everything", "kind": "feed", "url": url, "publish": False}
        where = f"{stage.place.node}/api/v1/sources"
        await stage.send(client, "POST", where, json=source, headers=stage.editor())
        return await _until_read(stage, client, f"{where}/everything")


def _xml(text: str) -> str:
    return escape("".join(filter(hostile_text.is_xml, text)))


async def _until_read(stage: Stage, client: httpx.AsyncClient, url: str) -> str:
    ends_at = asyncio.get_running_loop().time() + _FEED_SECONDS
    while asyncio.get_running_loop().time() < ends_at:
        answer = await stage.send(client, "GET", url, headers=stage.editor())
        if answer is not None and answer.is_success and answer.json().get("last"):
            return ""
        await asyncio.sleep(0.5)
    return f"the feed was not read within {_FEED_SECONDS:g} s"
