"""Joining: a centre's request is checked, shown to the hub's admin, and answered with a letter.

Rules:
- looking at a request changes nothing; admitting checks everything again, in one transaction with
  the centre, its credentials and a line in the audit log;
- a code belongs to whoever holds the key that its first entry is, or will be, signed with; a centre
  that is known by its key may ask again, for other credentials or because these are about to end:
  then what it had before is void;
- a request is answered once. One that is older than what was answered last proves nothing, nor
  does one from more than a day ahead, or a month old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bri_hub import admission, credentials
from bri_hub.repository import catalogue, standing
from bri_hub.stafftables import Admission
from bri_kit import clock, joining
from bri_kit.authority import Authority
from bri_kit.errors import AlreadyExists, IllegalTransition, InvalidInput
from bri_kit.joining import JoinRequest, Letter
from bri_kit.sealing import SealBroken

Document = dict[str, Any]


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
    admitted = Admission(
        request=considered.id,
        centre=request.code,
        user=request.nats_user,
        contact=request.contact,
        actor=actor,
        issued=int(now.timestamp()),
        made_at=clock.rfc3339(request.made_at),
        expires_at=clock.rfc3339(expires) if expires else None,
    )
    credentials.grant(session, admitted, now)
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
    other = credentials.of_user(session, request.nats_user)
    if other is not None and other.centre != request.code:
        raise AlreadyExists(f"This key for the broker is that of {other.centre!r}.")
    latest = max((row.made_at for row in credentials.of_centre(session, request.code)), default="")
    if clock.rfc3339(request.made_at) < latest:
        raise AnsweredAlready(f"A newer request of {request.code!r} was answered already.")


def _remark_on_centre(session: Session, request: JoinRequest) -> list[str]:
    centre = catalogue.find_centre(session, request.code)
    if centre is None:
        return []
    rows = credentials.of_centre(session, request.code)
    if rows and rows[-1].revoked_at is not None:
        raise IllegalTransition(
            f"The credentials of {request.code!r} were revoked; restore the centre first "
            "('bri hub restore')."
        )
    since = f"{request.code!r} takes part since {centre.admitted_at[:10]}"
    return [f"{since}; what it was let in by before is void once it is admitted again"]


def _introduction(request: JoinRequest) -> Document:
    told = {"code", "names", "languages", "edition_languages", "countries", "public_key", "url"}
    return {**request.model_dump(mode="json", include=told), "keys": request.keys}
