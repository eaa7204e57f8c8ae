"""What readers can do at the hub. A record of a centre that is limited or suspended is not here."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bri_hub.domain import RecordState, find_gaps
from bri_hub.mapping import (
    centre_json,
    hold_json,
    record_json,
    revision_of,
    standing_json,
    tombstone,
)
from bri_hub.repository import brakes, catalogue, changelog, keys, proving, standing
from bri_hub.tables import Centre, Holding
from bri_kit import content
from bri_kit.clock import now
from bri_kit.errors import NotFound, Retracted
from bri_kit.paging import decode_cursor, encode_cursor
from bri_kit.set_aside import write_each

Document = dict[str, Any]


def read_record(session: Session, record_id: str) -> tuple[Document, str]:
    """A published record, and a tag that changes whenever the record does.

    Raises:
        NotFound: there is no such record.
        Retracted: its centre retracted it.
    """
    holding = _find(session, record_id)
    if holding.record.state == RecordState.RETRACTED:
        raise Retracted(tombstone(holding))
    return record_json(holding), holding.entry.hash.hex()


def read_proof(session: Session, record_id: str) -> Document:
    """What proves the record's state, also of a retracted one.

    Raises:
        NotFound: there is no such record.
    """
    holding = _find(session, record_id)
    return proving.prove(session, holding.record.centre, holding.entry)


def list_records(
    session: Session, *, centres: Collection[str], kinds: Collection[str], cursor: str, limit: int
) -> Document:
    """Published records, the last changed first.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, (int,))[0] if cursor else None
    found = catalogue.list_records(
        session, centres=centres, kinds=kinds, before=before, limit=limit + 1
    )
    page = found[:limit]
    after = encode_cursor([page[-1].record.change]) if len(found) > limit else None
    items = list(write_each("api", page, record_json, revision_of))
    return {"items": items, "cursor": after}


def list_centres(session: Session) -> Document:
    """All centres; they are few, so there is one page."""
    centres = catalogue.list_centres(session)
    rings = keys.rings(session, centres)
    items = [centre_json(centre, rings[centre.code]) for centre in centres]
    return {"items": items, "cursor": None}


def read_centre(session: Session, code: str) -> Document:
    """One centre.

    Raises:
        NotFound: no centre of this code takes part.
    """
    centre = catalogue.find_centre(session, code)
    if centre is None:
        raise NotFound(f"No centre {code!r} takes part.")
    return centre_json(centre, keys.ring(session, centre))


def read_status(session: Session) -> Document:
    """How every centre's log stands, and the head of the change log."""
    waiting = catalogue.waiting_numbers(session)
    held, forks = brakes.states(session), standing.count_forks(session)
    moment = now()
    centres = [
        _standing(centre, waiting.get(centre.code, []), moment)
        | {"hold": hold_json(held.get(centre.code)), "forks": forks.get(centre.code, 0)}
        for centre in catalogue.list_centres(session)
    ]
    head, refused = changelog.head(session), catalogue.count_refusals(session)
    return {"head": head, "refused": refused, "centres": centres}


def _standing(centre: Centre, waiting: list[int], moment: datetime) -> Document:
    behind = 0.0
    if centre.behind_since:
        behind = (moment - datetime.fromisoformat(centre.behind_since)).total_seconds()
    gaps = find_gaps(centre.number, waiting, centre.newest)
    return standing_json(centre, gaps, len(waiting), round(max(0.0, behind), 3))


def _find(session: Session, record_id: str) -> Holding:
    known = content.is_record_id(record_id)
    holding = catalogue.find_record(session, record_id) if known else None
    if holding is None:
        raise NotFound(f"There is no record {record_id!r} at the hub.")
    return holding
