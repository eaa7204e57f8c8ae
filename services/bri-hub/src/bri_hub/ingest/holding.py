"""What makes a centre's entries wait: the hub's admin, a forked history, or the brake.

Rules:
- all three are rows in the database, so a restart changes nothing;
- an entry that waits is neither lost nor refused: it is kept within the window of early entries,
  beyond it asked for again later, and its centre is told why it waits;
- a fork suspends a centre once: bytes that are evidence already suspend nobody again, or whoever
  kept a copy could undo what the hub's admin decided.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.brake import Brake, Clearance, Limits, Span
from bri_hub.domain import CentreState
from bri_hub.ingest import mending
from bri_hub.ingest.applying import Braking
from bri_hub.ingest.judging import Fork, Judged, Placed
from bri_hub.repository import brakes, standing
from bri_hub.repository.journal import DisturbanceRow, RecordRow
from bri_hub.repository.standing import Piece
from bri_hub.tables import BrakeState, Centre
from bri_kit import log
from bri_kit.clock import rfc3339

HUB = "hub"
"""Who decides in the audit log what the hub decides by itself."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a centre's entries wait: a word for programs and a sentence for an editor."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """What somebody has to look at: a name for the log, and the particulars."""

    event: str
    centre: str
    detail: str


def find_hold(session: Session, centre: Centre, state: BrakeState | None) -> Hold | None:
    """Why the centre's entries wait now; None where they do not."""
    if centre.state == CentreState.SUSPENDED:
        why = standing.last_reason(session, centre.code)
        detail = f"The hub has suspended this centre: {why} Entries wait until it is resumed."
        return Hold("suspended", detail)
    if state is not None and state.held_from is not None:
        return Hold("brake", describe(state))
    return None


def describe(state: BrakeState) -> str:
    """What the brake holds and why, in words."""
    return (
        f"From entry {state.held_from} on the hub holds this centre's log: {state.disturbed} of"
        f" {state.records} records would be rewritten or withdrawn, more than the hub allows within"
        " an hour, or within a week of what was there before."
        " The hub's admin has to let that through, or refuse it."
    )


def prepare_brake(
    session: Session,
    centre: Centre,
    placed: Sequence[Placed],
    held: Mapping[str, RecordRow],
    limits: Limits,
    at: str,
) -> Braking:
    """The brake for the next entries of a centre. `held` is what the hub holds of their records."""
    since = _earlier(at, limits.seconds)
    ids = [log.record_id(each.candidate.entry) for each in placed]
    once = set(ids)
    in_question = once & held.keys()
    state = brakes.state(session, centre.code) or BrakeState(centre=centre.code)
    clearance = Clearance(state.passed_upto, state.refused_upto)
    brake = Brake(limits, centre.records, clearance=clearance)
    # New records alone disturb nothing, and most batches hold nothing else.
    if in_question or len(once) < len(ids):
        window = brakes.window(session, centre.code, since, in_question)
        was_refused = state.refused_at is not None and state.refused_at > since
        brake.window = replace(window, most=state.records if was_refused else None)
        brake.spans = _spans(session, centre, in_question, limits, at)
    return Braking(brake, since, state.reason)


def _spans(
    session: Session, centre: Centre, in_question: Set[str], limits: Limits, at: str
) -> list[Span]:
    """What was there when the windows began, as far as the brake needs it."""
    lasts = brakes.last_disturbances(session, centre.code, in_question)
    windows = ((limits.seconds, limits.share), (limits.long_seconds, limits.long_share))
    spans = []
    for seconds, share in windows:
        begin = _earlier(at, seconds)
        span = brakes.span(session, centre, begin, share)
        span.known = {each for each, (since, upto) in lasts.items() if since <= begin < upto}
        spans.append(span)
    return spans


def _earlier(at: str, seconds: float) -> str:
    return rfc3339(datetime.fromisoformat(at) - timedelta(seconds=seconds))


def keep_brake(
    session: Session, centre: Centre, braking: Braking, held_from: Placed | None, at: str
) -> list[Alarm]:
    """Keep what the brake counted; where it holds an entry, also that it does."""
    brake, code = braking.brake, centre.code
    if brake.counted:
        counted = sorted(brake.counted.items())
        rows = [DisturbanceRow(each, code, at, since) for each, since in counted]
        longest = max(brake.limits.seconds, brake.limits.long_seconds)
        brakes.keep(session, rows, code, _earlier(at, longest))
    if held_from is None:
        return []
    state = brakes.take_state(session, code)
    state.held_from, state.held_since = held_from.candidate.number, at
    assert brake.excess is not None, "the brake holds because something would be too much"
    state.disturbed, state.records = brake.excess.disturbed, brake.excess.records
    detail = describe(state)
    standing.write_audit(session, code, HUB, "brake", detail)
    return [Alarm("brake.held", code, detail)]


def has_new_fork(session: Session, centre: Centre, judged: Judged) -> bool:
    """Whether a batch brings a fork that is not evidence yet."""
    return bool(judged.forks) and bool(_new_forks(session, centre, judged))


def suspend_forked(session: Session, centre: Centre, judged: Judged, at: str) -> list[Alarm]:
    """Keep the evidence of forks that are new, and suspend the centre for them. What the batch
    leads to must be stored before: what waits is evidence too."""
    alarms = []
    for fork in _new_forks(session, centre, judged):
        _keep_evidence(session, centre.code, fork, at)
        detail = f"Two authentic entries contradict each other at number {fork.number}."
        if centre.state != CentreState.SUSPENDED:
            standing.set_state(session, centre, CentreState.SUSPENDED)
            standing.write_audit(session, centre.code, HUB, "suspend", detail)
        alarms.append(Alarm("history.forked", centre.code, detail))
    return alarms


def _new_forks(session: Session, centre: Centre, judged: Judged) -> list[Fork]:
    found = {fork.run[0].hash: fork for fork in judged.forks}
    return [
        fork
        for hash_, fork in found.items()
        if not standing.is_known_fork(session, centre.code, hash_)
        # What our own chain proves is no fork: it is our copy that was damaged.
        and not mending.is_proven(session, centre, fork.run[0])
    ]


def _keep_evidence(session: Session, centre: str, fork: Fork, at: str) -> None:
    # Where nothing has the number, the fork denies the entry before it.
    held = standing.held_envelope(session, centre, fork.number)
    held = held or standing.held_envelope(session, centre, fork.number - 1)
    run = [Piece(each.hash, each.envelope.SerializeToString()) for each in fork.run]
    standing.keep_evidence(session, centre, fork.number, _piece(held) if held else None, run, at)


def _piece(envelope: bytes) -> Piece:
    return Piece(log.entry_hash(log_pb2.SignedEntry.FromString(envelope).entry), envelope)
