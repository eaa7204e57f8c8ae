"""What it takes to verify an entry offline: the run that vouches for it, and its centre's keys.

An entry whose own signature was spoiled on its way is in the log because a later one vouches for
it; whoever wants to verify it needs those between. The keys of a centre vouch for each other by the
entries that rotated them, so any one that a reader trusts is enough.
"""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from bri_hub.repository import keys
from bri_hub.tables import CentreKey, Entry
from bri_kit import log
from bri_kit.trust import Candidate, is_authentic, read_envelope, vouching_run

MAX_RUN = 5_000
"""How many entries are looked at for one that vouches; a run arrived in one batch."""
_PAGE = 100


def prove(session: Session, centre: str, entry: Entry) -> dict[str, Any]:
    """The proof of an entry, as the public API shows it."""
    return log.whole_proof_json(
        entry.envelope, find_run(session, centre, entry), _rotations(session, centre)
    )


def find_run(session: Session, centre: str, entry: Entry) -> Sequence[bytes]:
    """The envelopes after an entry that it takes to prove it."""
    first = read_envelope(entry.envelope, centre)
    if not isinstance(first, Candidate) or is_authentic(first):
        return ()
    following = [first]
    while len(following) < MAX_RUN:
        page = _after(session, centre, following[-1].number)
        following += page
        if run := vouching_run(following):
            return [each.envelope.SerializeToString() for each in run[1:]]
        if len(page) < _PAGE:
            break
    return ()


def _after(session: Session, centre: str, number: int) -> list[Candidate]:
    query = select(Entry.envelope).where(Entry.centre == centre, col(Entry.number) > number)
    rows = session.exec(query.order_by(col(Entry.number)).limit(_PAGE))
    read = [read_envelope(envelope, centre) for envelope in rows]
    return [each for each in read if isinstance(each, Candidate)]


def _rotations(session: Session, centre: str) -> Sequence[bytes]:
    query = select(Entry.envelope).join(
        CentreKey, (col(CentreKey.centre) == Entry.centre) & (CentreKey.first == Entry.number + 1)
    )
    query = query.where(Entry.centre == centre, CentreKey.origin == keys.ROTATED)
    return session.exec(query.order_by(col(Entry.number))).all()
