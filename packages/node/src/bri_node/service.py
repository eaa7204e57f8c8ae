"""What can be done with records; each function is one change within the caller's transaction.

Rules:
- the record, its history and its log entry change together or not at all;
- `dates.published` is set when a record is first published, and kept;
- who may do what, and when, is `domain`'s to say;
- records are checked and sanitised by the caller, before the log is locked, but for what depends on
  the record as it was.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bri.content.v1 import content_pb2
from sqlmodel import Session
from ulid import ULID

from bri_kit import clock, log
from bri_kit.errors import Forbidden, IllegalTransition, StaleRevision
from bri_node import domain, journal, mapping, repository
from bri_node.actor import Actor, require_editor
from bri_node.domain import Action, State, Step
from bri_node.keys import Seal
from bri_node.profile import Profile
from bri_node.reading import known
from bri_node.tables import HistoryRow, LogHead, RecordRow


@dataclass(frozen=True, slots=True)
class Centre:
    """Whose records these are: the profile, and the key that its log is signed with."""

    profile: Profile
    seal: Seal


def create(
    session: Session, centre: Centre, record: content_pb2.Record, actor: Actor, *, publish: bool
) -> RecordRow:
    """Keep a new record, which was checked, as a draft, or publish it at once.

    Raises:
        Forbidden: the actor may not publish.
    """
    if publish:
        require_editor(actor)
    at = clock.timestamp()
    head = journal.take_head(session)
    record.id, record.revision = f"{centre.profile.code}:{ULID()}", 1
    row = RecordRow(
        id=record.id,
        revision=1,
        state=State.DRAFT.value,
        created_at=at,
        updated_at=at,
        content=b"",
        **mapping.filterable(record, at),
    )
    session.add(row)
    if publish:
        _write(session, centre, head, row, record, Step(State.PUBLISHED, entry=True), at)
        _remember(session, row, Action.PUBLISH, actor, at)
    else:
        _write(session, centre, head, row, record, Step(State.DRAFT), at)
        _remember(session, row, Action.CREATE, actor, at)
    return row


def edit(
    session: Session,
    centre: Centre,
    record_id: str,
    new: content_pb2.Record,
    removed: Collection[str],
    revision: int,
    actor: Actor,
) -> RecordRow:
    """Replace a record whose revision the actor knows, without the editions in the languages
    `removed`.

    Raises:
        NotFound, StaleRevision, Forbidden, IllegalTransition, InvalidInput.
    """
    head, row, step = _begin(session, record_id, Action.EDIT, actor, revision)
    old = content_pb2.Record.FromString(row.content)
    record = mapping.merge(new, old, removed)
    mapping.check(record, centre.profile.edition_languages)
    at = clock.timestamp()
    _write(session, centre, head, row, record, step, at)
    _remember(session, row, Action.EDIT, actor, at)
    return row


def submit(
    session: Session, centre: Centre, record_id: str, revision: int | None, actor: Actor
) -> RecordRow:
    """Offer a draft for review. `revision`, where given, must be the newest.

    Raises:
        NotFound, StaleRevision, IllegalTransition.
    """
    return _move(session, centre, record_id, Action.SUBMIT, revision, actor)


def publish(
    session: Session, centre: Centre, record_id: str, revision: int | None, actor: Actor
) -> RecordRow:
    """Publish a record, or publish it again. `revision`, where given, must be the newest.

    Raises:
        NotFound, StaleRevision, Forbidden, IllegalTransition, InvalidInput.
    """
    return _move(session, centre, record_id, Action.PUBLISH, revision, actor)


def retract(
    session: Session,
    centre: Centre,
    record_id: str,
    reason: str,
    revision: int | None,
    actor: Actor,
) -> RecordRow:
    """Withdraw a published record everywhere. `revision`, where given, must be the newest.

    Raises:
        NotFound, StaleRevision, Forbidden, IllegalTransition.
    """
    head, row, step = _begin(session, record_id, Action.RETRACT, actor, revision)
    at = clock.timestamp()
    entry = log.retracted(row.id, row.revision, reason)
    [row.entry_number] = journal.append(session, head, centre.seal, [entry], at)
    _withdraw(session, row, step, Action.RETRACT, reason, actor, at)
    return row


def drop(
    session: Session,
    centre: Centre,
    record_id: str,
    reason: str,
    revision: int | None,
    actor: Actor,
) -> RecordRow:
    """Let go of a record that was never published. It stays here, with the reason, and an editor
    may publish it after all. `revision`, where given, must be the newest.

    Raises:
        NotFound, StaleRevision, Forbidden, IllegalTransition.
    """
    _, row, step = _begin(session, record_id, Action.DROP, actor, revision)
    _withdraw(session, row, step, Action.DROP, reason, actor, clock.timestamp())
    return row


def _withdraw(
    session: Session,
    row: RecordRow,
    step: Step,
    action: Action,
    reason: str,
    actor: Actor,
    at: str,
) -> None:
    row.state, row.updated_at = step.to.value, at
    row.retracted_at, row.reason = at, reason
    _remember(session, row, action, actor, at)


def _move(
    session: Session,
    centre: Centre,
    record_id: str,
    action: Action,
    revision: int | None,
    actor: Actor,
) -> RecordRow:
    head, row, step = _begin(session, record_id, action, actor, revision)
    at = clock.timestamp()
    record = content_pb2.Record.FromString(row.content)
    if step.entry:  # a draft may be older than today's rules
        mapping.check(record, centre.profile.edition_languages)
    _write(session, centre, head, row, record, step, at)
    _remember(session, row, action, actor, at)
    return row


def _begin(
    session: Session, record_id: str, action: Action, actor: Actor, revision: int | None
) -> tuple[LogHead, RecordRow, Step]:
    head = journal.take_head(session)
    row = known(session, record_id, actor)
    try:
        step = domain.step(State(row.state), action, is_editor=actor.is_editor)
    except domain.NotPossible as fact:
        raise IllegalTransition(str(fact)) from fact
    except domain.EditorNeeded as fact:
        raise Forbidden(str(fact)) from fact
    if revision is not None and revision != row.revision:
        raise StaleRevision(f"The newest revision is {row.revision}, not {revision}.")
    return head, row, step


def _write(
    session: Session,
    centre: Centre,
    head: LogHead,
    row: RecordRow,
    record: content_pb2.Record,
    step: Step,
    at: str,
) -> None:
    """Keep `record` in `row` as `step` has it, with its entry in the log where it takes one."""
    if step.revises:
        row.revision += 1
        record.revision = row.revision
    if step.entry:
        row.published_at = row.published_at or at
        record.dates.published = row.published_at
        entry = log.published(record)
        [row.entry_number] = journal.append(session, head, centre.seal, [entry], at)
    if step.to == State.PUBLISHED:
        row.retracted_at = row.reason = None
    row.state, row.updated_at = step.to.value, at
    row.content = record.SerializeToString()
    for name, value in mapping.filterable(record, row.created_at).items():
        setattr(row, name, value)
    session.flush()
    repository.replace_tags(session, row.id, mapping.tags(record))


def _remember(session: Session, row: RecordRow, action: Action, actor: Actor, at: str) -> None:
    session.add(
        HistoryRow(
            record_id=row.id,
            revision=row.revision,
            state=row.state,
            action=action.value,
            at=at,
            actor=actor.name,
            reason=row.reason if action in (Action.RETRACT, Action.DROP) else None,
        )
    )
