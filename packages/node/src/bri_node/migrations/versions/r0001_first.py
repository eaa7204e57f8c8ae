"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    _create_delivery()
    _create_entry()
    _create_history()
    _create_idempotency()
    _create_log_head()
    _create_receipt()
    _create_record()
    _create_record_tag()
    _create_token()


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_table("token")
    op.drop_table("record_tag")
    op.drop_table("record")
    op.drop_table("receipt")
    op.drop_table("log_head")
    op.drop_table("idempotency")
    op.drop_table("history")
    op.drop_table("entry")
    op.drop_table("delivery")


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("centre"),
    )


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", AutoString(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_history_record_id", "history", ["record_id"], unique=False)


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("token", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("request", AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("token", "key"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)


def _create_log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("centre"),
    )


def _create_receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_receipt_verdict", "receipt", ["verdict"], unique=False)


def _create_record() -> None:
    op.create_table(
        "record",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("date", AutoString(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("updated_at", AutoString(), nullable=False),
        sa.Column("published_at", AutoString(), nullable=True),
        sa.Column("retracted_at", AutoString(), nullable=True),
        sa.Column("reason", AutoString(), nullable=True),
        sa.Column("entry_number", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("record_listed", "record", ["state", "date", "id"], unique=False)


def _create_record_tag() -> None:
    op.create_table(
        "record_tag",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "name", "value"),
    )


def _create_token() -> None:
    op.create_table(
        "token",
        sa.Column("hash", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
