"""Keys, evidence, the brake, epochs, stories, and tokens that end."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them."""
    _create_audit()
    _create_brake()
    _create_centre_key()
    _create_disturbance()
    _create_epoch()
    _create_evidence()
    _create_range_digest()
    _create_story_decision()
    _create_stream_position()
    _change_entry()
    _change_token()


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_column("token", "revoked_at")
    op.drop_column("token", "used_at")
    op.drop_column("token", "expires_at")
    op.drop_index("entry_by_record", table_name="entry")
    op.drop_table("stream_position")
    op.drop_table("story_decision")
    op.drop_table("range_digest")
    op.drop_table("evidence")
    op.drop_table("epoch")
    op.drop_table("disturbance")
    op.drop_table("centre_key")
    op.drop_table("brake")
    op.drop_table("audit")


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_centre", "audit", ["centre"], unique=False)


def _create_brake() -> None:
    op.create_table(
        "brake",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("held_from", sa.BigInteger(), nullable=True),
        sa.Column("held_since", AutoString(), nullable=True),
        sa.Column("disturbed", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("passed_upto", sa.BigInteger(), nullable=False),
        sa.Column("refused_upto", sa.BigInteger(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("centre"),
    )


def _create_centre_key() -> None:
    op.create_table(
        "centre_key",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("origin", AutoString(), nullable=False),
        sa.Column("since", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "key"),
    )


def _create_disturbance() -> None:
    op.create_table(
        "disturbance",
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("disturbance_by_centre", "disturbance", ["centre", "at"], unique=False)


def _create_epoch() -> None:
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("fork", sa.BigInteger(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_evidence_centre", "evidence", ["centre"], unique=False)


def _create_range_digest() -> None:
    op.create_table(
        "range_digest",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("chunk", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "chunk"),
    )


def _create_story_decision() -> None:
    op.create_table(
        "story_decision",
        sa.Column("one", AutoString(), nullable=False),
        sa.Column("other", AutoString(), nullable=False),
        sa.Column("decision", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other"),
    )
    op.create_index("story_decision_by_other", "story_decision", ["other"], unique=False)


def _create_stream_position() -> None:
    op.create_table(
        "stream_position",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("stream", AutoString(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _change_entry() -> None:
    op.create_index("entry_by_record", "entry", ["record_id", "number"], unique=False)


def _change_token() -> None:
    op.add_column("token", sa.Column("expires_at", AutoString(), nullable=True))
    op.add_column("token", sa.Column("used_at", AutoString(), nullable=True))
    op.add_column("token", sa.Column("revoked_at", AutoString(), nullable=True))
