"""Many records at once: a batch of lines becomes records in one transaction.

Rules:
- a line that is bad is rejected alone, with the same problem that a request would get;
- records get time-ordered ids, in the order of their lines, and each its own entry where they are
  published;
- rows go in past the ORM, many at a time, and everything that can be is done before the log is
  locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import structlog
from bri.content.v1 import content_pb2
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from ulid import ULID

from bri_kit import clock, log, storage
from bri_kit.errors import (
    BriError,
    DatabaseDamaged,
    InvalidInput,
    MalformedRequest,
    StorageFull,
    TooLarge,
    Unavailable,
)
from bri_kit.json_bounds import JsonBounds
from bri_kit.problems import field_errors
from bri_node import journal, mapping, repository
from bri_node.actor import Actor
from bri_node.domain import Action, State
from bri_node.gate import LogUnsettled
from bri_node.inputs import RecordInput
from bri_node.lines import MAX_LINE_BYTES, Line
from bri_node.service import Centre
from bri_node.store import Store
from bri_node.tables import HistoryRow, RecordRow, RecordTag

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: a record with this id, or an error."""

    line: int
    result: str | BriError


def import_lines(
    store: Store, centre: Centre, actor: Actor, lines: Sequence[Line], *, publish: bool
) -> list[Outcome]:
    """Keep the records in `lines` as drafts, or publish them; one outcome a line, in order."""
    read = [_read(line, centre) for line in lines]
    records = [each for each in read if isinstance(each, content_pb2.Record)]
    failure: BriError | None = None
    if publish:
        centre.seal.gate.wait()
    try:
        with store.writing() as session:
            keep(session, centre, actor, records, publish=publish)
    except LogUnsettled as fact:
        failure = fact
    except SQLAlchemyError as error:
        failure = _failure_of(error, len(lines))
    return [
        Outcome(line.number, each if isinstance(each, BriError) else failure or each.id)
        for line, each in zip(lines, read, strict=True)
    ]


def _read(line: Line, centre: Centre) -> content_pb2.Record | BriError:
    if line.data is None:
        return TooLarge(f"A line may hold at most {MAX_LINE_BYTES // 1024 // 1024} MiB.")
    if refusal := JsonBounds().feed(line.data):
        return refusal
    try:
        record = mapping.to_record(RecordInput.model_validate_json(line.data))
        mapping.check(record, centre.profile.edition_languages)
    except ValidationError as error:
        return _told(error)
    except BriError as error:
        return error
    return record


def _failure_of(error: SQLAlchemyError, lines: int) -> BriError:
    fact = storage.explain(error)
    if isinstance(fact, StorageFull | DatabaseDamaged):
        logger.error("import.refused", lines=lines, fact=fact.title)
        return fact
    logger.exception("import.failed", lines=lines)
    return Unavailable("The batch could not be kept; send this line again later.")


def _told(error: ValidationError) -> BriError:
    findings = error.errors(include_url=False, include_input=False)
    if findings[0]["type"] == "json_invalid":
        return MalformedRequest(f"The line is not valid JSON: {findings[0]['ctx']['error']}.")
    return InvalidInput("Some fields are not as they should be.", field_errors(findings))


def keep(
    session: Session,
    centre: Centre,
    actor: Actor,
    records: Sequence[content_pb2.Record],
    *,
    publish: bool,
) -> None:
    """Keep new records, which were checked, as drafts or published; they get their identifiers.

    Raises:
        LogUnsettled: entries cannot be written now.
    """
    head = journal.take_head(session)
    at = clock.timestamp()
    for record, identifier in zip(records, _identifiers(len(records)), strict=True):
        record.id, record.revision = f"{centre.profile.code}:{identifier}", 1
        if publish:
            record.dates.published = at
    entries = [log.published(record) for record in records] if publish else []
    numbers = journal.append(session, head, centre.seal, entries, at)
    state = (State.PUBLISHED if publish else State.DRAFT).value
    action = (Action.PUBLISH if publish else Action.CREATE).value
    rows = [
        _row(record, state, number, at)
        for record, number in zip_longest(records, numbers)  # drafts have no number
    ]
    history = [_history(record, state, action, actor, at) for record in records]
    repository.insert_rows(session, RecordRow, rows)
    repository.insert_rows(
        session, RecordTag, [tag for each in records for tag in mapping.tags(each)]
    )
    repository.insert_rows(session, HistoryRow, history)


def _identifiers(count: int) -> list[str]:
    return sorted(str(ULID()) for _ in range(count))


def _row(record: content_pb2.Record, state: str, number: int | None, at: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "revision": 1,
        "state": state,
        "created_at": at,
        "updated_at": at,
        "published_at": record.dates.published or None,
        "entry_number": number,
        "content": record.SerializeToString(),
        **mapping.filterable(record, at),
    }


def _history(
    record: content_pb2.Record, state: str, action: str, actor: Actor, at: str
) -> dict[str, Any]:
    return {
        "record_id": record.id,
        "revision": 1,
        "state": state,
        "action": action,
        "at": at,
        "actor": actor.name,
    }
