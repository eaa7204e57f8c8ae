"""What the hub answers to a centre: a receipt for every entry, also for what it refused.

A refusal goes to the centre that the subject named, whether or not the bytes came from it: the
receipt carries their hash, so a centre knows whether they were its own.
"""

from collections.abc import Iterator, Sequence

from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.ingest.holding import Hold
from bri_hub.ingest.judging import UNKNOWN_CENTRE, Judged, Refused
from bri_hub.repository.journal import EntryRow
from bri_hub.repository.receipts import MAX_RECEIPTS, receipt, receipts_for
from bri_kit import log
from bri_kit.trust import Candidate

_REFUSALS = {
    "not-an-entry": "These bytes are not an entry of a centre's log.",
    "too-large": f"An entry may have at most {log.MAX_ENTRY_BYTES // 1024 // 1024} MiB.",
    "foreign-entry": "The entry is of another centre, or changes a record of another centre.",
    "unknown-key": "The key was never one of this centre's.",
    "revoked-key": "The key was revoked by the hub's admin.",
    "retired-key": "The key is not the one that signs the entry with this number.",
    "invalid-rotation": "The log cannot be handed over to this key, or it has not signed for it.",
    "signature-mismatch": "The signature is not the centre's over these bytes.",
    "forked-history": "The entry contradicts the log that the hub holds of this centre.",
    UNKNOWN_CENTRE: "No centre of this code was admitted to the hub.",
}


def answer(
    session: Session,
    centre: str,
    head: int,
    judged: Judged,
    rows: Sequence[EntryRow],
    hold: Hold | None,
    at: str,
) -> Iterator[log_pb2.Receipts]:
    """The receipts for a batch: `rows` were stored, the others of `judged` repeated or refused, or
    wait because of `hold`."""
    receipts = [_of_row(row) for row in rows]
    if hold is not None:
        waiting = (*judged.placed[len(rows) :], *judged.early)
        receipts += [_of_waiting(each.candidate, hold, at) for each in waiting]
    repeated = judged.known - {row.number for row in rows}
    if repeated:
        receipts += receipts_for(session, centre, repeated)
    receipts += [_of_refusal(each, at) for each in judged.refused]
    receipts.sort(key=lambda each: each.number)
    for first in range(0, len(receipts), MAX_RECEIPTS):
        some = receipts[first : first + MAX_RECEIPTS]
        yield log_pb2.Receipts(centre=centre, head=head, receipts=some)


def _of_row(row: EntryRow) -> log_pb2.Receipt:
    return receipt(row.number, row.hash, row.verdict, row.reason, row.detail, row.received_at)


def _of_waiting(candidate: Candidate, hold: Hold, at: str) -> log_pb2.Receipt:
    return log_pb2.Receipt(
        number=candidate.number,
        hash=candidate.hash,
        verdict=log_pb2.VERDICT_HELD,
        reason=hold.reason,
        detail=hold.detail,
        at=at,
    )


def _of_refusal(refused: Refused, at: str) -> log_pb2.Receipt:
    return log_pb2.Receipt(
        number=refused.number,
        hash=refused.hash,
        verdict=log_pb2.VERDICT_REFUSED,
        reason=refused.fault,
        detail=_REFUSALS[refused.fault],
        at=at,
    )
