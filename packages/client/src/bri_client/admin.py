"""What the hub's admin decides about centres. Every decision needs a reason, and is kept with it.

All of it needs an admin's token of the hub.
"""

from typing import Any, Literal

from bri_client.call import Call, Listing, listing, post, said, segment
from bri_client.documents import Evidence
from bri_client.standings import Admitted, AuditLine, Decided, JoinRequest

_ADMIN = "/api/v1/admin"

State = Literal["limit", "suspend", "resume"]


def centres() -> Listing[dict[str, Any], dict[str, Any]]:
    """All centres with their standing, keys, and what the brake holds."""
    return listing(f"{_ADMIN}/centres", {}, dict[str, Any])


def evidence(code: str) -> Listing[dict[str, Any], Evidence]:
    """Both sides of every fork of a centre's history."""
    return listing(f"{_ADMIN}/centres/{segment(code)}/evidence", {}, Evidence)


def audit(centre: str = "", limit: int = 100) -> Listing[dict[str, Any], AuditLine]:
    """What was decided, the newest first; about one centre where `centre` is not empty."""
    return listing(f"{_ADMIN}/audit", said({"centre": centre, "limit": limit}), AuditLine)


def set_state(code: str, state: State, reason: str) -> Call[Decided]:
    """Limit (accept, do not show), suspend (neither) or resume a centre."""
    return _decide(code, state, {"reason": reason})


def release(code: str, reason: str) -> Call[Decided]:
    """Let through what the brake holds."""
    return _decide(code, "brake/release", {"reason": reason})


def refuse(code: str, reason: str) -> Call[Decided]:
    """Refuse what the brake holds; records stay as they were."""
    return _decide(code, "brake/refuse", {"reason": reason})


def revoke_key(code: str, reason: str, key: str = "") -> Call[Decided]:
    """Revoke a key (base64), the one in use where none is named."""
    return _decide(code, "keys/revoke", {"reason": reason} | ({"key": key} if key else {}))


def enter_key(code: str, key: str, reason: str) -> Call[Decided]:
    """Enter the key (base64) that follows a revoked one."""
    return _decide(code, "keys", {"reason": reason, "key": key})


def consider(request: str) -> Call[JoinRequest]:
    """Look at the text of a join request; nothing is changed."""
    return post(f"{_ADMIN}/joining/consider", {"request": request}, JoinRequest)


def admit(request: str, days: int = 0) -> Call[Admitted]:
    """Grant a join request; the credentials hold for so many days, 0 until they are revoked."""
    return post(f"{_ADMIN}/joining", {"request": request, "days": days}, Admitted)


def revoke(code: str, reason: str) -> Call[Decided]:
    """End a centre's credentials, cut its connections and suspend it."""
    return _decide(code, "revoke", {"reason": reason})


def restore(code: str, reason: str) -> Call[Decided]:
    """Have the credentials that a centre was given last hold again."""
    return _decide(code, "restore", {"reason": reason})


def _decide(code: str, action: str, document: dict[str, str]) -> Call[Decided]:
    return post(f"{_ADMIN}/centres/{segment(code)}/{action}", document, Decided)
