"""What readers and token holders may see of a record.

- A record that was never published does not exist for those without a token.
- A retracted record is a tombstone to everybody: when it was withdrawn, why, and by whom.
- Of a record's history readers see what changed in public, without the names of editors.
"""

from typing import Any

from bri.content.v1 import content_pb2
from sqlmodel import Session

from bri_kit import content
from bri_kit.errors import NotFound, Retracted
from bri_kit.set_aside import Revision
from bri_node import repository
from bri_node.actor import Actor
from bri_node.domain import Action, State
from bri_node.tables import HistoryRow, RecordRow


def known(session: Session, record_id: str, actor: Actor | None) -> RecordRow:
    """The record, retracted or not, for whoever may know of it.

    Raises:
        NotFound: there is none, or the reader may not know of it.
    """
    row = repository.find(session, record_id)
    if row is None or (actor is None and row.entry_number is None):
        raise NotFound(f"There is no record {record_id[:100]!r} here.")
    return row


def read(session: Session, record_id: str, actor: Actor | None) -> RecordRow:
    """The record, for whoever may see it.

    Raises:
        NotFound: there is none, or the reader may not know of it.
        Retracted: it was withdrawn.
    """
    row = known(session, record_id, actor)
    if row.state == State.RETRACTED:
        raise Retracted(_tombstone(row))
    return row


def _tombstone(row: RecordRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "centre": content.centre_of(row.id),
        "revision": row.revision,
        "retracted_at": row.retracted_at,
        "reason": row.reason,
    }


def record_json(row: RecordRow) -> dict[str, Any]:
    """The record as the API shows it."""
    return content.to_json(content_pb2.Record.FromString(row.content), row.state)


def revision_of(row: RecordRow) -> Revision:
    """What a record is set aside by where it cannot be shown."""
    return Revision(row.id, row.revision)


def history_json(session: Session, record_id: str, actor: Actor | None) -> list[dict[str, Any]]:
    """What was done to a record, oldest first.

    Raises:
        NotFound: there is none, or the reader may not know of it.
    """
    row = known(session, record_id, actor)
    steps = repository.history(session, row.id)
    if actor is None:
        centre = content.centre_of(row.id)
        return [_step_json(step, centre) for step in steps if _is_public(step)]
    return [_step_json(step, step.actor) for step in steps]


def _is_public(step: HistoryRow) -> bool:
    return step.state == State.PUBLISHED or step.action == Action.RETRACT


def _step_json(step: HistoryRow, by: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "revision": step.revision,
        "state": step.state,
        "action": step.action,
        "at": step.at,
        "by": by,
    }
    return document | ({"reason": step.reason} if step.reason else {})
