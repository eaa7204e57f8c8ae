"""What became of the log's entries on their way to the hub: sent, and answered by receipts.

Rules:
- a receipt counts only where its hash is that of our own entry with its number;
- accepted and rejected are final: the hub's refusal of a repeat does not undo its answer; a refused
  or held entry without one still waits, since the hub's log did not move;
- a hub that was restored from a backup has lost its answers beyond its head: they are forgotten, so
  that those entries wait again;
- the settled number is the highest up to which every entry has a final receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bri.log.v1 import log_pb2
from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from bri_node import journal, reaches, verdicts
from bri_node.domain import State
from bri_node.tables import DeliveryRow, EntryRow, ReceiptRow, RecordRow

MAX_LISTED = 100
"""How many rejections a report lists, the newest first."""

_ACCEPTED, _REJECTED, _REFUSED, _HELD = "accepted", "rejected", "refused", "held"
_FINAL = (_ACCEPTED, _REJECTED)
_VERDICTS = {
    log_pb2.VERDICT_ACCEPTED: _ACCEPTED,
    log_pb2.VERDICT_REJECTED: _REJECTED,
    log_pb2.VERDICT_REFUSED: _REFUSED,
    log_pb2.VERDICT_HELD: _HELD,
}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far sending has come; `hub_head` is None until the hub has said something, `problem` is
    what the broker last objected to, or why there is no connection. `again` is what is being sent
    once more (first, last); `recovering` how many of our own entries are still to be fetched from
    the hub, and `unsettled` why nothing can be written meanwhile. `is_shown_out` says that the
    hub's broker does not let this centre in, or no longer."""

    connected: bool
    sent: int
    hub_head: int | None
    problem: str
    again: tuple[int, int] | None = None
    recovering: int = 0
    unsettled: str = ""
    is_shown_out: bool = False


def sent_number(session: Session) -> int:
    """The number up to which entries were sent, as far as was kept; the truth may be further."""
    return session.exec(select(DeliveryRow.sent)).one()


def keep_sent(session: Session, number: int) -> None:
    """Keep the number up to which entries were sent; it never falls."""
    row = session.exec(select(DeliveryRow).with_for_update()).one()
    row.sent = max(row.sent, number)


def settled_number(session: Session) -> int:
    """The highest number up to which every entry has a final receipt."""
    return session.exec(select(DeliveryRow.settled)).one()


def apply_receipts(session: Session, receipts: Sequence[log_pb2.Receipt]) -> int:
    """Keep the receipts that are for our entries; answers how many were."""
    delivery = session.exec(select(DeliveryRow).with_for_update()).one()
    applied = 0
    for start in range(0, len(receipts), _AT_ONCE):
        applied += _apply(session, receipts[start : start + _AT_ONCE])
    delivery.settled = _settled(session, delivery.settled)
    return applied


def _apply(session: Session, receipts: Sequence[log_pb2.Receipt]) -> int:
    numbers = [receipt.number for receipt in receipts if receipt.number < 2**63]
    query = select(EntryRow.number, EntryRow.hash).where(col(EntryRow.number).in_(numbers))
    own = dict(session.exec(query).all())
    answered = select(ReceiptRow.number).where(
        col(ReceiptRow.number).in_(numbers), col(ReceiptRow.verdict).in_(_FINAL)
    )
    final = set(session.exec(answered).all())
    rows = {
        receipt.number: _row(receipt)
        for receipt in receipts
        if own.get(receipt.number) == receipt.hash
        and (_VERDICTS.get(receipt.verdict) in _FINAL or receipt.number not in final)
        and receipt.verdict in _VERDICTS
    }
    if rows:
        connection = session.connection()
        connection.execute(
            delete(ReceiptRow.__table__).where(col(ReceiptRow.number).in_(list(rows)))
        )
        connection.execute(insert(ReceiptRow.__table__), list(rows.values()))
    return len(rows)


def _row(receipt: log_pb2.Receipt) -> dict[str, Any]:
    return {
        "number": receipt.number,
        "verdict": _VERDICTS[receipt.verdict],
        "reason": receipt.reason,
        "detail": receipt.detail,
        "at": receipt.at,
    }


def forget_beyond(session: Session, number: int) -> int:
    """Forget the hub's answers to entries beyond `number`, which it has lost; answers how many."""
    row = session.exec(select(DeliveryRow).with_for_update()).one()
    row.settled = min(row.settled, number)
    beyond = delete(ReceiptRow.__table__).where(col(ReceiptRow.number) > number)
    return session.connection().execute(beyond).rowcount


def rejected(session: Session) -> list[dict[str, Any]]:
    """The newest rejections, with their reasons."""
    return _answers(session, _REJECTED)


def count_final(session: Session) -> tuple[int, int]:
    """How many entries were accepted, and how many rejected."""
    counts = _counts(session)
    return counts.get(_ACCEPTED, 0), counts.get(_REJECTED, 0)


def _counts(session: Session) -> dict[str, int]:
    query = select(ReceiptRow.verdict, func.count()).group_by(col(ReceiptRow.verdict))
    return dict(session.exec(query).all())


def _settled(session: Session, settled: int) -> int:
    """The settled number, looked for from where it was."""
    while True:
        query = (
            select(ReceiptRow.number)
            .where(col(ReceiptRow.number) > settled, col(ReceiptRow.verdict).in_(_FINAL))
            .order_by(col(ReceiptRow.number))
            .limit(_AT_ONCE)
        )
        numbers = session.exec(query).all()
        for number in numbers:
            if number != settled + 1:
                return settled
            settled = number
        if len(numbers) < _AT_ONCE:
            return settled


def report(session: Session, progress: Progress) -> dict[str, Any]:
    """How delivery goes, for an editor."""
    written = journal.head_number(session)
    counts = _counts(session)
    accepted, rejected = counts.get(_ACCEPTED, 0), counts.get(_REJECTED, 0)
    oldest = journal.find(session, settled_number(session) + 1)
    return {
        "written": written,
        "sent": progress.sent,
        "accepted": accepted,
        "rejected": rejected,
        "refused": counts.get(_REFUSED, 0),
        "held": counts.get(_HELD, 0),
        "waiting": written - accepted - rejected,
        "since": oldest.written_at if oldest is not None else None,
        "connected": progress.connected,
        "hub_head": progress.hub_head,
        "problem": progress.problem,
        "healing": _healing(progress),
        "places": reaches.places(session),
        "rejections": _answers(session, _REJECTED),
        "refusals": _answers(session, _REFUSED),
        "holds": _answers(session, _HELD),
    }


def of_record(session: Session, row: RecordRow, sent: int) -> dict[str, Any]:
    """What became of a record's newest entry, and since when each place shows it or has it gone."""
    entry = journal.find(session, row.entry_number) if row.entry_number else None
    if entry is None:
        summary = "The record was never published, so there is nothing to deliver."
        return {"record": row.id, "entry": None, "state": "unpublished", "summary": summary}
    change = "retracted" if row.state == State.RETRACTED else "published"
    receipt = session.get(ReceiptRow, entry.number)
    unanswered = "sent" if entry.number <= sent else "waiting"
    state = receipt.verdict if receipt else unanswered
    at, detail = (receipt.at, receipt.detail or receipt.reason) if receipt else ("", "")
    return {
        "record": row.id,
        "entry": entry.number,
        "change": change,
        "written_at": entry.written_at,
        "state": state,
        "reason": receipt.reason if receipt else "",
        "detail": receipt.detail if receipt else "",
        "at": at or None,
        "places": _places(session, entry.number, state, at),
        "summary": verdicts.delivered(state, change, at, detail),
    }


def _places(session: Session, number: int, state: str, at: str) -> list[dict[str, Any]]:
    """Where the entry shows, or will; a rejected one nowhere."""
    if state == _REJECTED:
        return []
    applied = state == _ACCEPTED
    searches = [
        each if applied else each | {"since": None} for each in reaches.since(session, number)
    ]
    return [{"place": "hub", "since": at if applied else None}, *searches]


def _healing(progress: Progress) -> dict[str, Any] | None:
    """What is being set right now: entries sent once more, or our own fetched from the hub."""
    if progress.unsettled:
        return {"recovering": progress.recovering, "detail": progress.unsettled}
    if progress.again is None:
        return None
    first, last = progress.again
    return {"resending": {"first": first, "last": last}, "remaining": last - first + 1}


def _answers(session: Session, verdict: str) -> list[dict[str, Any]]:
    query = (
        select(ReceiptRow, EntryRow.record_id)
        .where(col(ReceiptRow.number) == col(EntryRow.number), ReceiptRow.verdict == verdict)
        .order_by(col(ReceiptRow.number).desc())
        .limit(MAX_LISTED)
    )
    return [
        {
            "number": receipt.number,
            "record": record_id,
            "reason": receipt.reason,
            "detail": receipt.detail,
            "at": receipt.at,
        }
        for receipt, record_id in session.exec(query).all()
    ]
