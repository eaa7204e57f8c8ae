"""Subscriptions that share nothing with others of the same target, and letters of two kinds."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0007"
down_revision = "0006"

_ONCE = "alert_subscription_once"
_COLUMNS = ["search_id", "channel", "target"]
_BY_MAIL = sa.text("channel = 'mail'")


def upgrade() -> None:
    """An address follows a search once; webhooks and feeds as often as somebody asked."""
    with op.batch_alter_table("alert_subscription") as change:
        change.drop_constraint(_ONCE, type_="unique")
    op.create_index(
        _ONCE,
        "alert_subscription",
        _COLUMNS,
        unique=True,
        sqlite_where=_BY_MAIL,
        postgresql_where=_BY_MAIL,
    )
    default = sa.text("'confirmation'")
    op.add_column(
        "alert_letter", sa.Column("kind", AutoString(), nullable=False, server_default=default)
    )


def downgrade() -> None:
    """Go back to what was before; of several subscriptions to one search the first stays."""
    op.execute("DELETE FROM alert_letter WHERE kind != 'confirmation'")
    op.drop_column("alert_letter", "kind")
    op.drop_index(_ONCE, "alert_subscription")
    op.execute(
        "DELETE FROM alert_subscription WHERE EXISTS (SELECT 1 FROM alert_subscription AS other"
        " WHERE other.search_id = alert_subscription.search_id"
        " AND other.channel = alert_subscription.channel"
        " AND other.target = alert_subscription.target AND other.id < alert_subscription.id)"
    )
    with op.batch_alter_table("alert_subscription") as change:
        change.create_unique_constraint(_ONCE, _COLUMNS)
