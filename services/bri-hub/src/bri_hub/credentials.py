"""The credentials by which the hub's broker lets centres in: granted, revoked and restored.

Rules:
- a centre is let in by one user of the broker: what it had before another was granted is void;
- revoking ends credentials and suspends the centre; restoring undoes both. Nothing of it is lost.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from bri_hub import administration
from bri_hub.administration import Decision
from bri_hub.domain import CentreState
from bri_hub.repository import standing
from bri_hub.stafftables import Admission
from bri_kit import authority, clock
from bri_kit.authority import Authority
from bri_kit.errors import IllegalTransition

Document = dict[str, Any]

_HERE = "given here"


def check_keys(session: Session, folder: Path) -> None:
    """Raises `authority.KeysLost` where credentials were given and the keys are all gone: such a
    folder looks like that of a hub whose broker asks nobody who they are."""
    if not authority.is_in(folder) and session.scalars(select(Admission).limit(1)).first():
        raise authority.lost(folder, authority.OPERATOR_FILE)


def give(session: Session, keys: Authority, code: str, path: Path) -> bool:
    """Have `path` hold credentials, with a private key, for a centre that the hub's operator runs
    as well; answers whether they are new."""
    user, is_new = keys.provide(code, path)
    if of_user(session, user) is None:
        now = clock.now()
        admission = Admission(
            request=f"{_HERE}:{user}",
            centre=code,
            user=user,
            contact="",
            actor="",
            issued=int(now.timestamp()),
            made_at=clock.rfc3339(now),
        )
        grant(session, admission, now)
    return is_new


def grant(session: Session, admission: Admission, now: datetime) -> None:
    """Keep what a centre is given; what it had before is void."""
    for row in of_centre(session, admission.centre):
        if row.user != admission.user and row.revoked_at is None:
            row.revoked_at = clock.rfc3339(now)
    session.add(admission)


def revoke(session: Session, decision: Decision) -> Document:
    """End a centre's credentials, and suspend it.

    Raises:
        NotFound: no such centre takes part.
        IllegalTransition: it holds no credentials of ours.
    """
    centre = administration.find(session, decision)
    valid = [row for row in of_centre(session, centre.code) if row.revoked_at is None]
    if not valid:
        raise IllegalTransition(f"{centre.code!r} holds no credentials that could be revoked.")
    for row in valid:
        row.revoked_at = clock.timestamp()
    if centre.state != CentreState.SUSPENDED:
        standing.set_state(session, centre, CentreState.SUSPENDED)
    users = ", ".join(row.user for row in valid)
    return administration.decided(session, decision, "revoke", centre, users)


def restore(session: Session, decision: Decision) -> Document:
    """Have the credentials that a centre was given last hold again, and the centre be active.

    Raises:
        NotFound: no such centre takes part.
        IllegalTransition: its credentials are not revoked.
    """
    centre = administration.find(session, decision)
    rows = of_centre(session, centre.code)
    if not rows or rows[-1].revoked_at is None:
        raise IllegalTransition(f"The credentials of {centre.code!r} are not revoked.")
    for row in rows:
        if row.user == rows[-1].user:
            row.revoked_at = None
    if centre.state == CentreState.SUSPENDED:
        standing.set_state(session, centre, CentreState.ACTIVE)
    return administration.decided(session, decision, "restore", centre, rows[-1].user)


def revoked_users(session: Session) -> Mapping[str, int]:
    """The users that are void, each with the time up to which its claims are."""
    query = select(Admission).where(col(Admission.revoked_at).is_not(None))
    return {row.user: max(row.issued, _seconds(row.revoked_at)) for row in session.scalars(query)}


def of_centre(session: Session, code: str) -> list[Admission]:
    """All that a centre was ever given, the last at the end."""
    query = select(Admission).where(Admission.centre == code)
    return list(session.scalars(query.order_by(col(Admission.issued), col(Admission.made_at))))


def of_user(session: Session, user: str) -> Admission | None:
    """The credentials of a user of the broker, whoever has them."""
    return session.scalars(select(Admission).where(Admission.user == user).limit(1)).first()


def _seconds(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp()) if moment else 0
