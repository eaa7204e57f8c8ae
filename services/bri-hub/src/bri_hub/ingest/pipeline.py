"""From arrivals to rows: one transaction a batch, all of it or nothing.

Nothing is remembered between batches, so a batch that failed is simply applied again, and one that
was applied and comes again changes nothing: its entries are known. What is told to others is made
here and sent only after the commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bri.log.v1 import log_pb2
from sqlalchemy import Engine
from sqlmodel import Session

from bri_hub.domain import Gap
from bri_hub.ingest.answers import answer
from bri_hub.ingest.applying import Applied, apply_log
from bri_hub.ingest.judging import Judged, Refused, judge, turn_away
from bri_hub.ingest.reading import Introduced, Reading, read_envelopes
from bri_hub.repository import journal
from bri_hub.tables import Centre
from bri_kit import database, log
from bri_kit.clock import timestamp

_BEGINNING = 64
_LONGEST_CODE = 64


class Arrival(NamedTuple):
    """Bytes that came under a centre's subject, which proves nothing yet."""

    centre: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals by centre, in the order of their arrival, and how they were read."""

    by_centre: Mapping[str, Sequence[bytes]]
    readings: Mapping[Introduced, Sequence[Reading]]


@dataclass(slots=True)
class Outcome:
    """What is to be told after the commit. `head` is the change log's; `gaps` has, for each centre
    in the batch, what is missing next, or None."""

    head: int
    receipts: list[log_pb2.Receipts] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    gaps: dict[str, Gap | None] = field(default_factory=dict)


def read_batch(engine: Engine, arrivals: Sequence[Arrival]) -> Batch:
    """Read arrivals ahead, as the hub knows their centres now.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    by_centre: dict[str, list[bytes]] = {}
    for arrival in arrivals:
        by_centre.setdefault(arrival.centre, []).append(arrival.data)
    with database.reading(engine) as session:
        known = [Introduced.of(centre) for centre in journal.centres(session, by_centre).values()]
    readings = {centre: read_envelopes(centre, by_centre[centre.code]) for centre in known}
    return Batch(by_centre, readings)


def apply_batch(engine: Engine, batch: Batch) -> Outcome:
    """Judge, apply and store a batch in one transaction.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database did not take it; nothing was stored.
    """
    at = timestamp()
    with database.writing(engine) as session:
        return _apply(session, batch, at)


def missing_next(session: Session, centre: Centre) -> Gap | None:
    """The first numbers that are missing of the centre's log, where any are known to be."""
    if centre.newest <= centre.number:
        return None
    waiting = journal.first_early(session, centre.code, centre.number)
    return Gap(centre.number + 1, (waiting or centre.newest + 1) - 1)


def _apply(session: Session, batch: Batch, at: str) -> Outcome:
    centres = journal.centres(session, batch.by_centre)
    judged = {code: _judge(session, batch, code, centres.get(code), at) for code in batch.by_centre}
    applied = _apply_logs(session, centres, judged, at)
    journal.add_entries(session, [row for rows in applied.entries.values() for row in rows])
    journal.put_records(session, applied.records())
    outcome = Outcome(head=applied.change)
    for code, each in judged.items():
        centre, rows = centres.get(code), applied.entries.get(code, ())
        outcome.refused += [(code, refused) for refused in each.refused]
        outcome.receipts += answer(session, code, centre.number if centre else 0, each, rows, at)
        if centre:
            outcome.gaps[code] = missing_next(session, centre)
    journal.add_refusals(session, [_evidence(*refused, at) for refused in outcome.refused])
    return outcome


def _judge(session: Session, batch: Batch, code: str, centre: Centre | None, at: str) -> Judged:
    envelopes = batch.by_centre[code]
    if centre is None:
        return turn_away(read_envelopes(Introduced(code, b"", ()), envelopes))
    known = Introduced.of(centre)
    # Read again where the centre was admitted, or changed, after the batch was read.
    readings = batch.readings.get(known) or read_envelopes(known, envelopes)
    return judge(session, centre, readings, at)


def _apply_logs(
    session: Session, centres: Mapping[str, Centre], judged: Mapping[str, Judged], at: str
) -> Applied:
    entries = [placed.candidate.entry for each in judged.values() for placed in each.placed]
    held = journal.records(session, {log.record_id(entry) for entry in entries})
    applied = Applied(held, journal.last_change(session))
    for code, each in judged.items():
        if each.placed:
            apply_log(applied, centres[code], each.placed, at)
    return applied


def _evidence(centre: str, refused: Refused, at: str) -> journal.RefusalRow:
    return journal.RefusalRow(
        centre=centre[:_LONGEST_CODE],
        at=at,
        fault=refused.fault,
        hash=refused.hash,
        size=len(refused.data),
        beginning=refused.data[:_BEGINNING],
    )
