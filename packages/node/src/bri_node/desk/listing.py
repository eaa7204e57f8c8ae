"""The desk's lists: records by state, with what the hub answered to each.

A search looks into the centre's index for what is published, and into the newest MAX_READ records
that are not, which the index does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bri.content.v1 import content_pb2
from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from bri_kit import content, html
from bri_node import delivery
from bri_node.desk.users import User
from bri_node.desktables import DeskCommentRow, DeskScheduleRow
from bri_node.domain import State
from bri_node.node import Node
from bri_node.tables import HistoryRow, ReceiptRow, RecordRow
from bri_retrieval.engine import EngineUnavailable, Query

PAGE = 25
MAX_READ = 2_000
MAX_FOUND = 100
LISTS = ("draft", "in-review", "published", "retracted", "mine", "scheduled", "problems")
SORTS = ("updated", "oldest", "date", "kind")
_OBJECTIONS = ("rejected", "refused", "held")


@dataclass(frozen=True, slots=True)
class Asked:
    """What list is wanted."""

    name: str
    text: str = ""
    sort: str = "updated"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A record in a list; `title` is in `language`. `delivery` is what `delivery.of_record` tells;
    `problem` why it was not published on time."""

    id: str
    title: str
    language: str
    kind: str
    state: str
    revision: int
    updated_at: str
    editions: Sequence[tuple[str, str, bool]]
    delivery: dict[str, Any]
    due_at: str
    problem: str
    comments: int


def counts(session: Session, user: User) -> dict[str, int]:
    """How many records each list has."""
    by_state = select(RecordRow.state, func.count()).group_by(col(RecordRow.state))
    found = dict.fromkeys(LISTS, 0) | dict(session.exec(by_state).all())
    for name in ("mine", "scheduled", "problems"):
        query = select(func.count()).select_from(RecordRow).where(_belongs(name, user))
        found[name] = session.exec(query).one()
    return found


def page(node: Node, session: Session, user: User, asked: Asked) -> tuple[list[Line], int]:
    """One page of a list, and how many records it has in all."""
    where = _found(node, session, asked.text) if asked.text else _belongs(asked.name, user)
    total = session.exec(select(func.count()).select_from(RecordRow).where(where)).one()
    query = select(RecordRow).where(where).order_by(*_order(asked.sort))
    rows = session.exec(query.offset((asked.page - 1) * PAGE).limit(PAGE)).all()
    sent = node.progress().sent
    return [_line(session, row, sent, user.language) for row in rows], total


def _belongs(name: str, user: User) -> ColumnElement[bool]:
    match name:
        case "mine":
            mine = select(HistoryRow.record_id).where(HistoryRow.actor == user.shown)
            return col(RecordRow.id).in_(mine)
        case "scheduled":
            waiting = select(DeskScheduleRow.record_id).where(DeskScheduleRow.problem == "")
            return col(RecordRow.id).in_(waiting)
        case "problems":
            objected = select(ReceiptRow.number).where(col(ReceiptRow.verdict).in_(_OBJECTIONS))
            missed = select(DeskScheduleRow.record_id).where(DeskScheduleRow.problem != "")
            return or_(col(RecordRow.entry_number).in_(objected), col(RecordRow.id).in_(missed))
    return col(RecordRow.state) == name


def _order(sort: str) -> tuple[Any, ...]:
    updated, by_id = col(RecordRow.updated_at), col(RecordRow.id)
    match sort:
        case "oldest":
            return updated, by_id
        case "date":
            return col(RecordRow.date).desc(), by_id.desc()
        case "kind":
            return col(RecordRow.kind), updated.desc()
    return updated.desc(), by_id.desc()


def _found(node: Node, session: Session, text: str) -> ColumnElement[bool]:
    """The records, in whatever state, that hold the words."""
    return col(RecordRow.id).in_([*_published(node, text), *_unpublished(session, text)])


def _published(node: Node, text: str) -> list[str]:
    try:
        return [hit.id for hit in node.engine.search(Query(text=text, limit=MAX_FOUND)).hits]
    except EngineUnavailable:
        return []


def _unpublished(session: Session, text: str) -> list[str]:
    words = text.casefold().split()
    query = select(RecordRow.id, RecordRow.content).where(RecordRow.state != State.PUBLISHED)
    query = query.order_by(col(RecordRow.updated_at).desc()).limit(MAX_READ)
    found = []
    for record_id, stored in session.exec(query.execution_options(yield_per=64)):
        held = _words(record_id, stored)
        if all(word in held for word in words):
            found.append(record_id)
    return found[:MAX_FOUND]


def _words(record_id: str, stored: bytes) -> str:
    record = content_pb2.Record.FromString(stored)
    parts = [record_id]
    for edition in record.editions:
        parts += [edition.title, edition.summary, html.plain_text(edition.body)]
    return "\n".join(parts).casefold()


def _line(session: Session, row: RecordRow, sent: int, language: str) -> Line:
    record = content_pb2.Record.FromString(row.content)
    titles = {edition.language: edition.title for edition in record.editions}
    shown = language if language in titles else record.original_language
    plan = session.get(DeskScheduleRow, row.id)
    open_ = select(func.count()).where(
        col(DeskCommentRow.record_id) == row.id, col(DeskCommentRow.resolved_at).is_(None)
    )
    return Line(
        id=row.id,
        title=titles.get(shown, row.id),
        language=shown,
        kind=row.kind,
        state=row.state,
        revision=row.revision,
        updated_at=row.updated_at,
        editions=[
            (each.language, content.ORIGIN_NAMES.get(each.origin, ""), each.stale)
            for each in record.editions
        ],
        delivery=delivery.of_record(session, row, sent),
        due_at=plan.due_at if plan is not None else "",
        problem=plan.problem if plan is not None else "",
        comments=session.exec(open_).one(),
    )
