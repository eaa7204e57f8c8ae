"""What an anonymous reader can ask."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from tests.chaos.attacks.stage import Attack, Stage
from tests.support import hostile_text
from tests.support.hostile_text import BASMALA

_FILTERS = ("centre", "kind", "country", "topic", "edition", "from", "to", "sort", "lang", "mode")
_PHRASES = (
    *('"' + "a " * 400 + '"', "*" * 1_000, "?" * 1_000, "a*b*c*" * 100, "(" * 900, "-" * 900),
    *("AND OR NOT " * 80, "title:" * 150, "[a TO z]" * 100, "~" * 999, "^9" * 400, "\\" * 999),
)


def attacks() -> Iterator[Attack]:
    """All of them."""
    what = "10, 60, 300 and 1 000 x U+FDFA as a search"
    yield Attack("question-basmala", what, basmala, 15.0)
    what = "a + U+0300, 300 times, 41 in 20 s by 4 clients"
    yield Attack("question-combining", what, combining)
    what = "all of Unicode, 1 000 characters a search, one at a time for at most 60 s"
    yield Attack("question-everything", what, everything)
    yield Attack(
        "question-phrases", "quotes, wildcards and operators, 1 000 characters, 4 at once", phrases
    )
    yield Attack(
        "question-filters", "filters with nonsense, offsets at and beyond the limit", filters
    )
    yield Attack(
        "suggest-keystrokes", "4 readers typing 1 000 characters, 20 keys a second", keystrokes
    )
    yield Attack("feed-extremes", "feeds and OAI-PMH from the year 1 to 9999", extremes)
    yield Attack("slow-heads", "300 connections that send half a request", slow_heads)


async def basmala(stage: Stage) -> str:
    """A character that becomes eighteen."""
    async with stage.client(timeout=10.0) as client:
        for count in (10, 10, 60, 300, 1_000):
            for path in ("search", "suggest"):
                await stage.send(client, "GET", _asked(stage, path, BASMALA * count))
    return ""


async def combining(stage: Stage) -> str:
    """Long questions cost the embedder a second each."""
    async with stage.client(timeout=30.0) as client:
        url = _asked(stage, "search", "a\u0300" * 300)
        await stage.steadily(41, 20.0, lambda _: stage.send(client, "GET", url))
    return ""


async def everything(stage: Stage) -> str:
    """The characters that expand first, then every other one."""
    ends_at = asyncio.get_running_loop().time() + 60
    async with stage.client(timeout=10.0) as client:
        texts = [hostile_text.expanding(), *hostile_text.curious().values()]
        for text in [*texts, *hostile_text.assigned()]:
            if asyncio.get_running_loop().time() > ends_at:
                break
            await stage.send(client, "GET", _asked(stage, "search", text[:1_000]))
    return ""


async def phrases(stage: Stage) -> str:
    """What a parser of questions may take for its own language."""
    async with stage.client(timeout=30.0) as client:

        async def one(text: str) -> None:
            for path in ("search", "suggest"):
                await stage.send(client, "GET", _asked(stage, path, text))

        for begin in range(0, len(_PHRASES), 4):
            await asyncio.gather(*map(one, _PHRASES[begin : begin + 4]))
    return ""


async def filters(stage: Stage) -> str:
    """Values that are none, as often as an address holds them."""
    async with stage.client(timeout=30.0) as client:
        for name in _FILTERS:
            for value in ("\x00", "9999-99-99", "0001-01-01", "x" * 2_000, "-1", "١", "9" * 12):
                for where in ("api/v1/search", "en/search", "en/news"):
                    url = f"{stage.place.hub}/{where}?{urlencode({name: value})}"
                    await stage.send(client, "GET", url)
            many = urlencode([(name, f"v{index}") for index in range(400)])
            await stage.send(client, "GET", f"{stage.place.hub}/api/v1/search?{many}")
        for offset in ("9999", "10000", "10001", "-1", "1e9", str(2**63), "9" * 400):
            for query in (f"offset={offset}", f"limit={offset}", f"cursor={offset}"):
                for where in ("search", "records"):
                    await stage.send(client, "GET", f"{stage.place.hub}/api/v1/{where}?{query}")
    return ""


async def keystrokes(stage: Stage) -> str:
    """A suggestion for each key that is typed."""
    texts = ["solid waste " * 84, "a\u0300" * 500, "固体废物" * 250, BASMALA * 9 + "w" * 990]

    async with stage.client(timeout=10.0) as client:

        async def typed(index: int) -> None:
            text = texts[index % 4][: index // 4 + 1]
            await stage.send(client, "GET", _asked(stage, "suggest", text))

        await stage.steadily(800, 10.0, typed)
    return ""


async def extremes(stage: Stage) -> str:
    """The first and the last day that there is, at hub and node."""
    dates = ("0001-01-01", "9999-12-31", "0000-00-00", "10000-01-01", "2026-01-01T00:00:00Z", "x")
    paths = [f"en/news.{form}" for form in ("atom", "json")]
    async with stage.client(timeout=30.0) as client:
        for first in dates:
            for last in dates:
                oai = f"oai?verb=ListRecords&metadataPrefix=oai_dc&from={first}&until={last}"
                asked = [f"{path}?from={first}&to={last}" for path in paths]
                for url in (stage.place.hub, stage.place.node):
                    for path in (oai, oai.replace("Records", "Identifiers"), *asked):
                        await stage.send(client, "GET", f"{url}/{path}")
    return ""


async def slow_heads(stage: Stage) -> str:
    """Connections that are opened and then say little."""
    host, _, port = stage.place.hub.partition("//")[2].partition(":")
    opened = [await asyncio.open_connection(host, int(port)) for _ in range(300)]
    try:
        for _ in range(5):
            for _, writer in opened:
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
            await asyncio.sleep(1)
    finally:
        for _, writer in opened:
            writer.transport.abort()
    return ""


def _asked(stage: Stage, path: str, text: str) -> str:
    return f"{stage.place.hub}/api/v1/{path}?lang=en&q={quote(text, errors='replace')}"
