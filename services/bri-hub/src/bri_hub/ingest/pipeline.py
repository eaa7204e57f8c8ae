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

from bri_hub.brake import Limits
from bri_hub.domain import Gap
from bri_hub.ingest.answers import answer
from bri_hub.ingest.applying import Applied, apply_log
from bri_hub.ingest.holding import (
    Alarm,
    Hold,
    find_hold,
    has_new_fork,
    keep_brake,
    prepare_brake,
    suspend_forked,
)
from bri_hub.ingest.judging import Judged, Refused, judge, settle, turn_away
from bri_hub.ingest.reading import Introduced, Reading, read_envelopes
from bri_hub.repository import brakes, epochs, journal, keys, positions
from bri_hub.repository.positions import Position
from bri_hub.tables import Centre
from bri_kit import database, log
from bri_kit.clock import timestamp
from bri_kit.keyring import Keyring

_BEGINNING = 64
_LONGEST_CODE = 64


class EpochOver(Exception):
    """Another process ingests by now; what this one would store is its to store."""


class Arrival(NamedTuple):
    """Bytes that came under a centre's subject, which proves nothing yet."""

    centre: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals by centre, in the order of their arrival, and how they were read. A centre of which
    nothing arrived is looked at for what waits. `limits` are the brake's; `position` is where in
    the broker's stream the batch ends. Where `epoch` is not empty, the batch is stored while that
    epoch lasts, and never after it."""

    by_centre: Mapping[str, Sequence[bytes]]
    readings: Mapping[Introduced, Sequence[Reading]]
    limits: Limits = field(default_factory=Limits)
    position: Position | None = None
    epoch: str = ""


@dataclass(slots=True)
class Outcome:
    """What is to be told after the commit. `head` is the change log's; `gaps` has, for each centre
    in the batch, what is missing next, or None."""

    head: int
    receipts: list[log_pb2.Receipts] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    gaps: dict[str, Gap | None] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)


@dataclass(slots=True)
class _Log:
    """What a batch is to the log of one admitted centre, and why its entries wait, if they do."""

    centre: Centre
    ring: Keyring
    judged: Judged
    hold: Hold | None
    rows: Sequence[journal.EntryRow] = ()


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
        EpochOver: another process has begun to ingest; nothing was stored.
    """
    at = timestamp()
    with database.writing(engine) as session:
        if batch.epoch and epochs.current(session) != batch.epoch:
            raise EpochOver(batch.epoch)
        outcome = _apply(session, batch, at)
        _add_head_hashes(session, outcome)
        if batch.position:
            positions.keep(session, batch.position)
        return outcome


def _add_head_hashes(session: Session, outcome: Outcome) -> None:
    for receipts in outcome.receipts:
        centre = session.get(Centre, receipts.centre) if receipts.head else None
        receipts.head_hash = centre.head if centre else b""


def missing_next(session: Session, centre: Centre) -> Gap | None:
    """The first numbers that are missing of the centre's log, where any are known to be; nothing is
    asked for while its entries wait for a decision."""
    if centre.newest <= centre.number:
        return None
    if find_hold(session, centre, brakes.state(session, centre.code)):
        return None
    waiting = journal.first_early(session, centre.code, centre.number)
    last = (waiting or centre.newest + 1) - 1
    return Gap(centre.number + 1, last) if last > centre.number else None


def find_released(session: Session) -> list[str]:
    """Centres whose next entry waits although nothing holds it any more: a batch in which nothing
    of them arrives takes it in."""
    return [
        centre.code
        for centre in journal.centres_behind(session)
        if journal.first_early(session, centre.code, centre.number) == centre.number + 1
        and not find_hold(session, centre, brakes.state(session, centre.code))
    ]


def _apply(session: Session, batch: Batch, at: str) -> Outcome:
    centres = journal.centres(session, batch.by_centre)
    rings = keys.rings(session, centres.values())
    logs = {code: _judge(session, batch, each, rings[code]) for code, each in centres.items()}
    outcome = Outcome(head=0)
    applied = _apply_logs(session, logs, batch.limits, at, outcome)
    journal.add_entries(session, [row for rows in applied.entries.values() for row in rows])
    journal.put_shown(session, applied.shown)
    journal.put_records(session, applied.records())
    for each in logs.values():
        settle(session, each.centre, each.ring, each.judged, len(each.rows), at)
        outcome.alarms += suspend_forked(session, each.centre, each.judged, at)
    for code in batch.by_centre:
        _answer(session, batch, code, logs.get(code), outcome, at)
    journal.add_refusals(session, [_evidence(*refused, at) for refused in outcome.refused])
    outcome.head = journal.last_change(session)
    return outcome


def _judge(session: Session, batch: Batch, centre: Centre, ring: Keyring) -> _Log:
    known = Introduced.of(centre)
    # Read again where the centre was admitted, or changed, after the batch was read.
    readings = batch.readings.get(known) or read_envelopes(known, batch.by_centre[centre.code])
    hold = find_hold(session, centre, brakes.state(session, centre.code))
    judged = judge(session, centre, ring, readings, with_waiting=hold is None)
    return _Log(centre, ring, judged, hold)


def _apply_logs(
    session: Session, logs: Mapping[str, _Log], limits: Limits, at: str, outcome: Outcome
) -> Applied:
    """Apply what is in its place, of every centre whose entries need not wait."""
    free = [
        each
        for each in logs.values()
        if each.judged.placed
        and each.hold is None
        and not has_new_fork(session, each.centre, each.judged)
    ]
    entries = [placed.candidate.entry for each in free for placed in each.judged.placed]
    held = journal.records(session, {log.record_id(entry) for entry in entries})
    applied = Applied(held, journal.last_change(session))
    for each in free:
        placed = each.judged.placed
        braking = prepare_brake(session, each.centre, placed, held, limits, at)
        apply_log(applied, each.centre, placed, braking, at)
        each.rows = applied.entries[each.centre.code]
        first_held = placed[len(each.rows)] if len(each.rows) < len(placed) else None
        outcome.alarms += keep_brake(session, each.centre, braking, first_held, at)
    return applied


def _answer(
    session: Session, batch: Batch, code: str, each: _Log | None, outcome: Outcome, at: str
) -> None:
    """What is to be told about one centre's part of the batch, once all of it is stored."""
    if each is None:
        judged = turn_away(read_envelopes(Introduced(code, ()), batch.by_centre[code]))
        outcome.receipts += answer(session, code, 0, judged, (), None, at)
    else:
        judged, centre = each.judged, each.centre
        hold = find_hold(session, centre, brakes.state(session, code))
        outcome.receipts += answer(session, code, centre.number, judged, each.rows, hold, at)
        outcome.gaps[code] = missing_next(session, centre)
    outcome.refused += [(code, refused) for refused in judged.refused]


def _evidence(centre: str, refused: Refused, at: str) -> journal.RefusalRow:
    return journal.RefusalRow(
        centre=centre[:_LONGEST_CODE],
        at=at,
        fault=refused.fault,
        hash=refused.hash,
        size=len(refused.data),
        beginning=refused.data[:_BEGINNING],
    )
