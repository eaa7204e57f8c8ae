"""Followed searches, what they told, and who follows them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make them."""
    _create_cursor()
    _create_search()
    _create_event()
    _create_subscription()
    _create_letter()


def downgrade() -> None:
    """Go back to what was before."""
    for name in ("letter", "subscription", "event", "search", "cursor"):
        op.drop_table(f"alert_{name}")


def _create_cursor() -> None:
    op.create_table(
        "alert_cursor",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_search() -> None:
    op.create_table(
        "alert_search",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("asked", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("asked"),
    )


def _create_event() -> None:
    op.create_table(
        "alert_event",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("search_id", AutoString(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("law", AutoString(), nullable=False),
        sa.Column("jurisdiction", AutoString(), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    for name, columns in {
        "alert_event_by_search": ["search_id", "number"],
        "alert_event_by_record": ["record_id", "search_id", "number"],
        "alert_event_by_law": ["law"],
    }.items():
        op.create_index(name, "alert_event", columns, unique=False)


def _create_subscription() -> None:
    texts = "search_id channel target language rhythm state created_at due_at".split()
    op.create_table(
        "alert_subscription",
        sa.Column("id", AutoString(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in texts),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("search_id", "channel", "target", name="alert_subscription_once"),
    )
    for column, name in (("target", "target"), ("due_at", "due")):
        op.create_index(
            f"alert_subscription_by_{name}", "alert_subscription", [column], unique=False
        )


def _create_letter() -> None:
    texts = "address language expires_at due_at asked rhythm".split()
    op.create_table(
        "alert_letter",
        sa.Column("id", AutoString(), nullable=False),
        *(sa.Column(name, AutoString(), nullable=False) for name in texts),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
