"""A record at the desk: how it stands, what was said and done, and the steps of its life.

Rules:
- every step carries the revision that the page showed, so nothing is published that was not seen;
- a form that is sent twice takes its step once;
- withdrawing has a page of its own, with what readers will be told.
"""

from typing import Any

from bri.content.v1 import content_pb2
from fastapi import APIRouter
from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import Response
from ulid import ULID

from bri_kit.content import ORIGIN_NAMES, has_control_character
from bri_kit.errors import BriError, FieldError, InvalidInput, StaleRevision
from bri_node import delivery, reading, repository, service
from bri_node.actor import require_editor
from bri_node.desk import drafts, remarks, saving, scheduling
from bri_node.desk.form import Form
from bri_node.desk.turn import Sent, Turn, Writer
from bri_node.domain import MAX_REASON
from bri_node.tables import RecordRow

router = APIRouter()


@router.get("/records/{record_id}")
def show_record(turn: Writer, record_id: str, done: str = "", lang: str = "") -> Response:
    """How a record stands."""
    return _show(turn, record_id, {"done": done, "lang": lang})


def _show(
    turn: Turn, record_id: str, more: dict[str, Any], fact: BriError | None = None
) -> Response:
    with turn.node.store.reading() as session:
        row = reading.known(session, record_id, turn.me.actor)
        record = content_pb2.Record.FromString(row.content)
        values = {
            "row": row,
            "record": record,
            "shown": _edition(record, more.get("lang", ""), turn.language),
            "origins": ORIGIN_NAMES,
            "delivery": delivery.of_record(session, row, turn.node.progress().sent),
            "history": repository.history(session, row.id),
            "comments": remarks.thread(session, row.id),
            "plan": scheduling.of_record(session, row.id),
            "others": drafts.others(session, turn.me, row.id),
            "unsaved": drafts.find(session, turn.me, row.id),
            "once": str(ULID()),
            "done": more.get("done", ""),
            "problem": type(fact).__name__ if fact else "",
            "detail": fact.detail if fact else "",
            "errors": {each.field: [each.message] for each in fact.errors} if fact else {},
            "typed": more.get("typed", Form([])),
        }
        title = values["shown"]["title"]
        return turn.show("record.html", title, values, fact.status if fact else 200)


def _edition(record: content_pb2.Record, wanted: str, language: str) -> dict[str, Any]:
    editions = {each.language: each for each in record.editions}
    tags = (wanted, language, record.original_language)
    edition = editions[next(tag for tag in tags if tag in editions)]
    return {
        "language": edition.language,
        "title": edition.title,
        "summary": edition.summary,
        "body": Markup(edition.body),  # noqa: S704 - sanitised when it was saved
    }


@router.post("/records/{record_id}/step")
def take_step(sent: Sent, record_id: str) -> Response:
    """Submit, publish, publish at a time, or not at that time after all."""
    turn, typed = sent
    try:
        return turn.go(_once(turn, record_id, typed))
    except BriError as fact:
        return _show(turn, record_id, {"typed": typed}, fact)


def _once(turn: Turn, record_id: str, typed: Form) -> str:
    """Take a step, once; answers where that leads."""
    turn.node.centre.seal.gate.wait()
    with turn.node.store.writing() as session:
        if led := saving.led_to(session, turn.me.actor, typed):
            return led
        row = reading.known(session, record_id, turn.me.actor)
        _step(turn, session, row, typed)
        place = f"/records/{row.id}?done={typed.text('action')}"
        saving.remember(session, turn.me.actor, typed, place)
    return place


def _step(turn: Turn, session: Session, row: RecordRow, typed: Form) -> None:
    revision, actor = typed.number("revision"), turn.me.actor
    match typed.text("action"):
        case "submit":
            service.submit(session, turn.node.centre, row.id, revision, actor)
        case "publish":
            require_editor(actor)
            service.publish(session, turn.node.centre, row.id, revision, actor)
            scheduling.cancel(session, row.id)
        case "retract":
            reason = _reason(typed)
            service.retract(session, turn.node.centre, row.id, reason, revision, actor)
        case "schedule":
            if revision != row.revision:
                raise StaleRevision(f"The newest revision is {row.revision}, not {revision}.")
            due_at = scheduling.due_time(typed.text("at"), typed.text("offset"))
            scheduling.schedule(session, row, due_at, turn.me)
        case "unschedule":
            require_editor(actor)
            scheduling.cancel(session, row.id)
        case other:
            raise InvalidInput("There is no such step.", [FieldError("action", other[:40])])


def _reason(typed: Form) -> str:
    reason = typed.text("reason").strip()
    if not reason or has_control_character(reason):
        raise InvalidInput("The reason is missing.", [FieldError("reason", "must not be blank")])
    if len(reason) > MAX_REASON:
        message = f"must not be longer than {MAX_REASON} characters"
        raise InvalidInput("The reason is too long.", [FieldError("reason", message)])
    return reason


@router.get("/records/{record_id}/retract")
def ask_for_reason(turn: Writer, record_id: str) -> Response:
    """The page before a record is withdrawn."""
    return _show_retract(turn, record_id, Form([]))


@router.post("/records/{record_id}/retract")
def retract(sent: Sent, record_id: str) -> Response:
    """Withdraw a record everywhere."""
    turn, typed = sent
    try:
        return turn.go(_once(turn, record_id, typed))
    except BriError as fact:
        return _show_retract(turn, record_id, typed, fact)


def _show_retract(
    turn: Turn, record_id: str, typed: Form, fact: BriError | None = None
) -> Response:
    require_editor(turn.me.actor)
    with turn.node.store.reading() as session:
        row = reading.known(session, record_id, turn.me.actor)
        record = content_pb2.Record.FromString(row.content)
        values = {
            "row": row,
            "shown": _edition(record, "", turn.language),
            "once": str(ULID()),
            "typed": typed,
            "errors": {each.field: [each.message] for each in fact.errors} if fact else {},
            "problem": type(fact).__name__ if fact else "",
            "detail": fact.detail if fact else "",
            "max_reason": MAX_REASON,
        }
        status = fact.status if fact else 200
        return turn.show("retract.html", turn.say("Withdraw this record"), values, status)


@router.post("/records/{record_id}/comments")
def comment(sent: Sent, record_id: str) -> Response:
    """Say something about a record to colleagues."""
    turn, typed = sent
    try:
        with turn.node.store.writing() as session:
            row = reading.known(session, record_id, turn.me.actor)
            remarks.say(session, row, turn.me, typed.text("comment"))
    except BriError as fact:
        return _show(turn, record_id, {"typed": typed}, fact)
    return turn.go(f"/records/{record_id}#comments")


@router.post("/records/{record_id}/comments/{number}")
def resolve(sent: Sent, record_id: str, number: int) -> Response:
    """Mark a comment as dealt with, or as open again."""
    turn, typed = sent
    with turn.node.store.writing() as session:
        resolved = typed.text("resolved") == "yes"
        remarks.resolve(session, record_id, number, turn.me, resolved=resolved)
    return turn.go(f"/records/{record_id}#comments")
