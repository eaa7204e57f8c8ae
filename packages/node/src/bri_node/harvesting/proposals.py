"""What sources propose and editors decide; each function is part of the caller's transaction.

Rules:
- of a record there is at most one open proposal of each kind: a newer one takes the older's place;
- a proposal is decided once; deciding it again the same way changes nothing;
- accepting does what it says in the editor's name, by the same rules as if they did it themselves;
  a withdrawal of what was never published drops it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bri.content.v1 import content_pb2
from sqlmodel import Session, col, select

from bri_kit import clock, content
from bri_kit.errors import AlreadyExists, NotFound
from bri_kit.xml_text import xml_text
from bri_node import repository, service
from bri_node.actor import Actor, require_editor
from bri_node.domain import State
from bri_node.harvesttables import HarvestItemRow, HarvestProposalRow
from bri_node.service import Centre
from bri_node.tables import RecordRow

_MAX_REASON = 1_000
ACCEPTED, REFUSED, SETTLED = "accepted", "refused", "settled"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with what an editor needs to decide it."""

    row: HarvestProposalRow
    record: RecordRow
    title: str
    language: str
    proposed: content_pb2.Record | None


def propose_retraction(session: Session, source: str, record: RecordRow, reason: str) -> None:
    """Propose to withdraw a record."""
    _propose(session, source, record, "retract", reason, None)


def propose_change(
    session: Session,
    source: str,
    record: RecordRow,
    new: content_pb2.Record,
    remarks: Sequence[str] = (),
) -> None:
    """Propose what a record's source says now, with remarks on how it was read."""
    reason = xml_text("; ".join(("the source has changed it", *remarks)))[:_MAX_REASON]
    _propose(session, source, record, "change", reason, new.SerializeToString())


def _propose(
    session: Session,
    source: str,
    record: RecordRow,
    action: str,
    reason: str,
    proposed: bytes | None,
) -> None:
    settle(session, record.id, action)
    session.add(
        HarvestProposalRow(
            source=source,
            record_id=record.id,
            action=action,
            reason=reason,
            revision=record.revision,
            content=proposed,
            made_at=clock.timestamp(),
        )
    )


def settle(session: Session, record_id: str, action: str) -> None:
    """Let a record's open proposals of a kind come to nothing."""
    query = select(HarvestProposalRow).where(
        HarvestProposalRow.record_id == record_id,
        HarvestProposalRow.action == action,
        HarvestProposalRow.decision == "",
    )
    for row in session.exec(query).all():
        row.decision, row.decided_at = SETTLED, clock.timestamp()


def page(
    session: Session, after: int, limit: int, source: str = "", *, is_open: bool = True
) -> tuple[list[Proposal], bool]:
    """Up to `limit` proposals after the one numbered `after`, oldest first, and whether there are
    more."""
    query = select(HarvestProposalRow).where(col(HarvestProposalRow.id) > after)
    if is_open:
        query = query.where(HarvestProposalRow.decision == "")
    if source:
        query = query.where(HarvestProposalRow.source == source)
    rows = session.exec(query.order_by(col(HarvestProposalRow.id)).limit(limit + 1)).all()
    return [_told(session, row) for row in rows[:limit]], len(rows) > limit


def _told(session: Session, row: HarvestProposalRow) -> Proposal:
    record = session.get_one(RecordRow, row.record_id)
    now = content_pb2.Record.FromString(record.content)
    language = now.original_language
    titles = {edition.language: edition.title for edition in now.editions}
    proposed = content_pb2.Record.FromString(row.content) if row.content else None
    return Proposal(row, record, titles.get(language, row.record_id), language, proposed)


def decide(
    session: Session,
    centre: Centre,
    number: int,
    actor: Actor,
    *,
    accept: bool,
    revision: int | None = None,
) -> HarvestProposalRow:
    """Accept a proposal, or refuse it. `revision`, where given, is the record's that was seen.

    Raises:
        NotFound, Forbidden, StaleRevision, IllegalTransition, InvalidInput.
        AlreadyExists: it was decided otherwise.
    """
    require_editor(actor)
    row = session.get(HarvestProposalRow, number)
    if row is None:
        raise NotFound(f"There is no proposal {number}.")
    decision = ACCEPTED if accept else REFUSED
    if row.decision == decision:
        return row
    if row.decision:
        raise AlreadyExists(f"The proposal was {row.decision} already.")
    item = session.get(HarvestItemRow, row.record_id)
    if accept:
        written = _do(session, centre, row, actor, revision)
        if item is not None and row.action == "change":
            # From here on the record is as the source has it, and follows it again.
            item.revision = written.revision
    if item is not None and row.action == "retract":
        item.gone = decision
    row.decision, row.decided_at, row.decided_by = decision, clock.timestamp(), actor.name
    return row


def _do(
    session: Session, centre: Centre, row: HarvestProposalRow, actor: Actor, revision: int | None
) -> RecordRow:
    record = repository.find(session, row.record_id)
    if row.action == "retract":
        if record is not None and record.state == State.RETRACTED:
            return record  # somebody was quicker
        if record is not None and record.state in (State.DRAFT, State.IN_REVIEW):
            return service.drop(session, centre, row.record_id, row.reason, revision, actor)
        return service.retract(session, centre, row.record_id, row.reason, revision, actor)
    assert row.content is not None
    new = content_pb2.Record.FromString(row.content)
    known = record.revision if record is not None and revision is None else revision or 0
    return service.edit(session, centre, row.record_id, new, (), known, actor)


def to_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the API shows it."""
    row = proposal.row
    document: dict[str, Any] = {
        "id": row.id,
        "source": row.source,
        "record": row.record_id,
        "revision": proposal.record.revision,
        "state": proposal.record.state,
        "title": proposal.title,
        "action": row.action,
        "reason": row.reason,
        "made_at": row.made_at,
        "decision": row.decision,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
    }
    if proposal.proposed is not None:
        document["proposed"] = content.to_json(proposal.proposed, proposal.record.state)
    return document


def forget(session: Session, source: str) -> None:
    """Let all open proposals of a source come to nothing."""
    query = select(HarvestProposalRow).where(
        HarvestProposalRow.source == source, HarvestProposalRow.decision == ""
    )
    rows: Sequence[HarvestProposalRow] = session.exec(query).all()
    for row in rows:
        row.decision, row.decided_at = SETTLED, clock.timestamp()
