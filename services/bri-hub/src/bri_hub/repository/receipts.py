"""Receipts as the hub's entries tell them; no receipt is kept apart from its entry."""

from collections.abc import Collection

import sqlalchemy
from bri.log.v1 import log_pb2
from sqlalchemy import Executable
from sqlmodel import Session, col, select

from bri_hub.tables import MAX_NUMBER, Centre, Entry

MAX_RECEIPTS = 500
"""How many receipts travel in one message."""

VERDICTS = {"accepted": log_pb2.VERDICT_ACCEPTED, "rejected": log_pb2.VERDICT_REJECTED}

# Columns, not the class: envelopes are large and are not needed.
_ENTRIES = sqlalchemy.select(
    col(Entry.number),
    col(Entry.hash),
    col(Entry.verdict),
    col(Entry.reason),
    col(Entry.detail),
    col(Entry.received_at),
)


def receipts_for(session: Session, centre: str, numbers: Collection[int]) -> list[log_pb2.Receipt]:
    """The receipts of the centre's entries with these numbers."""
    return _receipts(
        session, _ENTRIES.where(col(Entry.centre) == centre, col(Entry.number).in_(numbers))
    )


def receipts_after(session: Session, centre: str, number: int) -> log_pb2.Receipts:
    """The next MAX_RECEIPTS receipts after `number`, with the head of the centre's log."""
    query = _ENTRIES.where(col(Entry.centre) == centre, col(Entry.number) > min(number, MAX_NUMBER))
    query = query.order_by(col(Entry.number)).limit(MAX_RECEIPTS)
    answer = standing(session, centre)
    answer.receipts.extend(_receipts(session, query))
    return answer


def standing(session: Session, centre: str) -> log_pb2.Receipts:
    """The number and hash up to which the hub holds the centre's log, without receipts."""
    query = select(Centre.number, Centre.head).where(Centre.code == centre)
    number, hash_ = session.exec(query).one_or_none() or (0, b"")
    return log_pb2.Receipts(centre=centre, head=number, head_hash=hash_ if number else b"")


def _receipts(session: Session, query: Executable) -> list[log_pb2.Receipt]:
    return [receipt(*row) for row in session.execute(query)]


def receipt(
    number: int, hash_: bytes, verdict: str, reason: str, detail: str, at: str
) -> log_pb2.Receipt:
    """What an entry as it is stored says to its centre."""
    return log_pb2.Receipt(
        number=number, hash=hash_, verdict=VERDICTS[verdict], reason=reason, detail=detail, at=at
    )
