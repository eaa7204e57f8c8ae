"""What harvesters find by set and time, and who follows a feed by WebSub."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make them."""
    _create_items()
    _create_websub()


def downgrade() -> None:
    """Go back to what was before."""
    for name in (
        "websub_feed",
        "websub_intent",
        "exchange_set",
        "exchange_item",
        "exchange_cursor",
    ):
        op.drop_table(name)


def _create_items() -> None:
    op.create_table(
        "exchange_cursor",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "exchange_item",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("sets", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
        sa.UniqueConstraint("change"),
    )
    op.create_index("exchange_item_by_time", "exchange_item", ["at", "change"], unique=False)
    op.create_table(
        "exchange_set",
        sa.Column("spec", AutoString(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("spec", "change"),
    )


def _create_websub() -> None:
    op.create_table(
        "websub_intent",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("mode", AutoString(), nullable=False),
        sa.Column("topic", AutoString(), nullable=False),
        sa.Column("callback", AutoString(), nullable=False),
        sa.Column("secret", AutoString(), nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("due_at", AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "websub_feed",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("topic", AutoString(), nullable=False),
        sa.Column("callback", AutoString(), nullable=False),
        sa.Column("secret", AutoString(), nullable=False),
        sa.Column("expires_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, columns in {
        "websub_intent": ("callback", "due_at"),
        "websub_feed": ("callback", "expires_at"),
    }.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
