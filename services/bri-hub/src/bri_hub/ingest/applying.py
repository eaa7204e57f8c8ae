"""Applying the content of entries that have their place in the log: records and their changes.

Every entry is answered, by acceptance or by a rejection in words; each one that is applied takes
the next number of the hub's change log, and of a record changed twice only the newest is kept.
Where the brake holds an entry nothing after it is applied either: a log has one order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bri.log.v1 import log_pb2

from bri_hub.brake import Brake, Ruling
from bri_hub.domain import (
    Held,
    Reason,
    RecordState,
    Rejection,
    judge_publication,
    judge_retraction,
)
from bri_hub.ingest.judging import Placed
from bri_hub.repository.journal import EntryRow, RecordRow, ShownRow
from bri_hub.tables import Centre
from bri_kit import content, log


@dataclass(slots=True)
class Applied:
    """The rows that a batch leads to. `before` is what the hub held of the records that it is
    about, and `change` the head of the change log, which moves."""

    before: Mapping[str, RecordRow]
    change: int
    entries: dict[str, list[EntryRow]] = field(default_factory=dict)
    changed: dict[str, RecordRow] = field(default_factory=dict)
    shown: list[ShownRow] = field(default_factory=list)

    def records(self) -> list[RecordRow]:
        """The records that changed, in the order of their changes."""
        return sorted(self.changed.values(), key=lambda row: row.change)

    def record(self, record_id: str) -> RecordRow | None:
        """What is held of a record now."""
        return self.changed.get(record_id) or self.before.get(record_id)


@dataclass(frozen=True, slots=True)
class Braking:
    """The brake of one centre, from when on it counts (`since`, RFC 3339 text), and what the hub's
    admin said where entries are refused."""

    brake: Brake
    since: str
    reason: str = ""


def apply_log(
    applied: Applied, centre: Centre, placed: Sequence[Placed], braking: Braking, at: str
) -> None:
    """Apply the next entries of the centre's log, at the time `at` (RFC 3339), with verdicts, up to
    one that the brake holds."""
    code = centre.code
    rows: list[EntryRow] = []
    for each in placed:
        row = _apply_entry(applied, code, each, braking, at)
        if row is None:
            break
        rows.append(row)
    applied.entries[code] = rows
    centre.rejected += sum(row.verdict == "rejected" for row in rows)
    mine = [record for record in applied.changed.values() if record.centre == code]
    shown_before = sum(_is_shown(applied.before.get(record.id)) for record in mine)
    centre.records += sum(map(_is_shown, mine)) - shown_before


def _is_shown(record: RecordRow | None) -> bool:
    return record is not None and record.state == RecordState.PUBLISHED


def _apply_entry(
    applied: Applied, code: str, placed: Placed, braking: Braking, at: str
) -> EntryRow | None:
    """The entry's row, None where the brake holds it."""
    entry, number = placed.candidate.entry, placed.candidate.number
    record_id = log.record_id(entry)
    if entry.HasField("rotated"):
        return _row(placed, code, record_id, None, at)
    before = applied.record(record_id)
    rejection = _judge(entry, before, placed.problems)
    if rejection is None:
        ruling = _brake(braking, placed, before)
        if ruling is Ruling.HOLD:
            return None
        if ruling is Ruling.REFUSE:
            rejection = Rejection(Reason.REFUSED_BY_HUB, f"The hub's admin: {braking.reason}")
    if rejection is None:
        applied.change += 1
        changed = _changed(entry, before)
        applied.changed[record_id] = RecordRow(
            record_id,
            code,
            *changed,
            entry_number=number,
            change=applied.change,
            updated_at=at,
            shown_since=before.shown_since if before and _is_shown(before) else at,
        )
        if placed.shown is not None:
            applied.shown.append(ShownRow(code, number, placed.shown))
    return _row(placed, code, record_id, rejection, at)


def _judge(
    entry: log_pb2.Entry, before: RecordRow | None, problems: Sequence[str]
) -> Rejection | None:
    held = Held(before.revision, RecordState(before.state)) if before else None
    if entry.HasField("published"):
        return judge_publication(held, entry.published.revision, problems)
    return judge_retraction(held)


def _brake(braking: Braking, placed: Placed, before: RecordRow | None) -> Ruling:
    """What the brake rules on an entry that breaks no other rule."""
    entry = placed.candidate.entry
    record_id = log.record_id(entry)
    if before is None or before.state != RecordState.PUBLISHED:
        braking.brake.show(record_id)
        return Ruling.PASS
    is_history = before.updated_at > braking.since and _is_before(entry, braking.since)
    return braking.brake.judge(
        placed.candidate.number,
        record_id,
        withdraws=entry.HasField("retracted"),
        is_history=is_history,
        shown_since=before.shown_since,
    )


def _is_before(entry: log_pb2.Entry, since: str) -> bool:
    """Whether an entry says that it was written before a time; what says nothing was not."""
    try:
        return datetime.fromisoformat(entry.written_at) < datetime.fromisoformat(since)
    except (ValueError, TypeError):
        return False


def _changed(entry: log_pb2.Entry, before: RecordRow | None) -> tuple[int, str, str]:
    """The record's revision, state and kind after an entry."""
    if entry.HasField("published"):
        record = entry.published
        return record.revision, RecordState.PUBLISHED, content.KIND_NAMES[record.kind]
    assert before is not None, "what was never published cannot be retracted"
    # The centre may have published revisions that were rejected here; the last one was public.
    revision = max(before.revision, entry.retracted.revision)
    return revision, RecordState.RETRACTED, before.kind


def _row(
    placed: Placed, code: str, record_id: str, rejection: Rejection | None, at: str
) -> EntryRow:
    return EntryRow(
        centre=code,
        number=placed.candidate.number,
        hash=placed.candidate.hash,
        record_id=record_id if content.is_record_id(record_id) else "",
        received_at=at,
        verdict="rejected" if rejection else "accepted",
        reason=rejection.reason if rejection else "",
        detail=rejection.detail if rejection else "",
        envelope=placed.envelope,
    )
