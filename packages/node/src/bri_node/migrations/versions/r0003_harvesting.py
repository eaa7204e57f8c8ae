"""Sources that are harvested, what came from them, and what they propose."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make them."""
    _create_source()
    _create_item()
    _create_proposal()


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_table("harvest_proposal")
    op.drop_table("harvest_item")
    op.drop_table("harvest_source")


def _create_source() -> None:
    op.create_table(
        "harvest_source",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("url", AutoString(), nullable=False),
        sa.Column("settings", AutoString(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cursor", AutoString(), nullable=False),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", AutoString(), nullable=True),
        sa.Column("ran_at", AutoString(), nullable=True),
        sa.Column("succeeded_at", AutoString(), nullable=True),
        sa.Column("listed_at", AutoString(), nullable=True),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("created_by", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_harvest_source_next_at", "harvest_source", ["next_at"], unique=False)


def _create_item() -> None:
    op.create_table(
        "harvest_item",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("identity", AutoString(), nullable=False),
        sa.Column("identity_key", AutoString(), nullable=False),
        sa.Column("url", AutoString(), nullable=False),
        sa.Column("url_key", AutoString(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_seen", AutoString(), nullable=False),
        sa.Column("last_seen", AutoString(), nullable=False),
        sa.Column("probed_at", AutoString(), nullable=False),
        sa.Column("gone", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("harvest_item_known", "harvest_item", ["source", "identity_key"], unique=True)
    op.create_index("harvest_item_by_text", "harvest_item", ["source", "digest"], unique=False)
    op.create_index("ix_harvest_item_url_key", "harvest_item", ["url_key"], unique=False)


def _create_proposal() -> None:
    op.create_table(
        "harvest_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=False),
        sa.Column("decided_at", AutoString(), nullable=True),
        sa.Column("decided_by", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("harvest_proposal_open", "harvest_proposal", ["decision", "id"], unique=False)
    op.create_index(
        "ix_harvest_proposal_record_id", "harvest_proposal", ["record_id"], unique=False
    )
