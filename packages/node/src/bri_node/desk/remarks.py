"""What colleagues say to each other about a record; readers never see it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bri_kit import clock
from bri_kit.content import has_control_character
from bri_kit.errors import FieldError, InvalidInput, NotFound
from bri_node.desk.users import User
from bri_node.desktables import DeskCommentRow
from bri_node.tables import RecordRow

MAX_COMMENT = 5_000


def thread(session: Session, record_id: str) -> Sequence[DeskCommentRow]:
    """Everything that was said about a record, oldest first."""
    query = select(DeskCommentRow).where(DeskCommentRow.record_id == record_id)
    return session.exec(query.order_by(col(DeskCommentRow.id))).all()


def say(session: Session, row: RecordRow, user: User, text: str) -> None:
    """Say something about a record as it is now. Raises InvalidInput."""
    text = text.strip()
    if not text or len(text) > MAX_COMMENT or has_control_character(text):
        message = f"must have 1 to {MAX_COMMENT} characters"
        raise InvalidInput("The comment cannot be taken.", [FieldError("comment", message)])
    session.add(
        DeskCommentRow(
            record_id=row.id,
            revision=row.revision,
            author=user.shown,
            at=clock.timestamp(),
            text=text,
        )
    )


def resolve(session: Session, record_id: str, number: int, user: User, *, resolved: bool) -> None:
    """Mark a remark as dealt with, or as open again. Raises NotFound."""
    comment = session.get(DeskCommentRow, number)
    if comment is None or comment.record_id != record_id:
        raise NotFound("There is no such comment.")
    comment.resolved_at = clock.timestamp() if resolved else None
    comment.resolved_by = user.shown if resolved else None
