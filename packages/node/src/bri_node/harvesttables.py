"""The tables of harvesting, beside those of the node and in the same registry.

Rules:
- a source's cursor changes in the transaction that keeps what lies before it;
- an item belongs to one record, for as long as there is that record; identities and addresses are
  looked up by their SHA-256, because they may be longer than an index takes;
- times are RFC 3339 text in UTC.
"""

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from bri_node.tables import NodeTable


class HarvestSourceRow(NodeTable, table=True):
    """A source, what it was told and how it goes. `settings`, `cursor` and `outcome` are JSON;
    `next_at` is None where it is read only when somebody asks; `listed_at` is when a reading last
    saw the whole of what the source lists."""

    __tablename__ = "harvest_source"

    name: str = Field(primary_key=True)
    kind: str
    url: str
    settings: str
    publish: bool
    paused: bool = False
    every_minutes: int
    revision: int
    cursor: str = "{}"
    outcome: str = "{}"
    failures: int = 0
    next_at: str | None = Field(default=None, index=True)
    ran_at: str | None = None
    succeeded_at: str | None = None
    listed_at: str | None = None
    created_at: str
    created_by: str


class HarvestItemRow(NodeTable, table=True):
    """What a source calls a record. `digest` is that of the content as it was last seen, `revision`
    that of the record as it was last written from here; `gone` tells of a proposal to withdraw it:
    empty, "open", "refused" or "accepted"."""

    __tablename__ = "harvest_item"
    __table_args__ = (
        Index("harvest_item_known", "source", "identity_key", unique=True),
        Index("harvest_item_by_text", "source", "digest"),
    )

    record_id: str = Field(primary_key=True)
    source: str
    identity: str
    identity_key: str
    url: str
    url_key: str = Field(index=True)
    digest: str
    revision: int
    first_seen: str
    last_seen: str
    probed_at: str = ""
    gone: str = ""


class HarvestProposalRow(NodeTable, table=True):
    """What a source suggests and an editor decides. `action` is "retract" or "change"; `revision`
    is the record's when it was proposed; `content` is the serialised record that is proposed.
    `decision` is empty, "accepted", "refused" or "settled", where it came to nothing."""

    __tablename__ = "harvest_proposal"
    __table_args__ = (Index("harvest_proposal_open", "decision", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    record_id: str = Field(index=True)
    action: str
    reason: str
    revision: int
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    made_at: str
    decision: str = ""
    decided_at: str | None = None
    decided_by: str | None = None
