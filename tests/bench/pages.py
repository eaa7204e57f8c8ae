"""What pages cost, beside what they are made of: `python -m tests.bench.pages [--line]`.

A search page of ten cards, from memory: the bare template alone, the application with everything
around it (routing, facets, compression, policy), and one worker of uvicorn over a socket. Search
itself answers from memory here, so all that is measured stands above it. `--line` asks a whole
federation with its samples, in Chromium behind a slow line.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from playwright.sync_api import Browser, CDPSession
from rich.console import Console
from rich.table import Table
from starlette.datastructures import QueryParams

from bri_cli.layout import Layout
from bri_pages import asking
from bri_pages.app import create_site
from bri_pages.rendering import Page, Renderer
from bri_pages.site import Site
from bri_retrieval.engine import Hit, Results
from tests.e2e.exhibits import shown
from tests.e2e.ports import free_port_base
from tests.support.browser import chromium
from tests.support.site import free_port
from tests.support.waiting import eventually
from tests.unit.pages.source import HUB, MemorySource, hit

PATH = "/zh/search?q=%E5%9B%BA%E4%BD%93%E5%BA%9F%E7%89%A9"
_FACETS = {
    "kind": "news policy case cooperation technology",
    "country": "KZ CN RU TH VN ID UZ KG TJ PK IN IR MN",
    "topic": "solid-waste water-resources climate-change landfill",
    "edition": "zh en ru",
    "centre": "sco asean",
    "year": " ".join(map(str, range(2012, 2026))),
}
_SECONDS = 3.0
_CLIENTS = 4
_MBIT = 1_000_000 / 8
_FIRST = """() => { const card = document.querySelector(".card");
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return card && paint ? paint.startTime : null; }"""
console = Console(width=100)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of the template alone and of the application's answer; pages a second."""

    bare: float
    whole: float
    rate: float


def source() -> MemorySource:
    """Ten cards, with the facets of a large corpus."""
    hits: list[Hit] = [
        hit(title=f"固体废物污染环境防治 {each}", language="zh") for each in range(10)
    ]
    facets = {name: dict.fromkeys(values.split(), 40) for name, values in _FACETS.items()}
    return MemorySource(Results(1_234, hits, facets))


def bare(site: Site) -> float:
    """Milliseconds that the template of a search page takes, with all values at hand."""
    results = source().results
    question = asking.read(QueryParams("q=固体废物"))
    facets = [(name, list(counts.items())) for name, counts in results.facets.items()]
    values = {
        "question": question, "results": results, "problem": "", "meant": "", "years": [],
        "facets": facets[:-1], "ways": (), "last": 100, "names": {}, "path": "search",
        "heading": "", "intro": "", "section": "", "narrower": (),
    }  # fmt: skip
    renderer, page = Renderer(site), Page("search", feeds="/zh/search.{format}")
    return _median(lambda: renderer.render("http://hub", "search.html", "zh", page, values))


def _median(work: Callable[[], object]) -> float:
    waits = []
    until = time.perf_counter() + _SECONDS
    while (began := time.perf_counter()) < until:
        work()
        waits.append(time.perf_counter() - began)
    return statistics.median(waits) * 1_000


async def whole(site: Site) -> tuple[float, float]:
    """Milliseconds of the application's answer in this process, and pages a second of one worker
    over a socket."""
    app = create_site(site, lambda _request: source_of_all)
    source_of_all = source()
    headers = {"Accept-Encoding": "gzip"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hub", headers=headers
    ) as one:
        waits = await _asked(lambda: one.get(PATH), 1)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as many:
        await eventually(lambda: _is(server), bool)
        answers = await _asked(lambda: many.get(PATH), _CLIENTS)
    server.should_exit = True
    await serving
    return statistics.median(waits) * 1_000, len(answers) / _SECONDS


async def _is(server: uvicorn.Server) -> bool:
    return server.started


async def _asked(ask: Callable[[], Awaitable[httpx.Response]], clients: int) -> list[float]:
    waits: list[float] = []
    until = time.perf_counter() + _SECONDS

    async def go_on() -> None:
        while (began := time.perf_counter()) < until:
            (await ask()).raise_for_status()
            waits.append(time.perf_counter() - began)

    await asyncio.gather(*(go_on() for _ in range(clients)))
    return waits


def measure() -> Cost:
    """All of it, in one run."""
    answered, rate = asyncio.run(whole(HUB))
    return Cost(bare(HUB), answered, rate)


def main() -> None:
    """Print what was measured beside the goals."""
    cost = measure()
    table = Table(title="A search page of ten cards, above search itself", title_justify="left")
    for column in ("", "measured", "to bare", "goal"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("the bare template", f"{cost.bare:.2f} ms", "1.00", "")
    table.add_row(
        "the application's answer", f"{cost.whole:.2f} ms", f"{cost.whole / cost.bare:.2f}", "5 ms"
    )
    bound = 1_000 / cost.bare
    table.add_row(
        "pages a second, one worker", f"{cost.rate:,.0f}", f"{cost.rate / bound:.2f}", "200"
    )
    table.caption = "one worker and its clients share this process"
    console.print(table)


def measure_line() -> None:
    """A first visit behind 1.6 Mbit/s and 150 ms, nothing kept: the first results painted."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder), free_port_base())
        with shown(layout), chromium() as browser:
            first = [_first_result(browser, f"{layout.url('hub')}{PATH}") for _ in range(5)]
    table = Table(title="Behind 1.6 Mbit/s and 150 ms, a first visit", title_justify="left")
    for column in ("", "measured", "goal"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row(
        "first result painted, median of 5", f"{statistics.median(first):,.0f} ms", "1,000 ms"
    )
    console.print(table)


def _first_result(browser: Browser, url: str) -> float:
    page = browser.new_page()
    line: CDPSession = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {
        "offline": False,
        "latency": 150,
        "downloadThroughput": 1.6 * _MBIT,
        "uploadThroughput": 0.75 * _MBIT,
    }
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(url, wait_until="load")
    found: float = page.wait_for_function(_FIRST).json_value()
    page.close()
    return found


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("--line", action="store_true", help="in Chromium, behind a slow line")
    main()
    if parser.parse_args().line:
        measure_line()
