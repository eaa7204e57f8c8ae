"""Joining: a centre's request is checked, shown to the hub's admin, and answered with a letter.

Rules:
- looking at a request changes nothing; admitting checks everything again, in one transaction with
  the centre, its credentials and a line in the audit log;
- a code belongs to whoever holds the key that its first entry is, or will be, signed with; a centre
  that is known by its key may ask again, for other credentials or because these are about to end:
  then what it had before is void;
- a request is answered once. One that is older than what was answered last proves nothing, nor
  does one from more than a day ahead, or a month old;
- revoking ends credentials and suspends the centre; restoring undoes both. Nothing of it is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from bri_hub import administration, admission
from bri_hub.administration import Decision
from bri_hub.domain import CentreState
from bri_hub.repository import catalogue, standing
from bri_hub.tables import Admission
from bri_kit import clock, joining
from bri_kit.authority import Authority
from bri_kit.errors import AlreadyExists, IllegalTransition, InvalidInput
from bri_kit.joining import JoinRequest, Letter
from bri_kit.sealing import SealBroken

Document = dict[str, Any]

_HERE = "given here"


class AnsweredAlready(AlreadyExists):
    """The join request was answered before."""

    title = "Answered already"


@dataclass(frozen=True, slots=True)
class Door:
    """What a letter tells a centre of the hub: where to dial, where its pages are, and the
    certificates (PEM) to trust, empty for the system's."""

    nats_url: str
    hub_url: str
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """A request that may be admitted; `remarks` are what the admin should know."""

    request: JoinRequest
    id: str
    remarks: tuple[str, ...]

    def document(self) -> Document:
        """What is shown to the admin."""
        shown = self.request.model_dump(mode="json", exclude={"keys", "nonce"})
        return {"id": self.id, **shown, "remarks": list(self.remarks)}


def consider(session: Session, text: str, now: datetime) -> Considered:
    """Check a request.

    Raises:
        InvalidInput: it was altered, is of the wrong time, or is not as it should be.
        AnsweredAlready: it was answered, or a newer one of the centre was.
        bri_hub.admission.ChangedKey: the code is taken.
        IllegalTransition: the centre was revoked.
    """
    try:
        request, known = joining.open_request(text)
    except SealBroken as reason:
        raise InvalidInput(f"The join request cannot be taken: {reason}.") from reason
    remarks = _check_time(request, now)
    _check_repeat(session, request, known)
    admission.check(session, _introduction(request))
    remarks += _remark_on_centre(session, request)
    if not request.contact:
        remarks.append("it names nobody to ask")
    return Considered(request, known, tuple(remarks))


def admit(
    session: Session,
    considered: Considered,
    authority: Authority,
    door: Door,
    actor: str,
    days: int = 0,
) -> str:
    """Let the centre take part; answers the text of its letter. `days` is how long its credentials
    hold, 0 until they are revoked."""
    request, now = considered.request, clock.now()
    expires = now + timedelta(days=days) if days else None
    admission.take(session, _introduction(request))
    _void_others(session, request.code, request.nats_user, now)
    session.add(
        Admission(
            request=considered.id,
            centre=request.code,
            user=request.nats_user,
            contact=request.contact,
            actor=actor,
            issued=int(now.timestamp()),
            made_at=clock.rfc3339(request.made_at),
            expires_at=clock.rfc3339(expires) if expires else None,
        )
    )
    detail = f"credentials {request.nats_user}, contact {request.contact}"
    standing.write_audit(session, request.code, actor, "admit", "join request", detail)
    letter = Letter(
        code=request.code,
        public_key=request.public_key,
        nats_user=request.nats_user,
        claim=authority.admit(request.code, request.nats_user, expires),
        nats_url=door.nats_url,
        hub_url=door.hub_url,
        ca=door.ca,
        hub_name=authority.name,
        request=considered.id,
        admitted_at=now,
    )
    return joining.seal_letter(letter, authority.signing_key)


def give(session: Session, authority: Authority, code: str, path: Path) -> bool:
    """Have `path` hold credentials, with a private key, for a centre that the hub's operator runs
    as well; answers whether they are new."""
    user, is_new = authority.provide(code, path)
    if _of_user(session, user) is None:
        now = clock.now()
        _void_others(session, code, user, now)
        session.add(
            Admission(
                request=f"{_HERE}:{user}",
                centre=code,
                user=user,
                contact="",
                actor="",
                issued=int(now.timestamp()),
                made_at=clock.rfc3339(now),
            )
        )
    return is_new


def revoke(session: Session, decision: Decision) -> Document:
    """End a centre's credentials, and suspend it.

    Raises:
        NotFound: no such centre takes part.
        IllegalTransition: it holds no credentials of ours.
    """
    centre = administration.find(session, decision)
    valid = [row for row in _of_centre(session, centre.code) if row.revoked_at is None]
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
    rows = _of_centre(session, centre.code)
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


def _check_time(request: JoinRequest, now: datetime) -> list[str]:
    age = now - request.made_at
    if age < -joining.AHEAD:
        raise InvalidInput(
            f"The join request says that it was made at {clock.rfc3339(request.made_at)}, which is "
            "yet to come: the centre's clock is wrong. Have it set, and ask for a new request."
        )
    if age > joining.LONGEST:
        raise InvalidInput(
            f"The join request was made at {clock.rfc3339(request.made_at)}, which is too long "
            "ago, or the centre's clock is wrong. Ask for a new one ('bri node request')."
        )
    if abs(age) <= joining.AHEAD:
        return []
    return [f"it was made {age.days} days ago by the centre's clock"]


def _check_repeat(session: Session, request: JoinRequest, known: str) -> None:
    answered = session.get(Admission, known)
    if answered is not None:
        raise AnsweredAlready(
            "This join request was answered already; a lost answer is had again by a new request "
            "('bri node request')."
        )
    other = _of_user(session, request.nats_user)
    if other is not None and other.centre != request.code:
        raise AlreadyExists(f"This key for the broker is that of {other.centre!r}.")
    latest = max((row.made_at for row in _of_centre(session, request.code)), default="")
    if clock.rfc3339(request.made_at) < latest:
        raise AnsweredAlready(f"A newer request of {request.code!r} was answered already.")


def _remark_on_centre(session: Session, request: JoinRequest) -> list[str]:
    centre = catalogue.find_centre(session, request.code)
    if centre is None:
        return []
    rows = _of_centre(session, request.code)
    if rows and rows[-1].revoked_at is not None:
        raise IllegalTransition(
            f"The credentials of {request.code!r} were revoked; restore the centre first "
            "('bri hub restore')."
        )
    since = f"{request.code!r} takes part since {centre.admitted_at[:10]}"
    return [f"{since}; what it was let in by before is void once it is admitted again"]


def _void_others(session: Session, code: str, user: str, now: datetime) -> None:
    for row in _of_centre(session, code):
        if row.user != user and row.revoked_at is None:
            row.revoked_at = clock.rfc3339(now)


def _introduction(request: JoinRequest) -> Document:
    told = {"code", "names", "languages", "edition_languages", "countries", "public_key", "url"}
    return {**request.model_dump(mode="json", include=told), "keys": request.keys}


def _of_centre(session: Session, code: str) -> list[Admission]:
    query = select(Admission).where(Admission.centre == code)
    return list(session.scalars(query.order_by(col(Admission.issued), col(Admission.made_at))))


def _of_user(session: Session, user: str) -> Admission | None:
    return session.scalars(select(Admission).where(Admission.user == user).limit(1)).first()


def _seconds(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp()) if moment else 0
