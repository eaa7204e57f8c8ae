"""What the hub's admin decides about centres. Each decision is one transaction with its line in the
audit log: who, when, what and why.

Rules:
- limit: entries are accepted, and nothing of the centre is shown;
- suspend: entries wait, and nothing is shown; resume: both end, and what waits is taken in;
- what the brake holds is released, and applies, or is refused: then every entry so far that would
  rewrite or withdraw a record is rejected with the admin's reason, the records stay as they were
  and the log goes on. What was released is not counted any more; a refusal forgets nothing;
- a key is revoked from the next entry on; what was accepted stays, and can be verified. The key
  that follows is one that the centre told by another way;
- a decision that changes nothing is an error, so that nobody believes to have done something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bri_hub.domain import CentreState
from bri_hub.mapping import hold_json
from bri_hub.repository import brakes, catalogue, keys, standing
from bri_hub.stafftables import Audit
from bri_hub.tables import BrakeState, Centre, Evidence
from bri_kit import log
from bri_kit.clock import timestamp
from bri_kit.errors import AlreadyExists, IllegalTransition, NotFound
from bri_kit.keyring import keys_json
from bri_kit.paging import decode_cursor, encode_cursor

Document = dict[str, Any]

_STATES: Mapping[str, CentreState] = {
    "limit": CentreState.LIMITED,
    "suspend": CentreState.SUSPENDED,
    "resume": CentreState.ACTIVE,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides about which centre, and why."""

    centre: str
    actor: str
    reason: str


def set_state(session: Session, decision: Decision, action: str) -> Document:
    """Limit, suspend or resume a centre.

    Raises:
        NotFound: no such centre takes part.
        IllegalTransition: it stands so already.
    """
    centre, state = find(session, decision), _STATES[action]
    if centre.state == state:
        raise IllegalTransition(f"{centre.code!r} is {state} already.")
    standing.set_state(session, centre, state)
    return decided(session, decision, action, centre)


def release(session: Session, decision: Decision) -> Document:
    """Let through what the brake holds. Raises as `refuse` does."""
    centre, state = _find_held(session, decision)
    state.passed_upto = max(centre.newest, centre.number)
    state.refused_at = None
    brakes.begin_anew(session, centre.code)
    return _let_go(session, decision, "brake release", centre, state)


def refuse(session: Session, decision: Decision) -> Document:
    """Refuse what the brake holds.

    Raises:
        NotFound: no such centre takes part.
        IllegalTransition: the brake holds nothing of it.
    """
    centre, state = _find_held(session, decision)
    state.refused_upto, state.reason = max(centre.newest, centre.number), decision.reason
    state.refused_at = timestamp()
    return _let_go(session, decision, "brake refuse", centre, state)


def revoke_key(session: Session, decision: Decision, key: bytes | None = None) -> Document:
    """Revoke a key of a centre, the one in use where none is named.

    Raises:
        NotFound: no such centre takes part, or it never had this key.
        IllegalTransition: the key is revoked already.
    """
    centre = find(session, decision)
    ring = keys.ring(session, centre)
    key = key or ring.tenures[-1].key
    tenure = ring.find(key)
    if tenure is None:
        raise NotFound(f"{centre.code!r} never had this key.")
    if tenure.revoked:
        raise IllegalTransition("This key is revoked already.")
    revoked = ring.revoked(key, centre.number)
    keys.keep(session, centre, revoked, keys.ENTERED, timestamp())
    return decided(session, decision, "key revoke", centre, key.hex())


def enter_key(session: Session, decision: Decision, key: bytes) -> Document:
    """Enter the key that follows a revoked one, as the centre told it by another way.

    Raises:
        NotFound: no such centre takes part.
        AlreadyExists: the centre had this key before.
        IllegalTransition: the key in use was not revoked; it can hand over by itself.
    """
    centre = find(session, decision)
    ring = keys.ring(session, centre)
    if ring.find(key):
        raise AlreadyExists("The centre had this key before; a key never comes back.")
    if not ring.tenures[-1].revoked:
        raise IllegalTransition("Revoke the key in use first, or have the centre rotate it.")
    entered = ring.entered(key, centre.number + 1)
    keys.keep(session, centre, entered, keys.ENTERED, timestamp())
    return decided(session, decision, "key enter", centre, key.hex())


def list_centres(session: Session) -> Document:
    """All centres with what an admin has to know of each."""
    held, forks = brakes.states(session), standing.count_forks(session)
    centres = catalogue.list_centres(session)
    rings = keys.rings(session, centres)
    items = [
        {
            "code": centre.code,
            "state": centre.state,
            "records": centre.records,
            "number": centre.number,
            "newest": centre.newest,
            "last_seen": centre.last_seen_at,
            "hold": hold_json(held.get(centre.code)),
            "forks": forks.get(centre.code, 0),
            "keys": keys_json(rings[centre.code]),
        }
        for centre in centres
    ]
    return {"items": items, "cursor": None}


def list_evidence(session: Session, code: str) -> Document:
    """Both sides of every fork of a centre's history, as they were signed.

    Raises:
        NotFound: no such centre takes part.
    """
    if catalogue.find_centre(session, code) is None:
        raise NotFound(f"No centre {code!r} takes part.")
    items = [_evidence_json(row) for row in standing.read_evidence(session, code)]
    return {"items": items, "cursor": None}


def list_audit(session: Session, centre: str, cursor: str, limit: int) -> Document:
    """What was decided, the newest first; about one centre where `centre` is not empty.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, (int,))[0] if cursor else None
    found = standing.read_audit(session, centre, before, limit + 1)
    page = found[:limit]
    after = encode_cursor([page[-1].id or 0]) if len(found) > limit else None
    return {"items": [_audit_json(row) for row in page], "cursor": after}


def find(session: Session, decision: Decision) -> Centre:
    """The centre that is decided about. Raises NotFound where no such takes part."""
    centre = catalogue.find_centre(session, decision.centre)
    if centre is None:
        raise NotFound(f"No centre {decision.centre!r} takes part.")
    return centre


def _find_held(session: Session, decision: Decision) -> tuple[Centre, BrakeState]:
    centre = find(session, decision)
    state = brakes.state(session, centre.code)
    if state is None or state.held_from is None:
        raise IllegalTransition(f"The brake holds nothing of {centre.code!r}.")
    return centre, state


def _let_go(
    session: Session, decision: Decision, action: str, centre: Centre, state: BrakeState
) -> Document:
    detail = f"entries {state.held_from} to {max(centre.newest, centre.number)}"
    state.held_from = state.held_since = None
    session.add(state)
    return decided(session, decision, action, centre, detail)


def decided(
    session: Session, decision: Decision, action: str, centre: Centre, detail: str = ""
) -> Document:
    """Write down what was decided; answers how the centre stands now."""
    standing.write_audit(session, centre.code, decision.actor, action, decision.reason, detail)
    return {
        "code": centre.code,
        "state": centre.state,
        "hold": hold_json(brakes.state(session, centre.code)),
        "keys": keys_json(keys.ring(session, centre)),
    }


def _evidence_json(row: Evidence) -> Document:
    return {"fork": row.fork, "role": row.role, "at": row.at} | log.proof_json(row.envelope)


def _audit_json(row: Audit) -> Document:
    return {
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "centre": row.centre,
        "reason": row.reason,
        "detail": row.detail,
    }
