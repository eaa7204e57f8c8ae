"""What must hold of a federation when all faults are over. Pure; each check answers findings.

- `lost`: an acknowledged write is not in its node's log, an entry is not at the hub byte for byte,
  or a published record is not shown where it should be, as it is now;
- `duplicated`: a text is in two records, or a record is shown twice;
- `unasked`: something is there that nobody asked for, or that should not be shown;
- `reachable`: a retracted record can be reached;
- `unreceipted`: an entry has no receipt at its node, or was not accepted;
- `unverified`: a log does not verify from its first entry on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from bri_kit import trust
from bri_kit.trust import Standing
from tests.chaos.world import HubView, Line, NodeView, ReplicaView, World


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    UNASKED = "unasked"
    REACHABLE = "reachable"
    UNRECEIPTED = "unreceipted"
    UNVERIFIED = "unverified"
    COMPLAINT = "complaint"


class Finding(NamedTuple):
    """One thing that is wrong, in words."""

    kind: Kind
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


Findings = Iterator[Finding]


def check(world: World) -> list[Finding]:
    """Everything that is wrong."""
    return list(_check(world))


def _check(world: World) -> Findings:
    for node in world.nodes:
        lines = node.lines
        yield from _log_verifies(node.code, f"{node.code}'s log", node.key, node.envelopes)
        yield from _has_receipts(node, len(lines))
        yield from _keeps_promises(node, lines)
        yield from _asked_for(node, lines)
        yield from _hub_holds(node, world.hub)
        own = [key for key in world.published if key.startswith(f"{node.code}:")]
        yield from _shows(f"{node.code}'s list", node.listed, own)
        yield from _shows(f"{node.code}'s search", node.found, own)
        yield from (Finding(Kind.COMPLAINT, each) for each in node.promises.complaints)
    yield from _hub_shows(world)
    for replica in world.replicas:
        yield from _replica_shows(replica, world)
    for reach in world.reached:
        yield Finding(Kind.REACHABLE, f"{reach.record_id} by {reach.door}")


def _log_verifies(code: str, what: str, key: bytes, envelopes: Sequence[bytes]) -> Findings:
    """Each signature, each number and each hash, one entry after the other."""
    ledger = trust.Ledger(code, key)
    for index, envelope in enumerate(envelopes, 1):
        [judgement] = ledger.judge([envelope], lambda _: None)
        if judgement.standing is not Standing.ACCEPTED:
            why = judgement.fault or judgement.standing
            yield Finding(Kind.UNVERIFIED, f"{what} breaks at entry {index}: {why}")
            return


def _has_receipts(node: NodeView, written: int) -> Findings:
    for number in range(1, written + 1):
        verdict = node.receipts.get(number, "no receipt")
        if verdict != "accepted":
            yield Finding(Kind.UNRECEIPTED, f"{node.code}'s entry {number}: {verdict}")
    if node.waiting:
        yield Finding(Kind.UNRECEIPTED, f"{node.code} says that {node.waiting} entries wait")


def _keeps_promises(node: NodeView, lines: Sequence[Line]) -> Findings:
    promises = node.promises
    public = [line for line in lines if line.is_publication]
    publications = {(line.mark, line.record_id, line.revision) for line in public}
    revisions = {(line.record_id, line.revision) for line in public}
    retractions = {(line.mark, line.record_id) for line in lines if not line.is_publication}
    for mark, (record_id, revision) in promises.published.items():
        if (mark, record_id, revision) not in publications:
            yield Finding(Kind.LOST, f"acknowledged: {record_id} revision {revision} ({mark})")
    for mark, record_id in promises.retracted.items():
        if (mark, record_id) not in retractions:
            yield Finding(Kind.LOST, f"acknowledged: retraction of {record_id} ({mark})")
    for record_id, revision in promises.republished - revisions:
        yield Finding(Kind.LOST, f"acknowledged: {record_id} again, revision {revision}")


def _asked_for(node: NodeView, lines: Sequence[Line]) -> Findings:
    """Nothing that was not asked for, and nothing twice."""
    records: dict[str, set[str]] = {}
    entries: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.mark not in node.promises.asked:
            what = f"{node.code}'s entry {line.number} has a text that nobody published"
            yield Finding(Kind.UNASKED, f"{what}: {line.mark!r}")
        records.setdefault(line.mark, set()).add(line.record_id)
        entries[line.mark, line.record_id] += 1
    for mark, ids in records.items():
        if len(ids) > 1:
            yield Finding(Kind.DUPLICATED, f"{mark} is in {', '.join(sorted(ids))}")
    for (mark, record_id), count in entries.items():
        if count > 1 + node.promises.again[record_id]:
            yield Finding(Kind.DUPLICATED, f"{mark} was written {count} times to {record_id}")


def _hub_holds(node: NodeView, hub: HubView) -> Findings:
    """The same bytes under the same numbers, and no others."""
    held = hub.logs.get(node.code, {})
    for number, envelope in enumerate(node.envelopes, 1):
        if held.get(number) != envelope:
            how = "differs at" if number in held else "is not at"
            yield Finding(Kind.LOST, f"{node.code}'s entry {number} {how} the hub")
    for number in sorted(held):
        if number > len(node.envelopes):
            yield Finding(Kind.UNASKED, f"the hub holds {node.code}'s entry {number}, its node not")
    in_order = [held[number] for number in sorted(held)]
    yield from _log_verifies(node.code, f"{node.code}'s log at the hub", node.key, in_order)


def _hub_shows(world: World) -> Findings:
    hub = world.hub
    yield from _shows("the hub's list", [key for key, _ in hub.listed], world.published)
    for key, number in hub.listed:
        line = world.published.get(key)
        if line is not None and line.number != number:
            yield Finding(Kind.LOST, f"the hub shows {key} by entry {number}, not {line.number}")
    envelopes = {node.code: node.envelopes for node in world.nodes}
    newest = {**world.published, **world.retracted}
    for key, proof in hub.proofs.items():
        own = envelopes[key.partition(":")[0]]
        if key not in newest or own[newest[key].number - 1] != proof:
            yield Finding(Kind.LOST, f"the hub's proof of {key} is not its node's newest entry")


def _replica_shows(replica: ReplicaView, world: World) -> Findings:
    name = replica.name
    yield from _shows(name, [key for key, _ in replica.listed], world.published)
    if replica.count != len(world.published):
        what = f"{name} says it holds {replica.count} records instead of {len(world.published)}"
        kind = Kind.LOST if replica.count < len(world.published) else Kind.UNASKED
        yield Finding(kind, what)
    for key, title in replica.listed:
        line = world.published.get(key)
        if title and line is not None and line.mark not in title:
            yield Finding(Kind.LOST, f"{name} shows {key} as it was: {title}")
    for key in replica.not_found:
        yield Finding(Kind.LOST, f"{name} does not find {key} by its words")


def _shows(where: str, shown: Sequence[str], wanted: Iterable[str]) -> Findings:
    """Exactly the wanted ones, each once."""
    counts, expected = Counter(shown), set(wanted)
    for key in sorted(expected - counts.keys()):
        yield Finding(Kind.LOST, f"{where} lacks {key}")
    for key in sorted(counts.keys() - expected):
        yield Finding(Kind.UNASKED, f"{where} shows {key}, which is not published")
    for key, count in counts.items():
        if count > 1:
            yield Finding(Kind.DUPLICATED, f"{where} shows {key} {count} times")
