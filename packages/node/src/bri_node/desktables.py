"""The tables of the editor's desk, beside those of the node and in the same registry.

Rules:
- nothing here is the truth about a record: that is in `record` and in the log;
- of a session only the hash of its cookie's value is kept, of a password only its argon2 hash;
- times are RFC 3339 text in UTC.
"""

from sqlalchemy import LargeBinary
from sqlmodel import Field

from bri_node.tables import NodeTable


class DeskUserRow(NodeTable, table=True):
    """Somebody who may sign in. `name` is what they sign in with, `shown` what others read;
    `subject` is how an identity provider knows them, who then have no password here."""

    __tablename__ = "desk_user"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    shown: str
    role: int
    password: str | None = None
    subject: str | None = Field(default=None, unique=True)
    language: str = ""
    created_at: str
    disabled_at: str | None = None


class DeskSessionRow(NodeTable, table=True):
    """Somebody who is signed in."""

    __tablename__ = "desk_session"

    hash: str = Field(primary_key=True)
    user_id: int = Field(index=True)
    created_at: str
    used_at: str
    expires_at: str = Field(index=True)


class DeskAutosaveRow(NodeTable, table=True):
    """What somebody has typed and not saved; `record_id` may be the key of a record to be.
    `form` is zlib-compressed JSON of the form's fields, `revision` what they began from."""

    __tablename__ = "desk_autosave"

    user_id: int = Field(primary_key=True)
    record_id: str = Field(primary_key=True, index=True)
    revision: int
    form: bytes = Field(sa_type=LargeBinary)
    began_at: str
    saved_at: str


class DeskSourceRow(NodeTable, table=True):
    """The Markdown that an edition's body was made of; `digest` is the SHA-256 of that body, so
    that a source is not shown for a body that came another way."""

    __tablename__ = "desk_source"

    record_id: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    digest: str
    text: str


class DeskCommentRow(NodeTable, table=True):
    """A remark about a record, for colleagues only."""

    __tablename__ = "desk_comment"

    id: int | None = Field(default=None, primary_key=True)
    record_id: str = Field(index=True)
    revision: int
    author: str
    at: str
    text: str
    resolved_at: str | None = None
    resolved_by: str | None = None


class DeskScheduleRow(NodeTable, table=True):
    """A record that is to be published at a time, as it was when that was asked; `problem` tells
    why it was not, and is empty while it waits."""

    __tablename__ = "desk_schedule"

    record_id: str = Field(primary_key=True)
    revision: int
    due_at: str = Field(index=True)
    user_id: int
    by: str
    asked_at: str
    problem: str = ""
