"""What became of the log's entries on their way to the hub: sent, and answered by receipts.

Rules:
- a receipt counts only where its hash is that of our own entry with its number;
- accepted and rejected are final until the hub says otherwise; a refused entry still waits, since
  the hub's log did not move;
- the settled number is the highest up to which every entry has a final receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bri.log.v1 import log_pb2
from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from bri_node import journal
from bri_node.tables import DeliveryRow, EntryRow, ReceiptRow

MAX_LISTED = 100
"""How many rejections a report lists, the newest first."""

_ACCEPTED, _REJECTED, _REFUSED = "accepted", "rejected", "refused"
_VERDICTS = {
    log_pb2.VERDICT_ACCEPTED: _ACCEPTED,
    log_pb2.VERDICT_REJECTED: _REJECTED,
    log_pb2.VERDICT_REFUSED: _REFUSED,
}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far sending has come; `hub_head` is None until the hub has said something, `problem` is
    what the broker last objected to."""

    connected: bool
    sent: int
    hub_head: int | None
    problem: str


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
    rows = {
        receipt.number: _row(receipt)
        for receipt in receipts
        if own.get(receipt.number) == receipt.hash and receipt.verdict in _VERDICTS
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


def _settled(session: Session, settled: int) -> int:
    """The settled number, looked for from where it was."""
    while True:
        query = (
            select(ReceiptRow.number)
            .where(col(ReceiptRow.number) > settled, col(ReceiptRow.verdict) != _REFUSED)
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
    counts = dict(
        session.exec(
            select(ReceiptRow.verdict, func.count()).group_by(col(ReceiptRow.verdict))
        ).all()
    )
    accepted, rejected = counts.get(_ACCEPTED, 0), counts.get(_REJECTED, 0)
    oldest = journal.find(session, settled_number(session) + 1)
    return {
        "written": written,
        "sent": progress.sent,
        "accepted": accepted,
        "rejected": rejected,
        "refused": counts.get(_REFUSED, 0),
        "waiting": written - accepted - rejected,
        "since": oldest.written_at if oldest is not None else None,
        "connected": progress.connected,
        "hub_head": progress.hub_head,
        "problem": progress.problem,
        "rejections": _answers(session, _REJECTED),
        "refusals": _answers(session, _REFUSED),
    }


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
