"""Stories at the hub: who tells the same as a record, and what editors decide about that.

Which records make a story is found by search, where their meaning is known; what an editor decides
is kept here, goes out with the change log, and counts more than anything found.

Rules:
- both records are published here, by centres that are shown, and they are two;
- a decision about two records replaces the one before; one that changes nothing is an error;
- decisions never contradict each other: what is parted cannot be joined through others, and what
  others join cannot be parted; the answer names whom to decide about first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bri_hub.domain import RecordState
from bri_hub.mapping import revision_of, version_json
from bri_hub.repository import catalogue, standing, stories
from bri_hub.repository.stories import JOINED, PARTED
from bri_hub.service import read_record
from bri_hub.stafftables import StoryDecision
from bri_hub.tables import Holding
from bri_kit import content
from bri_kit.clock import timestamp
from bri_kit.errors import FieldError, IllegalTransition, InvalidInput
from bri_kit.set_aside import write_each

Document = dict[str, Any]

MOST_JOINED = 32
"""Records that can be joined; search shows no more on one card."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides about which two records, and why."""

    record_id: str
    other: str
    actor: str
    reason: str


def join(session: Session, decision: Decision) -> Document:
    """Decide that two records tell the same.

    Raises:
        InvalidInput: they are one.
        NotFound: there is no such record.
        Retracted: the centre of one of them retracted it.
        IllegalTransition: they are joined already, or other decisions keep them apart.
    """
    _check(session, decision, JOINED)
    groups = [
        stories.joined_with(session, record_id)
        for record_id in (decision.record_id, decision.other)
    ]
    pair = (decision.record_id, decision.other)
    if parted := stories.first_parted(session, *groups, but=pair):
        raise IllegalTransition(f"{parted[0]} and {parted[1]} were parted; join those first.")
    if len(groups[0] | groups[1]) > MOST_JOINED:
        raise IllegalTransition(f"A story has at most {MOST_JOINED} records that were joined.")
    return _decide(session, decision, JOINED)


def part(session: Session, decision: Decision) -> Document:
    """Decide that two records do not tell the same. Raises as `join` does."""
    _check(session, decision, PARTED)
    one, other = decision.record_id, decision.other
    if other in (joined := stories.joined_with(session, one, without=other)):
        through = sorted(joined - {one, other})
        names = ", ".join(through[:5])
        raise IllegalTransition(f"They are joined through others; part those first: {names}.")
    return _decide(session, decision, PARTED)


def read_story(
    session: Session,
    others: Collection[str],
    joined: Collection[str],
    language: str,
    address: str,
) -> list[Document]:
    """The records `others`, those of them that can be shown, with a title in `language` where they
    have one; `joined` are those that an editor brought in."""
    found = (catalogue.find_record(session, record_id) for record_id in others)
    shown = (each for each in found if each and each.record.state == RecordState.PUBLISHED)

    def write(holding: Holding) -> Document:
        linked = "decided" if holding.record.id in joined else "found"
        return version_json(holding, language, address) | {"linked": linked}

    return list(write_each("api", shown, write, revision_of))


def _check(session: Session, decision: Decision, verdict: str) -> None:
    if decision.record_id == decision.other:
        raise InvalidInput("A story needs two records.", [FieldError("other", "is the same one")])
    for record_id in (decision.record_id, decision.other):
        read_record(session, record_id)
    before = stories.find(session, decision.record_id, decision.other)
    if before and before.decision == verdict:
        raise IllegalTransition(f"{before.actor} {verdict} them already: {before.reason}")


def _decide(session: Session, decision: Decision, verdict: str) -> Document:
    one, other = sorted((decision.record_id, decision.other))
    row = StoryDecision(
        one=one,
        other=other,
        decision=verdict,
        actor=decision.actor,
        at=timestamp(),
        reason=decision.reason,
    )
    answer = {
        "id": decision.record_id,
        "other": decision.other,
        "decision": verdict,
        "by": row.actor,
        "at": row.at,
        "reason": row.reason,
    }
    stories.keep(session, row)
    for record_id, peer in ((one, other), (other, one)):
        centre = content.centre_of(record_id)
        detail = f"{record_id} {peer}"
        standing.write_audit(
            session, centre, decision.actor, f"story {verdict}", decision.reason, detail
        )
    return answer
