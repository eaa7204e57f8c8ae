"""Records that could not be indexed.

Rules:
- a record that cannot be indexed is set aside, with the reason, and the next one goes on; what the
  index held of it before is removed, because it is not what the record says now;
- the list is committed with the cursor, so that it survives a restart, and goes with the index: a
  record is tried again when it is revised, and when the index is filled again;
- at most MOST_NAMED records are named, the newest; the others are only counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog

from bri_retrieval.stories.member import Member

if TYPE_CHECKING:
    from bri_retrieval.engine import Change

MOST_NAMED = 1_000
LONGEST_REASON = 300
"""Characters of a reason that are kept."""

LONGEST_ID = 200
"""Characters; no record's identifier is longer, and whatever is longer is only counted."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Records with the reason why each is not in the index, the newest last; `unnamed` more are
    only counted."""

    named: Mapping[str, str] = field(default_factory=dict)
    unnamed: int = 0

    def __len__(self) -> int:
        return len(self.named) + self.unnamed

    def newest(self, count: int) -> list[str]:
        """The identifiers of the last `count` records, the newest first."""
        return list(islice(reversed(tuple(self.named)), count))

    def updated(self, touched: Sequence[str], problems: Mapping[str, str]) -> "SetAside":
        """The same after the records `touched` were indexed, but for those with `problems`."""
        if not problems and not any(name in self.named for name in touched):
            return self
        gone = {*touched, *problems}
        named = {name: reason for name, reason in self.named.items() if name not in gone}
        named |= {name: why for name, why in problems.items() if len(name) <= LONGEST_ID}
        unnamed = self.unnamed + sum(len(name) > LONGEST_ID for name in problems)
        surplus = max(len(named) - MOST_NAMED, 0)
        return SetAside(dict(islice(named.items(), surplus, None)), unnamed + surplus)

    def dump(self) -> list[Any]:
        """The list as JSON's types."""
        return [dict(self.named), self.unnamed]

    @classmethod
    def load(cls, kept: Any) -> "SetAside":
        """The list that was dumped; an empty one where there is none."""
        return cls(dict(kept[0]), int(kept[1])) if kept else cls()


class Unindexable(Exception):
    """A record cannot be indexed; the message says why."""


def member_of(change: "Change") -> Member | None:
    """The record of a change as it is indexed; None where it must not be found any more.

    Raises:
        Unindexable: what the log holds is no record of that identifier.
    """
    if change.unreadable:
        raise Unindexable(change.unreadable)
    # Without an edition there is nothing to show; no hub takes such a record.
    if change.record is None or not change.record.editions:
        return None
    if change.record.id != change.record_id:
        raise Unindexable("the record has another identifier than its change")
    return Member.of(change.record, change.number, change.joined, change.parted, change.at)


def reason_of(error: BaseException) -> str:
    """An error in the words that are kept and logged."""
    return f"{type(error).__name__}: {error}"[:LONGEST_REASON].encode(errors="replace").decode()


def log(problems: Mapping[str, str]) -> None:
    """Log each record that is set aside, with its reason."""
    for record, reason in _printable(problems):
        _log.warning("record.set_aside", record=record, reason=reason)


def _printable(problems: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for record, reason in problems.items():
        yield record[:LONGEST_ID].encode(errors="replace").decode(), reason
