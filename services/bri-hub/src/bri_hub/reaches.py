"""How far each search replica has come in each centre's log, as centres are told it.

Rules:
- a replica says the number of the change that it has committed; a centre is told the number of the
  last of its own entries up to which everything has taken effect there, retractions included;
- a mark of a replica does not fall while its cursor does not: a record that is looked at again,
  for reasons of the hub's, has not left the index;
- MAX_FOLLOWERS are remembered; beyond them the one that has reported nothing for longest is not;
- nothing is kept: after a restart of the hub replicas say it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bri.log.v1 import log_pb2

MAX_FOLLOWERS = 64
_LONGEST_NAME = 64


@dataclass(slots=True)
class Follower:
    """A replica: its cursor in the change log, and its mark in each centre's log. `at` is the time
    of its last report (RFC 3339)."""

    epoch: str
    cursor: int
    at: str
    marks: dict[str, log_pb2.Reach] = field(default_factory=dict)


class Reaches:
    """What replicas have reported. Belongs to one event loop."""

    def __init__(self) -> None:
        self.followers: dict[str, Follower] = {}

    def report(
        self, name: str, epoch: str, cursor: int, marks: Mapping[str, int], at: str
    ) -> set[str]:
        """Take a report, `marks` being the centres' numbers that `cursor` stands for; answers the
        centres for which something changed."""
        name = name[:_LONGEST_NAME]
        known = self.followers.get(name)
        fell = known is None or cursor < known.cursor
        follower = known if known is not None and not fell else Follower(epoch, cursor, at)
        follower.epoch, follower.cursor, follower.at = epoch, cursor, at
        self.followers[name] = follower
        if len(self.followers) > MAX_FOLLOWERS:
            del self.followers[min(self.followers, key=lambda each: self.followers[each].at)]
        changed = set()
        for centre, number in marks.items():
            held = follower.marks.get(centre)
            if held is None or number > held.number:
                follower.marks[centre] = log_pb2.Reach(place=name, number=number, at=at)
                changed.add(centre)
        return changed

    def of(self, centre: str) -> list[log_pb2.Reach]:
        """What the centre is told, by the names of the places."""
        found = [(name, each.marks.get(centre)) for name, each in sorted(self.followers.items())]
        return [mark for _, mark in found if mark is not None]
