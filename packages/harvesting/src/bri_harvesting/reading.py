"""One reading of a source of whatever kind, within its limits.

Rules:
- what goes wrong is a finding like any other: a reading never raises for its source's fault;
- after the source itself, some addresses of things that it no longer lists are asked for, so that
  what is gone can be told from what has only made room;
- too many faults are told as far as MAX_FAULTS.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from bri_harvesting import cpu_time, feeds, oai, pages, tables, wordpress
from bri_harvesting.asking import Asker
from bri_harvesting.source import (
    MAX_FAULTS,
    Cursor,
    Fault,
    Findings,
    Gone,
    Item,
    Kind,
    Limits,
    Mark,
    Source,
    SourceFailed,
)

Reader: TypeAlias = Callable[[Source, Cursor, Asker, Limits], Findings]

READERS: Mapping[Kind, Reader] = {
    "feed": feeds.read,
    "oai": oai.read,
    "wordpress": wordpress.read,
    "page": pages.read,
    "table": tables.read,
}


async def read(
    source: Source, cursor: Cursor, probes: Mapping[str, str], limits: Limits
) -> Findings:
    """Everything after the cursor; then which of `probes` (identities with addresses) are gone."""
    try:
        async for finding in _in_time(_all(source, cursor, probes, limits), limits.all_seconds):
            yield finding
    except SourceFailed as fact:
        cpu_time.stop()
        yield Fault(fact.code, fact.detail, fatal=True, retry_after=fact.retry_after)
    except TimeoutError:
        yield Fault("too-slow", f"not read within {limits.all_seconds:g} s", fatal=True)
    except re.error as error:
        yield Fault("mapping", f"the pattern of links is none: {error}", fatal=True)


async def _all(
    source: Source, cursor: Cursor, probes: Mapping[str, str], limits: Limits
) -> Findings:
    asker = Asker(source, limits)
    findings = _bounded(READERS[source.kind](source, cursor, asker, limits), limits)
    async with aclosing(findings):
        async for finding in findings:
            yield finding
            if isinstance(finding, Fault) and finding.fatal:
                return
    for identity, url in probes.items():
        if asker.has_requests_left and (status := await asker.is_gone(url)):
            yield Gone(identity, f"its address answers {status}")


async def _in_time(findings: Findings, seconds: float) -> Findings:
    """These, until the time is over. A time limit around a `yield` would end whoever reads on."""
    ends_at = asyncio.get_running_loop().time() + seconds
    async with aclosing(findings):
        while True:
            async with asyncio.timeout_at(ends_at):
                finding = await anext(findings, None)
            if finding is None:
                return
            yield finding


async def _bounded(findings: Findings, limits: Limits) -> Findings:
    items = faults = 0
    async with aclosing(findings):
        async for finding in findings:
            match finding:
                case Item() | Gone():
                    items += 1
                    if items > limits.items:
                        raise SourceFailed("too-many", f"more than {limits.items} items")
                    yield finding
                case Fault():
                    faults += 1
                    if faults <= MAX_FAULTS or finding.fatal:
                        yield finding
                case Mark():
                    yield finding
