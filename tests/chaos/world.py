"""What is to be seen of a federation from outside and on its disks, gathered for the checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bri.log.v1 import log_pb2

from bri_kit import log
from tests.chaos.promises import MARK, Promises


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a node's log, read: what it did, to which record, and the mark in its text."""

    number: int
    record_id: str
    revision: int
    is_publication: bool
    mark: str
    hash: bytes


@dataclass(slots=True)
class NodeView:
    """A centre: its log as its node gives it out, the receipts in its database (number to
    verdict), and the records that its list and its search show (identifiers, as they come)."""

    code: str
    key: bytes
    envelopes: Sequence[bytes]
    receipts: Mapping[int, str]
    waiting: int
    listed: Sequence[str]
    found: Sequence[str]
    promises: Promises

    @property
    def lines(self) -> list[Line]:
        """The log, read."""
        return [read_line(envelope) for envelope in self.envelopes]


@dataclass(slots=True)
class HubView:
    """The hub: what its database holds of each centre's log, what its list shows (record and the
    number of its entry), and the bytes that it offers as proofs of some records."""

    logs: Mapping[str, Mapping[int, bytes]]
    listed: Sequence[tuple[str, int]]
    proofs: Mapping[str, bytes]


@dataclass(slots=True)
class ReplicaView:
    """A search replica: how many records it says it holds, those that it lists with the titles it
    shows (none for one that is only named on the card of its story), and those that a search for a
    word of theirs did not find."""

    name: str
    count: int
    listed: Sequence[tuple[str, str]]
    not_found: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """A retracted record, and a door by which it could be reached."""

    record_id: str
    door: str


@dataclass(slots=True)
class World:
    """Everything that the checks look at."""

    nodes: Sequence[NodeView]
    hub: HubView
    replicas: Sequence[ReplicaView]
    reached: Sequence[Reach] = ()
    published: Mapping[str, Line] = field(default_factory=dict)
    """The newest entry about each record that is published, by all nodes' logs."""
    retracted: Mapping[str, Line] = field(default_factory=dict)
    """The retraction of each record that is retracted."""

    titles: dict[str, set[str]] = field(default_factory=dict)
    """The marks of all titles that each record ever had."""

    def __post_init__(self) -> None:
        newest: dict[str, Line] = {}
        for node in self.nodes:
            for line in node.lines:
                newest[line.record_id] = line
                if line.is_publication:
                    self.titles.setdefault(line.record_id, set()).add(line.mark)
        self.published = {key: line for key, line in newest.items() if line.is_publication}
        self.retracted = {key: line for key, line in newest.items() if not line.is_publication}


def read_line(envelope: bytes) -> Line:
    """An entry out of its envelope."""
    sealed = log_pb2.SignedEntry.FromString(envelope)
    entry = log_pb2.Entry.FromString(sealed.entry)
    if entry.HasField("published"):
        text, revision = entry.published.editions[0].title, entry.published.revision
    else:
        text, revision = entry.retracted.reason, entry.retracted.revision
    found = MARK.search(text)
    return Line(
        number=entry.number,
        record_id=log.record_id(entry),
        revision=revision,
        is_publication=entry.HasField("published"),
        mark=found[0] if found else "",
        hash=log.entry_hash(sealed.entry),
    )
