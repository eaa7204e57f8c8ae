"""Placing what arrived in a centre's log.

Rules:
- the centre's ledger judges; its head is read from the database in the same transaction, so what
  is judged and what is stored cannot differ, whatever failed before;
- an authentic entry that comes too early waits in the database and is judged again when those
  before it have come; beyond EARLY_WINDOW numbers it is let go, because it will be sent again;
- a waiting entry that turns out not to fit is refused, and its number counts as missing again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from sqlmodel import Session

from bri_hub.ingest.reading import Introduced, Reading, read_envelopes
from bri_hub.repository import journal
from bri_hub.tables import Centre
from bri_kit.trust import Candidate, Fault, Judgement, KnownHash, Ledger, Standing

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
    """An authentic entry in its place, and what is wrong with its content."""

    candidate: Candidate
    envelope: bytes
    problems: Sequence[str]


@dataclass(slots=True)
class Judged:
    """What a batch is to one centre's log: new entries in the log's order, the numbers of known
    ones, and what was refused."""

    placed: list[Placed] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)


def judge(session: Session, centre: Centre, readings: Sequence[Reading], at: str) -> Judged:
    """Judge `readings` in the order of their arrival and move the centre's head. `at` is the time
    of their arrival, as RFC 3339 text."""
    ledger = Ledger(centre.code, centre.public_key, centre.number, centre.head)
    known_hash = journal.KnownHashes(session, centre.code)
    judged = Judged()
    early = _sort(ledger, known_hash, readings, judged)
    if early:
        centre.newest = max(centre.newest, *(each.number for each in early))
        near = [each for each in early if each.number <= ledger.number + EARLY_WINDOW]
        journal.keep_early(session, near)
    if centre.newest > ledger.number:
        _take_waiting(session, Introduced.of(centre), ledger, judged, known_hash)
    _move_head(centre, ledger, judged, at, seen=bool(judged.placed or judged.known or early))
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


def _sort(
    ledger: Ledger, known_hash: KnownHash, readings: Sequence[Reading], judged: Judged
) -> list[journal.EarlyRow]:
    """Have the ledger judge, and put each reading where it belongs; returns those too early."""
    early = []
    judgements = ledger.judge_read([each.read for each in readings], known_hash)
    for judgement, each in zip(judgements, readings, strict=True):
        candidate = judgement.candidate
        if judgement.standing is Standing.REFUSED or candidate is None:
            fault = judgement.fault or Fault.NOT_AN_ENTRY
            judged.refused.append(_refused(candidate, each.envelope, fault))
        elif judgement.standing is Standing.ACCEPTED:
            judged.placed.append(Placed(candidate, each.envelope, each.problems))
        elif judgement.standing is Standing.KNOWN:
            judged.known.add(candidate.number)
        else:
            early.append(journal.EarlyRow(ledger.centre, candidate.number, each.envelope))
    return early


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
    lost = {each.number for each in judged.refused[refused_before:]}
    journal.drop_early(session, centre.code, ledger.number, lost)


def _move_head(centre: Centre, ledger: Ledger, judged: Judged, at: str, *, seen: bool) -> None:
    if judged.placed:
        centre.number, centre.head = ledger.number, ledger.head
        centre.head_at = judged.placed[-1].candidate.entry.written_at
    centre.newest = max(centre.newest, centre.number)
    if centre.newest == centre.number:
        centre.behind_since = None
    elif centre.behind_since is None:
        centre.behind_since = at
    if seen:
        centre.last_seen_at = at
    centre.refused += len(judged.refused)
