"""Requests that may come again: the same key and body get the first answer again.

Rules:
- keys belong to a token; those of others do not matter;
- the answer is kept in the transaction that did the work, so there is never one without the other;
- answers are kept for `KEEP` and forgotten when later requests come.
"""

from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlmodel import Session, col

from bri_kit import clock
from bri_kit.errors import FieldError, InvalidInput
from bri_node.actor import Actor
from bri_node.inputs import RecordInput
from bri_node.tables import IdempotencyRow

KEEP = timedelta(hours=48)
MAX_KEY = 255
"""Longest key, in characters."""


def fingerprint(sent: RecordInput, *, publish: bool) -> str:
    """What two requests have in common exactly if they ask for the same."""
    return sha256(f"{publish} {sent.model_dump_json()}".encode()).hexdigest()


def recall(session: Session, actor: Actor, key: str, request: str) -> bytes | None:
    """The first answer to a request with this key, or None where it is new.

    Raises:
        InvalidInput: the key came before with another request.
    """
    row = session.get(IdempotencyRow, (actor.token, key))
    if row is None:
        return None
    if row.request != request:
        message = "was used before with another body"
        raise InvalidInput("Use a new key.", [FieldError("Idempotency-Key", message)])
    return row.body


def remember(session: Session, actor: Actor, key: str, request: str, body: bytes) -> None:
    """Keep the answer to a request, and forget those that are old."""
    now = clock.now()
    old = col(IdempotencyRow.created_at) < clock.rfc3339(now - KEEP)
    session.connection().execute(delete(IdempotencyRow.__table__).where(old))
    session.add(
        IdempotencyRow(
            token=actor.token,
            key=key,
            request=request,
            body=body,
            created_at=clock.rfc3339(now),
        )
    )
