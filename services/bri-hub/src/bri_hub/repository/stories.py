"""What editors decided about stories: of two records, that they tell the same, or that they do not.

One row holds the newest decision about a pair; the audit log has them all. A decision makes both
records changes, so that whoever follows the change log learns of it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from bri_hub.repository import journal
from bri_hub.stafftables import StoryDecision
from bri_hub.tables import Record

JOINED, PARTED = "joined", "parted"


class Decided(NamedTuple):
    """The records that were joined with one, and those that were parted from it, in order."""

    joined: Sequence[str]
    parted: Sequence[str]


def find(session: Session, one: str, other: str) -> StoryDecision | None:
    """The decision about two records."""
    return session.get(StoryDecision, tuple(sorted((one, other))))


def keep(session: Session, decision: StoryDecision) -> None:
    """Keep a decision in place of the one before, as changes of both its records."""
    session.merge(decision)
    head = journal.last_change(session)
    for place, record_id in enumerate((decision.one, decision.other), 1):
        session.connection().execute(
            update(Record).where(col(Record.id) == record_id).values(change=head + place)
        )


def decided(session: Session, record_ids: Collection[str]) -> dict[str, Decided]:
    """What was decided about each of these records about which anything was."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {JOINED: [], PARTED: []})
    for row in _about(session, record_ids):
        for own, other in ((row.one, row.other), (row.other, row.one)):
            if own in record_ids:
                found[own][row.decision].append(other)
    return {
        record_id: Decided(sorted(each[JOINED]), sorted(each[PARTED]))
        for record_id, each in found.items()
    }


def joined_with(session: Session, record_id: str, *, without: str = "") -> set[str]:
    """The record, and all that it is joined with, directly or through others; its own decision
    about `without` is left out."""
    reached, new = {record_id}, {record_id}
    while new:
        pairs = [{row.one, row.other} for row in _about(session, new) if row.decision == JOINED]
        ends = {each for pair in pairs if pair != {record_id, without} for each in pair}
        new = ends - reached
        reached |= new
    return reached


def first_parted(
    session: Session, some: Collection[str], others: Collection[str], *, but: Collection[str]
) -> tuple[str, str] | None:
    """Two records, one of each group, that were parted, other than the two in `but`."""
    for row in _about(session, some):
        ends = {row.one, row.other}
        across = ends & set(some) and ends & set(others)
        if row.decision == PARTED and across and ends != set(but):
            return row.one, row.other
    return None


def _about(session: Session, record_ids: Collection[str]) -> Sequence[StoryDecision]:
    either = or_(col(StoryDecision.one).in_(record_ids), col(StoryDecision.other).in_(record_ids))
    return session.exec(
        select(StoryDecision)
        .where(either)
        .order_by(col(StoryDecision.one), col(StoryDecision.other))
    ).all()
