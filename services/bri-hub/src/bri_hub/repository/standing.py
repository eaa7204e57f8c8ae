"""How a centre stands, the evidence against it, and the audit log of what was decided about it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from bri_hub.domain import CentreState
from bri_hub.repository import journal
from bri_hub.stafftables import Audit
from bri_hub.tables import Centre, Early, Entry, Evidence
from bri_kit.clock import timestamp

MAX_FORKS = 100
"""How many forks are kept of a centre; each is as large as its entries are."""
HELD, OTHER, WITNESS = "held", "other", "witness"

# SQLite and PostgreSQL understand the same words. All new numbers are beyond all old ones, so that
# none is taken twice on the way; they are dense, because a shift would double the head each time.
_RENUMBER = text(
    "UPDATE record SET change = :head + numbered.rank FROM ("
    "SELECT id, row_number() OVER (ORDER BY change) AS rank FROM record WHERE centre = :centre"
    ") AS numbered WHERE record.id = numbered.id"
)


class Piece(NamedTuple):
    """An envelope, and its entry's hash."""

    hash: bytes
    envelope: bytes


def set_state(session: Session, centre: Centre, state: CentreState) -> None:
    """Have a centre stand otherwise. All its records become changes, so that whoever follows the
    change log learns at once whether they are to be shown; records must be flushed before."""
    was_shown = centre.state == CentreState.ACTIVE
    centre.state = state
    session.add(centre)
    session.flush()
    if was_shown != (state == CentreState.ACTIVE):
        head = journal.last_change(session)
        session.connection().execute(_RENUMBER, {"head": head, "centre": centre.code})


def write_audit(
    session: Session, centre: str, actor: str, action: str, reason: str, detail: str = ""
) -> None:
    """Add a line to the audit log."""
    line = Audit(at=timestamp(), actor=actor, action=action, centre=centre, reason=reason)
    line.detail = detail
    session.add(line)


def read_audit(session: Session, centre: str, before: int | None, limit: int) -> Sequence[Audit]:
    """Lines of the audit log, the newest first; of one centre where `centre` is not empty."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(limit)
    if centre:
        query = query.where(Audit.centre == centre)
    if before is not None:
        query = query.where(col(Audit.id) < before)
    return session.exec(query).all()


def last_reason(session: Session, centre: str) -> str:
    """Why what was decided last about a centre was decided."""
    lines = read_audit(session, centre, None, 1)
    return lines[0].reason if lines else ""


def is_known_fork(session: Session, centre: str, hash_: bytes) -> bool:
    """Whether these bytes are evidence already, so that they prove nothing new."""
    query = select(Evidence.id).where(
        Evidence.centre == centre, Evidence.hash == hash_, Evidence.role == OTHER
    )
    return session.exec(query.limit(1)).first() is not None


def held_envelope(session: Session, centre: str, number: int) -> bytes | None:
    """What the hub holds under a number, in the log or waiting for it."""
    for table in (Entry, Early):
        found = session.exec(
            select(table.envelope).where(table.centre == centre, table.number == number)
        ).one_or_none()
        if found is not None:
            return found
    return None


def count_forks(session: Session) -> dict[str, int]:
    """How many forks there is evidence of, by centre."""
    query = select(Evidence.centre, func.count()).where(Evidence.role == OTHER)
    return dict(session.exec(query.group_by(col(Evidence.centre))).all())


def read_evidence(session: Session, centre: str) -> Sequence[Evidence]:
    """All evidence against a centre, in the order of its arrival."""
    return session.exec(
        select(Evidence).where(Evidence.centre == centre).order_by(col(Evidence.id))
    ).all()


def keep_evidence(
    session: Session, centre: str, fork: int, held: Piece | None, run: Sequence[Piece], at: str
) -> None:
    """Keep both envelopes of a fork: what the hub holds, and the other with its witnesses."""
    if count_forks(session).get(centre, 0) >= MAX_FORKS:
        return
    roles = [OTHER] + [WITNESS] * (len(run) - 1)
    pieces = [*zip(roles, run, strict=True), *([(HELD, held)] if held else [])]
    for role, piece in pieces:
        session.add(
            Evidence(
                centre=centre,
                fork=fork,
                role=role,
                hash=piece.hash,
                at=at,
                envelope=piece.envelope,
            )
        )
    session.flush()
