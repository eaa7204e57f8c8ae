"""Imports items of files into a node, and keeps where each of them stood."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bri_cli.feed import Item
from bri_cli.remote import Remote
from bri_client import node


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not imported: where it stood, and why."""

    place: str
    reason: str


@dataclass(slots=True)
class Tally:
    """How an import went so far. `ids` are those of the records that were imported."""

    ids: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    position: int = 0


def send(
    remote: Remote,
    items: Iterable[Item],
    publish: bool,
    tally: Tally,
    told: Callable[[Tally], None] = lambda _tally: None,
) -> None:
    """Import `items`; `told` hears of every batch.

    Raises:
        CommandFailed: the node cannot be reached or refuses; `tally` says how far it went.
    """
    sent: deque[Item] = deque()

    def lines() -> Iterator[bytes]:
        for item in items:
            sent.append(item)
            yield item.line

    for call in node.bring(lines(), publish=publish):
        for outcome in remote.ask(call):
            item = sent.popleft()
            tally.position = item.position
            if outcome.id:
                tally.ids.append(outcome.id)
            else:
                tally.rejections.append(Rejection(item.place, outcome.reason))
        told(tally)
