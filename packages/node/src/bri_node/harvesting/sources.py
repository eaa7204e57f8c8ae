"""The sources of a centre, as editors set them up; each function is part of the caller's
transaction.

Rules:
- a change of what is read begins reading anew; what was harvested before is recognised;
- whoever changes a source says which revision they know;
- removing a source leaves its records as they are, and forgets what it called them.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from bri_kit import clock
from bri_kit.errors import AlreadyExists, FieldError, InvalidInput, NotFound, StaleRevision
from bri_node.harvesting import proposals
from bri_node.harvesting.inputs import FILE, SourceInput, SourceSettings
from bri_node.harvesttables import HarvestItemRow, HarvestSourceRow
from bri_node.profile import Profile

_JITTER = 0.1
_MOST_FAILURES = 8
_LONGEST_BACK_OFF = timedelta(days=1)


def find(session: Session, name: str) -> HarvestSourceRow:
    """The source of this name. Raises NotFound."""
    row = session.get(HarvestSourceRow, name)
    if row is None:
        raise NotFound(f"There is no source {name[:100]!r} here.")
    return row


def listed(session: Session) -> Sequence[HarvestSourceRow]:
    """All sources, by name."""
    return session.exec(select(HarvestSourceRow).order_by(col(HarvestSourceRow.name))).all()


def add(
    session: Session, profile: Profile, name: str, sent: SourceInput, by: str
) -> HarvestSourceRow:
    """A new source, which is read at once unless it is paused.

    Raises:
        AlreadyExists: there is one of this name.
        InvalidInput: its language is none of the centre's.
    """
    _check(profile, sent)
    if session.get(HarvestSourceRow, name) is not None:
        raise AlreadyExists(f"There is a source {name!r} already.")
    row = _new(name, sent.kind, sent.url, sent.settings, by, publish=sent.publish)
    row.every_minutes, row.paused = sent.every_minutes, sent.paused
    row.next_at = None if sent.paused else clock.timestamp()
    session.add(row)
    session.flush()
    return row


def file_source(
    session: Session, name: str, settings: SourceSettings, by: str, *, publish: bool
) -> HarvestSourceRow:
    """The source that a file's items belong to, made where there is none.

    Raises:
        AlreadyExists: the source of this name is read from an address.
    """
    row = session.get(HarvestSourceRow, name)
    if row is not None and row.kind != FILE:
        raise AlreadyExists(f"The source {name!r} is read from an address; take another name.")
    if row is None:
        row = _new(name, FILE, "", settings, by, publish=publish)
        session.add(row)
        session.flush()
    row.settings, row.publish = settings.model_dump_json(), publish
    return row


def _new(
    name: str, kind: str, url: str, settings: SourceSettings, by: str, *, publish: bool
) -> HarvestSourceRow:
    return HarvestSourceRow(
        name=name,
        kind=kind,
        url=url,
        settings=settings.model_dump_json(),
        publish=publish,
        every_minutes=0,
        revision=1,
        created_at=clock.timestamp(),
        created_by=by,
    )


def change(
    session: Session, profile: Profile, name: str, sent: SourceInput, revision: int
) -> HarvestSourceRow:
    """Set a source up anew. Raises NotFound, StaleRevision, InvalidInput."""
    _check(profile, sent)
    row = find(session, name)
    if row.kind == FILE:
        raise InvalidInput("The source is a file's.", [FieldError("kind", "cannot be changed")])
    if row.revision != revision:
        raise StaleRevision(f"The newest revision is {row.revision}, not {revision}.")
    settings = sent.settings.model_dump_json()
    if (row.kind, row.url, row.settings) != (sent.kind, sent.url, settings):
        row.cursor, row.listed_at = "{}", None
    row.kind, row.url, row.settings = sent.kind, sent.url, settings
    row.publish, row.every_minutes = sent.publish, sent.every_minutes
    row.paused = sent.paused
    row.revision += 1
    row.failures = 0
    row.next_at = None if sent.paused else clock.timestamp()
    return row


def _check(profile: Profile, sent: SourceInput) -> None:
    known = profile.edition_languages
    if sent.language and sent.language not in known:
        message = f"must be one of {', '.join(known)}"
        raise InvalidInput("The source cannot be taken.", [FieldError("language", message)])


def remove(session: Session, name: str) -> None:
    """Forget a source; its records stay. Raises NotFound."""
    row = find(session, name)
    proposals.forget(session, name)
    theirs = col(HarvestItemRow.source) == name
    session.connection().execute(delete(HarvestItemRow.__table__).where(theirs))
    session.delete(row)


def ask(session: Session, name: str) -> HarvestSourceRow:
    """Have a source read as soon as may be, also where it is paused. Raises NotFound,
    InvalidInput."""
    row = find(session, name)
    if row.kind == FILE:
        fault = FieldError("kind", "has no address to be read from")
        raise InvalidInput("The source is a file's: import the file again.", [fault])
    row.next_at = clock.timestamp()
    return row


def settings_of(row: HarvestSourceRow) -> SourceSettings:
    """What a source was told of its items."""
    return SourceSettings.model_validate_json(row.settings)


def due(session: Session, busy: Collection[str] = ()) -> str | None:
    """The source that has been waiting longest to be read, and is not one of `busy`."""
    query = select(HarvestSourceRow.name).where(
        col(HarvestSourceRow.next_at).is_not(None),
        col(HarvestSourceRow.next_at) <= clock.timestamp(),
        col(HarvestSourceRow.name).not_in(busy),
    )
    return session.exec(query.order_by(col(HarvestSourceRow.next_at)).limit(1)).first()


def plan(row: HarvestSourceRow, *, failed: bool, retry_after: int) -> None:
    """Say when a source is read next: after its interval, a little earlier or later so that
    sources spread; twice as late after each failure, and never before the source itself allows."""
    row.failures = min(row.failures + 1, _MOST_FAILURES) if failed else 0
    pause = timedelta(minutes=row.every_minutes)
    if failed:
        pause = min(pause * 2**row.failures, max(_LONGEST_BACK_OFF, pause))
    scattered = pause * (1 - _JITTER + 2 * _JITTER * secrets.randbelow(1_000) / 1_000)
    moment = clock.now() + max(scattered, timedelta(seconds=retry_after))
    row.next_at = None if row.paused else clock.rfc3339(moment)


def items_of(session: Session, name: str) -> int:
    """How many records came from a source."""
    query = select(func.count()).where(col(HarvestItemRow.source) == name)
    return session.exec(query).one()


def to_json(session: Session, row: HarvestSourceRow) -> dict[str, Any]:
    """A source as the API shows it. An address may hold a key: who reads this has a token."""
    return {
        "name": row.name,
        "kind": row.kind,
        "url": row.url,
        "publish": row.publish,
        "every_minutes": row.every_minutes,
        "paused": row.paused,
        "revision": row.revision,
        "items": items_of(session, row.name),
        "failures": row.failures,
        "next_at": row.next_at,
        "ran_at": row.ran_at,
        "succeeded_at": row.succeeded_at,
        "last": orjson.loads(row.outcome),
        "created_at": row.created_at,
        "created_by": row.created_by,
        **orjson.loads(row.settings),
    }
