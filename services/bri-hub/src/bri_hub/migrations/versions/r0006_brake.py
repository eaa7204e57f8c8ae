"""Since when a record has been shown, and when a centre's burst was refused.

Records and disturbances of before have an empty `shown_since`: longer ago than was noted.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Note it from now on."""
    for table in ("record", "disturbance"):
        op.add_column(
            table,
            sa.Column("shown_since", AutoString(), nullable=False, server_default=sa.text("''")),
        )
    op.create_index("record_by_showing", "record", ["centre", "shown_since"], unique=False)
    op.add_column("brake", sa.Column("refused_at", AutoString(), nullable=True))


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_column("brake", "refused_at")
    op.drop_index("record_by_showing", "record")
    for table in ("disturbance", "record"):
        op.drop_column(table, "shown_since")
