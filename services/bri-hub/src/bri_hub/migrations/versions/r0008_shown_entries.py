"""What is shown in place of entries that may not be shown as they stand, and by which rules."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make them; what stands in them is made when the database is opened."""
    op.create_table(
        "shown_entry",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "number"),
    )
    op.create_table(
        "shown_rules",
        sa.Column("rules", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rules"),
    )


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_table("shown_rules")
    op.drop_table("shown_entry")
