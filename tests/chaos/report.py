"""The report of a run: a table for people, and a document for programs."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.chaos.checks import Kind
from tests.chaos.run import Result
from tests.chaos.schedule import Fault

MAX_FINDINGS = 40
_SUMS = {
    "lost": (Kind.LOST,),
    "duplicated": (Kind.DUPLICATED,),
    "never asked for": (Kind.UNASKED,),
    "retracted and reachable": (Kind.REACHABLE,),
    "without a receipt": (Kind.UNRECEIPTED,),
    "logs that do not verify": (Kind.UNVERIFIED,),
    "wrong answers": (Kind.COMPLAINT,),
}


def table(result: Result) -> Iterator[str]:
    """Its lines."""
    rows = dict(_rows(result))
    width = max(map(len, rows))
    for name, value in rows.items():
        yield f"{name:<{width}}  {value}"
    for line in result.broken:
        yield f"broken: {line}"
    for finding in result.healed.findings[:MAX_FINDINGS]:
        yield str(finding)
    if len(result.healed.findings) > MAX_FINDINGS:
        yield f"… and {len(result.healed.findings) - MAX_FINDINGS} more"
    if result.kept is not None:
        yield f"data, logs, schedule and diary: {result.kept}"
    yield "passed" if result.is_good else "FAILED"


def document(result: Result) -> dict[str, Any]:
    """The same as the table, for a program."""
    rows = {str(name).strip(): str(value) for name, value in _rows(result)}
    return {
        "passed": result.is_good,
        "rows": rows,
        "broken": result.broken,
        "findings": [str(each) for each in result.healed.findings],
        "siege": result.siege.document() if result.siege else None,
    }


def _rows(result: Result) -> Iterator[tuple[str, object]]:
    world, promises = result.healed.world, result.promises.values()
    yield "seed", result.settings.seed
    if world is not None:
        yield "entries written", sum(len(node.envelopes) for node in world.nodes)
        yield "records published", len(world.published)
        yield "records retracted", len(world.retracted)
    yield "writes acknowledged", sum(each.acknowledged() for each in promises)
    yield "answers lost on the way", sum(each.unanswered for each in promises)
    kills = result.faults.get(Fault.KILL, 0)
    yield "kill -9", kills
    yield "other faults", sum(result.faults.values()) - kills
    for fault in Fault:
        if fault is not Fault.KILL and (count := result.faults.get(fault)):
            yield f"  {fault}", count
    for name, reason in result.skipped.items():
        yield f"  {name}", f"skipped: {reason}"
    for name, ends in result.falls.items():
        yield (
            f"  {name} ended by itself",
            ", ".join(f"{count} x {end}" for end, count in Counter(ends).items()),
        )
    if result.siege:
        yield from result.siege.rows()
    yield "time to heal", f"{result.healed.seconds:.1f} s"
    found = Counter(finding.kind for finding in result.healed.findings)
    for name, kinds in _SUMS.items():
        yield name, sum(found[kind] for kind in kinds)
