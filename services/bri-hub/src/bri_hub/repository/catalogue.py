"""What readers ask of the database: records with the entries that hold them, and centres."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, and_, case, cast, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from bri_hub.domain import CentreState, RecordState
from bri_hub.repository import shown_entries
from bri_hub.tables import Centre, Early, Entry, Holding, Record, Refusal, ShownEntry


def find_record(session: Session, record_id: str) -> Holding | None:
    """A record of an active centre, retracted or not."""
    query = _holdings().where(Record.id == record_id)
    row = session.exec(query).one_or_none()
    return Holding(*row) if row else None


def find_records(session: Session, record_ids: Collection[str]) -> dict[str, Holding]:
    """Those of these records that are of active centres, retracted or not, by identifier."""
    rows = session.exec(_holdings().where(col(Record.id).in_(record_ids)))
    return {row[0].id: Holding(*row) for row in rows}


def list_entries(session: Session, record_id: str, limit: int) -> Sequence[Entry]:
    """The entries about a record that were accepted, the newest first."""
    query = (
        select(Entry)
        .where(Entry.record_id == record_id, Entry.verdict == "accepted")
        .order_by(col(Entry.number).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def list_shown_entries(
    session: Session, record_id: str, limit: int
) -> Sequence[tuple[Entry, bytes | None]]:
    """The same, each with what is shown in its place, if anything."""
    query = (
        select(Entry, ShownEntry.entry)
        .outerjoin(ShownEntry, shown_entries.of_entry())
        .where(Entry.record_id == record_id, Entry.verdict == "accepted")
        .order_by(col(Entry.number).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def list_records(
    session: Session,
    *,
    centres: Collection[str],
    kinds: Collection[str],
    before: int | None,
    limit: int,
) -> Sequence[Holding]:
    """Published records, the last changed first, with changes before the number `before`."""
    query = _holdings().where(Record.state == RecordState.PUBLISHED)
    if centres:
        query = query.where(col(Record.centre).in_(centres))
    if kinds:
        query = query.where(col(Record.kind).in_(kinds))
    if before is not None:
        query = query.where(col(Record.change) < before)
    rows = session.exec(query.order_by(col(Record.change).desc()).limit(limit))
    return [Holding(*row) for row in rows]


def list_stretches(session: Session, length: int) -> Sequence[tuple[str, int, str]]:
    """Where published records of active centres are, among all of each centre's, so many at a time
    by identifier, and when one of each changed last."""
    order = func.row_number().over(partition_by=col(Record.centre), order_by=col(Record.id))
    number = cast((order - 1) // length, BigInteger).label("number")
    placed = (
        select(Record.centre, number, Record.updated_at, Record.state)
        .join(Centre, col(Centre.code) == Record.centre)
        .where(Centre.state == CentreState.ACTIVE)
        .subquery()
    )
    shown = func.sum(case((placed.c.state == RecordState.PUBLISHED, 1), else_=0))
    place = (placed.c.centre, placed.c.number)
    query = select(*place, func.max(placed.c.updated_at)).group_by(*place).having(shown > 0)
    return session.exec(query.order_by(*place)).all()


def list_changes(
    session: Session, centre: str, number: int, length: int
) -> Sequence[tuple[str, str]]:
    """The published records of such a stretch of an active centre, each with when it last
    changed."""
    query = (
        select(Record.id, Record.updated_at, Record.state)
        .join(Centre, col(Centre.code) == Record.centre)
        .where(col(Record.id).between(f"{centre}:", f"{centre};"))
        .where(Centre.state == CentreState.ACTIVE)
    )
    rows = session.exec(query.order_by(col(Record.id)).offset(number * length).limit(length))
    return [(each, at) for each, at, state in rows if state == RecordState.PUBLISHED]


def _holdings() -> Select[Record, Entry, bytes]:
    holds = and_(col(Entry.centre) == Record.centre, col(Entry.number) == Record.entry_number)
    return (
        select(Record, Entry, ShownEntry.entry)
        .join(Entry, holds)
        .join(Centre, col(Centre.code) == Record.centre)
        .outerjoin(ShownEntry, shown_entries.of_entry())
        .where(Centre.state == CentreState.ACTIVE)
    )


def list_centres(session: Session) -> Sequence[Centre]:
    """All centres by code."""
    return session.exec(select(Centre).order_by(col(Centre.code))).all()


def find_centre(session: Session, code: str) -> Centre | None:
    """The centre with this code."""
    return session.get(Centre, code)


def waiting_numbers(session: Session) -> dict[str, list[int]]:
    """For each centre that has any, the numbers that wait for those before them, ascending."""
    waiting: dict[str, list[int]] = {}
    for centre, number in session.exec(
        select(Early.centre, Early.number).order_by(col(Early.centre), col(Early.number))
    ):
        waiting.setdefault(centre, []).append(number)
    return waiting


def count_refusals(session: Session) -> int:
    """How often bytes were refused, of known centres and others."""
    return session.exec(select(func.max(Refusal.id))).one() or 0
