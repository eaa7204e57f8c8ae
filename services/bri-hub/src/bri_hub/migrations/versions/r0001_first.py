"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

from bri_kit.database import WIDE

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    _create_centre()
    _create_early()
    _create_entry()
    _create_record()
    _create_refusal()
    _create_token()


def downgrade() -> None:
    """Go back to what was before."""
    op.drop_table("token")
    op.drop_table("refusal")
    op.drop_table("record")
    op.drop_table("entry")
    op.drop_table("early")
    op.drop_table("centre")


def _create_centre() -> None:
    op.create_table(
        "centre",
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("edition_languages", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("url", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("admitted_at", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("head_at", AutoString(), nullable=True),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("behind_since", AutoString(), nullable=True),
        sa.Column("last_seen_at", AutoString(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )


def _create_early() -> None:
    op.create_table(
        "early",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "number"),
    )


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("received_at", AutoString(), nullable=False),
        sa.Column("verdict", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("centre", "number"),
    )


def _create_record() -> None:
    op.create_table(
        "record",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("revision", WIDE, nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("entry_number", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("change"),
    )
    op.create_index("record_by_centre", "record", ["centre", "change"], unique=False)


def _create_refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("fault", AutoString(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("beginning", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refusal_centre", "refusal", ["centre"], unique=False)


def _create_token() -> None:
    op.create_table(
        "token",
        sa.Column("hash", AutoString(), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
