"""Placing what arrived in a centre's log.

Rules:
- the centre's ledger judges; its head and keys are read from the database in the same transaction,
  so what is judged and what is stored cannot differ, whatever failed before;
- an authentic entry that comes too early waits in the database and is judged again when those
  before it have come; beyond EARLY_WINDOW numbers it is let go, because it will be sent again;
- so does an entry in its place that may not be taken yet: `settle` is told how many may;
- a waiting entry that turns out not to fit is refused, and its number counts as missing again;
- two authentic entries of one number are a fork, also where both of them wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.ingest.reading import Introduced, Reading, read_envelopes
from bri_hub.repository import journal, keys
from bri_hub.tables import Centre
from bri_kit import entry_rules, log
from bri_kit.keyring import Keyring
from bri_kit.trust import (
    Candidate,
    Fault,
    Judgement,
    KnownHash,
    Ledger,
    Standing,
    vouching_run,
)

EARLY_WINDOW = 5_000
_EARLY_PAGE = 1_000
UNKNOWN_CENTRE = "unknown-centre"
"""The fault of bytes that no admitted centre can answer for; beside those of the ledger."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that were refused; `number` and `hash` are the entry's where it could be read."""

    data: bytes
    fault: str
    number: int
    hash: bytes


class Placed(NamedTuple):
    """An authentic entry, what is wrong with its content, and what is shown in its place."""

    candidate: Candidate
    envelope: bytes
    problems: Sequence[str]
    shown: bytes | None = None


class Fork(NamedTuple):
    """An authentic entry that contradicts the log, and the run that proves it: itself, and those
    after it up to one whose own signature holds."""

    number: int
    run: Sequence[Candidate]


@dataclass(slots=True)
class Judged:
    """What a batch is to one centre's log: new entries in the log's order, those that came early,
    the numbers of known ones, and what was refused, with what of it is a fork. `lost` are numbers
    that waited and do not fit."""

    placed: list[Placed] = field(default_factory=list)
    early: list[Placed] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    forks: list[Fork] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)


def judge(
    session: Session,
    centre: Centre,
    ring: Keyring,
    readings: Sequence[Reading],
    *,
    with_waiting: bool,
) -> Judged:
    """Judge `readings` in the order of their arrival, and after them, `with_waiting`, what waits.
    Nothing is stored, and the centre stays as it is, until `settle` is called."""
    ledger = Ledger(centre.code, ring, centre.number, centre.head)
    known_hash = journal.KnownHashes(session, centre.code)
    judged = Judged()
    judged.early = _sort(ledger, known_hash, readings, judged)
    if judged.early:
        _find_twins(session, centre.code, readings, judged)
    newest = max(centre.newest, *(each.candidate.number for each in judged.early), 0)
    if with_waiting and newest > ledger.number:
        _take_waiting(session, Introduced.of(centre), ledger, judged, known_hash)
    return judged


def turn_away(readings: Sequence[Reading]) -> Judged:
    """Refuse what came under the code of a centre that was not admitted."""
    return Judged(
        refused=[
            _refused(each.read.candidate, each.envelope, UNKNOWN_CENTRE)
            if isinstance(each.read, Judgement)
            else _refused(each.read, each.envelope, UNKNOWN_CENTRE)
            for each in readings
        ]
    )


def settle(
    session: Session, centre: Centre, ring: Keyring, judged: Judged, taken: int, at: str
) -> None:
    """Move the centre's head over the first `taken` of the placed entries, and have all others
    wait. `at` is the time of arrival, as RFC 3339 text."""
    placed, waiting = judged.placed[:taken], [*judged.placed[taken:], *judged.early]
    seen = bool(judged.placed or judged.known or judged.early)
    if placed:
        _move_head(session, centre, ring, placed, at)
    if placed or judged.lost:
        journal.drop_early(session, centre.code, centre.number, judged.lost)
    if waiting:
        _keep_waiting(session, centre, waiting)
    centre.newest = max(centre.newest, centre.number)
    if centre.newest == centre.number:
        centre.behind_since = None
    elif centre.behind_since is None:
        centre.behind_since = at
    if seen:
        centre.last_seen_at = at
    centre.refused += len(judged.refused)


def _move_head(
    session: Session, centre: Centre, ring: Keyring, placed: Sequence[Placed], at: str
) -> None:
    last = placed[-1].candidate
    centre.number, centre.head = last.number, last.hash
    centre.head_at = entry_rules.shown_time(last.entry.written_at, datetime.fromisoformat(at))
    rotations = [each.candidate for each in placed if each.candidate.entry.HasField("rotated")]
    for each in rotations:
        ring = ring.rotated(each.number, each.entry.rotated.key)
    if rotations:
        keys.keep(session, centre, ring, keys.ROTATED, at)


def _keep_waiting(session: Session, centre: Centre, waiting: Sequence[Placed]) -> None:
    numbers = [each.candidate.number for each in waiting]
    centre.newest = max(centre.newest, *numbers)
    near = [
        journal.EarlyRow(centre.code, number, each.envelope)
        for number, each in zip(numbers, waiting, strict=True)
        if number <= centre.number + EARLY_WINDOW
    ]
    journal.keep_early(session, near)


def _sort(
    ledger: Ledger, known_hash: KnownHash, readings: Sequence[Reading], judged: Judged
) -> list[Placed]:
    """Have the ledger judge, and put each reading where it belongs; returns those too early."""
    early = []
    judgements = ledger.judge_read([each.read for each in readings], known_hash)
    for index, (judgement, each) in enumerate(zip(judgements, readings, strict=True)):
        candidate = judgement.candidate
        if judgement.standing is Standing.REFUSED or candidate is None:
            fault = judgement.fault or Fault.NOT_AN_ENTRY
            judged.refused.append(_refused(candidate, each.envelope, fault))
            if fault is Fault.FORKED_HISTORY:
                judged.forks += _fork(readings, index)
        elif judgement.standing is Standing.ACCEPTED:
            judged.placed.append(Placed(candidate, each.envelope, each.problems, each.shown))
        elif judgement.standing is Standing.KNOWN:
            judged.known.add(candidate.number)
        else:
            early.append(Placed(candidate, each.envelope, each.problems, each.shown))
    return early


def _fork(readings: Sequence[Reading], index: int) -> list[Fork]:
    """The fork that the reading at `index` is, with its proof from those that follow it."""
    following = [each.read for each in readings[index:] if isinstance(each.read, Candidate)]
    run = vouching_run(following)
    return [Fork(run[0].number, run)] if run else []


def _find_twins(session: Session, centre: str, readings: Sequence[Reading], judged: Judged) -> None:
    """Find early entries that contradict others which wait, or came with them."""
    numbers = {each.candidate.number for each in judged.early}
    hashes = {
        number: log.entry_hash(log_pb2.SignedEntry.FromString(envelope).entry)
        for number, envelope in journal.early_envelopes(session, centre, numbers)
    }
    index_of = {id(each.read): index for index, each in enumerate(readings)}
    for each in judged.early:
        candidate = each.candidate
        if hashes.setdefault(candidate.number, candidate.hash) != candidate.hash:
            judged.forks += _fork(readings, index_of[id(candidate)])


def _refused(candidate: Candidate | None, data: bytes, fault: str) -> Refused:
    if candidate is None:
        return Refused(data, fault, 0, sha256(data).digest())
    return Refused(data, fault, candidate.number, candidate.hash)


def _take_waiting(
    session: Session, centre: Introduced, ledger: Ledger, judged: Judged, known_hash: KnownHash
) -> None:
    """Judge again what waits, as far as the log now reaches."""
    refused_before = len(judged.refused)
    while journal.first_early(session, centre.code, ledger.number) == ledger.number + 1:
        began = ledger.number
        waiting = journal.early_after(session, centre.code, began, _EARLY_PAGE)
        _sort(ledger, known_hash, read_envelopes(centre, waiting), judged)
        if ledger.number == began:
            break
    judged.lost = {each.number for each in judged.refused[refused_before:]}
