"""Keys, comparisons, what the hub shows, tokens that end, and the editor's desk."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them."""
    _create_desk_autosave()
    _create_desk_comment()
    _create_desk_schedule()
    _create_desk_session()
    _create_desk_source()
    _create_desk_user()
    _create_displaced()
    _create_place()
    _create_range_digest()
    _create_reach()
    _create_signing_key()
    _change_entry()
    _change_token()


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_column("token", "revoked_at")
    op.drop_column("token", "used_at")
    op.drop_column("token", "expires_at")
    op.drop_index("entry_by_record", table_name="entry")
    op.drop_table("signing_key")
    op.drop_table("reach")
    op.drop_table("range_digest")
    op.drop_table("place")
    op.drop_table("displaced")
    op.drop_table("desk_user")
    op.drop_table("desk_source")
    op.drop_table("desk_session")
    op.drop_table("desk_schedule")
    op.drop_table("desk_comment")
    op.drop_table("desk_autosave")


def _create_desk_autosave() -> None:
    op.create_table(
        "desk_autosave",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("form", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", AutoString(), nullable=False),
        sa.Column("saved_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "record_id"),
    )
    op.create_index("ix_desk_autosave_record_id", "desk_autosave", ["record_id"], unique=False)


def _create_desk_comment() -> None:
    op.create_table(
        "desk_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("resolved_at", AutoString(), nullable=True),
        sa.Column("resolved_by", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_desk_comment_record_id", "desk_comment", ["record_id"], unique=False)


def _create_desk_schedule() -> None:
    op.create_table(
        "desk_schedule",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_at", AutoString(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("asked_at", AutoString(), nullable=False),
        sa.Column("problem", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("ix_desk_schedule_due_at", "desk_schedule", ["due_at"], unique=False)


def _create_desk_session() -> None:
    op.create_table(
        "desk_session",
        sa.Column("hash", AutoString(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("used_at", AutoString(), nullable=False),
        sa.Column("expires_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_desk_session_expires_at", "desk_session", ["expires_at"], unique=False)
    op.create_index("ix_desk_session_user_id", "desk_session", ["user_id"], unique=False)


def _create_desk_source() -> None:
    op.create_table(
        "desk_source",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "language"),
    )


def _create_desk_user() -> None:
    op.create_table(
        "desk_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("shown", AutoString(), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("password", AutoString(), nullable=True),
        sa.Column("subject", AutoString(), nullable=True),
        sa.Column("language", AutoString(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("disabled_at", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("subject"),
    )


def _create_displaced() -> None:
    op.create_table(
        "displaced",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def _create_place() -> None:
    op.create_table(
        "place",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_range_digest() -> None:
    op.create_table(
        "range_digest",
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chunk"),
    )


def _create_reach() -> None:
    op.create_table(
        "reach",
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("place", "number"),
    )


def _create_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("since", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )


def _change_entry() -> None:
    op.create_index("entry_by_record", "entry", ["record_id", "number"], unique=False)


def _change_token() -> None:
    op.add_column("token", sa.Column("expires_at", AutoString(), nullable=True))
    op.add_column("token", sa.Column("used_at", AutoString(), nullable=True))
    op.add_column("token", sa.Column("revoked_at", AutoString(), nullable=True))
