"""What the hub decides about an authentic entry, and which numbers of a log it still lacks.

Rules for content, in the order of a centre's log:
- a publication must be valid, and newer than the revision held; after a retraction the revision
  that was withdrawn may come back;
- a retraction needs a record that is published here. It wins over every revision: whatever else is
  wrong, what a centre withdraws goes;
- an entry that breaks a rule is rejected with a word for programs and a sentence for an editor; it
  stays part of the log, and the record stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_DETAIL = 2_000
"""Longest detail of a rejection, in characters."""


class CentreState(StrEnum):
    """How the hub treats a centre: only what an active one publishes is shown. What a limited one
    sends is accepted; what a suspended one sends waits."""

    ACTIVE = "active"
    LIMITED = "limited"
    SUSPENDED = "suspended"


class RecordState(StrEnum):
    """What became of a record."""

    PUBLISHED = "published"
    RETRACTED = "retracted"


class Reason(StrEnum):
    """Why an authentic entry was not applied."""

    INVALID_CONTENT = "invalid-content"
    STALE_REVISION = "stale-revision"
    UNKNOWN_RECORD = "unknown-record"
    ALREADY_RETRACTED = "already-retracted"
    REFUSED_BY_HUB = "refused-by-hub"


@dataclass(frozen=True, slots=True)
class Held:
    """What the hub holds of a record."""

    revision: int
    state: RecordState


@dataclass(frozen=True, slots=True)
class Rejection:
    """The answer to an entry that is not applied."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a centre's log that are missing, both inclusive."""

    first: int
    last: int


def judge_publication(
    held: Held | None, revision: int, problems: Sequence[str]
) -> Rejection | None:
    """None where the publication is applied. `problems` tells what is wrong with its content."""
    if problems:
        return Rejection(Reason.INVALID_CONTENT, "; ".join(problems)[:MAX_DETAIL])
    if revision < 1:
        return Rejection(Reason.INVALID_CONTENT, "revision: must be 1 or more")
    if held is None:
        return None
    if held.state is RecordState.RETRACTED:
        oldest, held_as = held.revision, "was withdrawn"
    else:
        oldest, held_as = held.revision + 1, "is published already"
    if revision >= oldest:
        return None
    detail = f"Revision {revision} came, but revision {held.revision} {held_as}."
    return Rejection(Reason.STALE_REVISION, detail)


def judge_retraction(held: Held | None) -> Rejection | None:
    """None where the retraction is applied."""
    if held is None:
        detail = "The record was never published at the hub, so there is nothing to withdraw."
        return Rejection(Reason.UNKNOWN_RECORD, detail)
    if held.state is RecordState.RETRACTED:
        return Rejection(Reason.ALREADY_RETRACTED, "The record is withdrawn already.")
    return None


def find_gaps(head: int, waiting: Sequence[int], newest: int) -> list[Gap]:
    """The numbers missing between `head` and `newest`.

    `waiting` has, in ascending order, the numbers that arrived and wait for those before them.
    """
    gaps = []
    expected = head + 1
    for number in (*waiting, newest + 1):
        if number > expected:
            gaps.append(Gap(expected, number - 1))
        expected = max(expected, number + 1)
    return gaps
