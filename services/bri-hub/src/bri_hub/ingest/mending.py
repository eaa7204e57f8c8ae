"""Finding what was damaged in the hub's own database, and mending it.

Rules:
- an entry is damaged where its bytes are not those of its hash, its number or its centre, or its
  signature does not hold;
- other bytes take its place only where the hub's own chain proves them: their hash is the one that
  the next entry, itself sound, names as the one before it, or that of the centre's head;
- a record is made again from the newest accepted entry about it that the hub holds, whatever the
  node says; whoever follows the change log is told of what was mended;
- nothing is removed, and no verdict changes.
"""

from collections.abc import Sequence

from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.domain import Reason, RecordState
from bri_hub.repository import comparing, journal, shown_entries
from bri_hub.repository.comparing import Kept
from bri_hub.tables import Centre, Entry, Record
from bri_kit import content
from bri_kit.clock import timestamp
from bri_kit.trust import Candidate, is_authentic, read_envelope


def damaged(session: Session, centre: str, first: int, last: int) -> list[int]:
    """The numbers, both inclusive, whose entries are damaged or not there at all."""
    kept = {each.number: each for each in comparing.kept_entries(session, centre, first, last)}
    return [
        number
        for number in range(first, last + 1)
        if number not in kept or sound(centre, kept[number]) is None
    ]


def sound(centre: str, kept: Kept) -> Candidate | None:
    """The entry in what is kept, where that is not damaged."""
    read = read_envelope(kept.envelope, centre)
    if not isinstance(read, Candidate):
        return None
    as_kept = (read.number, read.hash) == (kept.number, kept.hash)
    return read if as_kept and is_authentic(read) else None


def mend_entries(session: Session, centre: Centre, envelopes: Sequence[bytes]) -> list[int]:
    """Put envelopes in the place of damaged entries; answers the numbers of those that were."""
    offered = [read_envelope(each, centre.code) for each in envelopes]
    candidates = {each.number: each for each in offered if isinstance(each, Candidate)}
    mended = [
        number
        for number in sorted(candidates, reverse=True)  # an entry is proven by the one after it
        if _mend(session, centre, candidates[number])
    ]
    return mended[::-1]


def _mend(session: Session, centre: Centre, offered: Candidate) -> bool:
    number = offered.number
    if not is_proven(session, centre, offered):
        return False
    mine = comparing.kept_entries(session, centre.code, number, number)
    if (mine and sound(centre.code, mine[0])) or not is_authentic(offered):
        return False
    good = Kept(number, offered.hash, offered.envelope.SerializeToString())
    if mine:
        comparing.replace_entry(session, centre.code, good)
    else:
        journal.add_entries(session, [_row(session, centre.code, offered, good)])
    shown_entries.remake(session, centre.code, number, good.envelope)
    comparing.forget_digest(session, centre.code, number)
    comparing.touch_record(session, centre.code, number)
    return True


def is_proven(session: Session, centre: Centre, offered: Candidate) -> bool:
    """Whether the hub's own chain names exactly this entry under its number."""
    within = offered.number <= centre.number
    return within and offered.hash == _proven_hash(session, centre, offered.number)


def _proven_hash(session: Session, centre: Centre, number: int) -> bytes | None:
    if number == centre.number:
        return centre.head
    following = comparing.kept_entries(session, centre.code, number + 1, number + 1)
    candidate = sound(centre.code, following[0]) if following else None
    return candidate.entry.previous if candidate else None


def _row(session: Session, code: str, offered: Candidate, good: Kept) -> journal.EntryRow:
    """A row that is gone altogether. What became of its record says whether it was accepted."""
    record_id = _record_id(offered.entry)
    record = session.get(Record, record_id)
    accepted = record is not None and record.entry_number >= good.number
    return journal.EntryRow(
        centre=code,
        number=good.number,
        hash=good.hash,
        record_id=record_id if content.is_record_id(record_id) else "",
        received_at=timestamp(),
        verdict="accepted" if accepted else "rejected",
        reason="" if accepted else Reason.UNKNOWN_RECORD,
        detail="" if accepted else "The hub lost its verdict; publish the record again.",
        envelope=good.envelope,
    )


def _record_id(entry: log_pb2.Entry) -> str:
    return entry.published.id if entry.HasField("published") else entry.retracted.record_id


def remake_records(session: Session, centre: Centre, ids: Sequence[str]) -> list[str]:
    """Make records again; answers the ids of those that were not as their entries say."""
    return [each for each in dict.fromkeys(ids) if _remake(session, centre, each)]


def _remake(session: Session, centre: Centre, record_id: str) -> bool:
    kept = comparing.newest_accepted(session, centre.code, record_id)
    candidate = sound(centre.code, kept) if kept else None
    if candidate is None or not content.is_record_id(record_id):
        return False
    held = session.get(Record, record_id)
    row = _remade(session, centre.code, candidate, held)
    if held and (held.revision, held.state, held.entry_number) == (
        row.revision,
        row.state,
        row.entry_number,
    ):
        return False
    journal.put_records(session, [row])
    shown = int(row.state == RecordState.PUBLISHED)
    centre.records += shown - int(held is not None and held.state == RecordState.PUBLISHED)
    return True


def _remade(
    session: Session, code: str, candidate: Candidate, held: Record | None
) -> journal.RecordRow:
    entry = candidate.entry
    publishes = entry.HasField("published")
    kind = content.KIND_NAMES[entry.published.kind] if publishes else held.kind if held else "news"
    revision = entry.published.revision if publishes else entry.retracted.revision
    if held and not publishes:
        revision = max(revision, held.revision)
    stored = session.get_one(Entry, (code, candidate.number))
    return journal.RecordRow(
        id=entry.published.id if publishes else entry.retracted.record_id,
        centre=code,
        revision=revision,
        state=RecordState.PUBLISHED if publishes else RecordState.RETRACTED,
        kind=kind,
        entry_number=candidate.number,
        change=journal.last_change(session) + 1,
        updated_at=stored.received_at,
        shown_since=held.shown_since if held else stored.received_at,
    )
