"""Which credentials of the broker each centre was given."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "admission",
        sa.Column("request", AutoString(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("user", AutoString(), nullable=False),
        sa.Column("contact", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("made_at", AutoString(), nullable=False),
        sa.Column("expires_at", AutoString(), nullable=True),
        sa.Column("revoked_at", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_index("ix_admission_centre", "admission", ["centre"])
    op.create_index("ix_admission_user", "admission", ["user"])


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_table("admission")
