"""Keeping what the hub says: its receipts, what its head means for our log, how far replicas are.

Rules:
- the receipts, and what they make of our log's standing, are kept in one transaction;
- what repeats what is known is not written again: the hub says most things many times.
"""

from dataclasses import dataclass

from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_node import delivery, journal, reaches, standing
from bri_node.standing import Standing
from bri_node.store import Store


@dataclass(frozen=True, slots=True)
class Heard:
    """What the hub's word meant, and where our log stands with it."""

    standing: Standing
    written: int
    settled: int


def hear(store: Store, receipts: log_pb2.Receipts, settled: int | None) -> Heard:
    """Keep what the hub said. `settled` is up to where it had answered before it was asked, None
    for a hint."""
    with store.reading() as session:
        meaning = _judge(session, receipts, settled or 0)
        news = bool(receipts.receipts) or reaches.is_news(session, receipts.reaches)
    if news or meaning is Standing.HAS_LOST:
        with store.writing() as session:
            if meaning is Standing.HAS_LOST:
                delivery.forget_beyond(session, receipts.head)
            delivery.apply_receipts(session, receipts.receipts)
            reaches.take(session, receipts.reaches)
    with store.reading() as session:
        written = journal.head_number(session)
        return Heard(meaning, written, delivery.settled_number(session))


def _judge(session: Session, receipts: log_pb2.Receipts, settled: int) -> Standing:
    ours = journal.find(session, min(receipts.head, 2**63 - 1)) if receipts.head else None
    return standing.judge(receipts.head, receipts.head_hash, ours.hash if ours else None, settled)
