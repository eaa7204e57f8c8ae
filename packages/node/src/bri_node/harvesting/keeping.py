"""Items become records; each function is part of the caller's transaction.

Rules:
- what is new is a draft, or published where the source publishes;
- what has changed changes its record, unless somebody here has changed that since, or it is in
  review, withdrawn, or published while the source only drafts: then the change is proposed;
- what is gone is proposed for withdrawal, once, and never withdrawn from here; where it comes back
  the proposal comes to nothing;
- an item with remarks (something was replaced, assumed or left out in reading it) is not published
  from here: it is a draft, or its change is proposed; the remarks stand among the record's
  comments, where an editor sees them before publishing;
- what was seen before under another identity makes nothing new;
- of several things that a reading calls the same, the first counts: else a record would be revised
  at each reading, for ever.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bri.content.v1 import content_pb2
from sqlmodel import Session, col, select

from bri_harvesting.source import Gone, Item
from bri_kit import clock
from bri_kit.auth import Role
from bri_kit.xml_text import xml_text
from bri_node import importing, service
from bri_node.actor import Actor
from bri_node.desktables import DeskCommentRow
from bri_node.domain import State
from bri_node.harvesting import proposals
from bri_node.harvesting.items import Prepared
from bri_node.harvesting.recognising import Known, key_of, url_key
from bri_node.harvesttables import HarvestItemRow, HarvestSourceRow
from bri_node.service import Centre
from bri_node.tables import RecordRow

_MAX_REMARKS = 2_000
NOT_LISTED = "the source does not list it any more"


@dataclass
class Tally:
    """What a reading came to so far."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    renamed: int = 0
    duplicates: int = 0
    proposed: int = 0
    held: int = 0
    """Items that would have been published but for their remarks."""
    ids: list[str] = field(default_factory=list)
    """Records that are new."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who keeps what: the source, and when its reading began, which tells what it saw."""

    centre: Centre
    source: HarvestSourceRow
    began_at: str
    tally: Tally
    publish: bool

    @property
    def actor(self) -> Actor:
        """Who harvests, as records' histories tell it."""
        return actor_of(self.source.name)


def actor_of(source: str) -> Actor:
    """A source as somebody who writes."""
    return Actor(f"source {source}", Role.EDITOR, f"source {source}")


def keep(session: Session, reading: Reading, prepared: Sequence[Prepared]) -> None:
    """Keep items, in their order.

    Raises:
        bri_node.gate.LogUnsettled: nothing can be published just now.
    """
    known = Known(
        session, reading.source.name, reading.source.url, [each.item for each in prepared]
    )
    new: list[Prepared] = []
    for each in prepared:
        row = known.same(each.item)
        if row is not None:
            if row.last_seen == reading.began_at:  # a source that says two things of one
                reading.tally.duplicates += 1
            else:
                _again(session, reading, row, each)
            continue
        row = known.alike(each.item)
        if row is None:
            if known.is_repeated(each.item):
                reading.tally.duplicates += 1
            else:
                new.append(each)
        elif known.may_rename(row, reading.began_at):
            row.identity, row.identity_key = each.item.identity, key_of(each.item.identity)
            known.renamed(row)
            reading.tally.renamed += 1
            _again(session, reading, row, each)
        else:
            reading.tally.duplicates += 1
    _add(session, reading, new)


def _add(session: Session, reading: Reading, new: Sequence[Prepared]) -> None:
    if not new:
        return
    doubtful = [each for each in new if each.item.remarks]
    sound = [each for each in new if not each.item.remarks]
    for part, publish in ((sound, reading.publish), (doubtful, False)):
        records = [each.record for each in part]
        if records:
            importing.keep(session, reading.centre, reading.actor, records, publish=publish)
    if reading.publish:
        reading.tally.held += len(doubtful)
    for each in new:
        item = each.item
        _remark(session, reading, each.record.id, each.record.revision, item)
        session.add(
            HarvestItemRow(
                record_id=each.record.id,
                source=reading.source.name,
                identity=item.identity,
                identity_key=key_of(item.identity),
                url=item.url,
                url_key=url_key(item.url),
                digest=item.digest,
                revision=each.record.revision,
                first_seen=reading.began_at,
                last_seen=reading.began_at,
            )
        )
    reading.tally.new += len(new)
    reading.tally.ids += [each.record.id for each in new]


def _remark(session: Session, reading: Reading, record_id: str, revision: int, item: Item) -> None:
    """Say among a record's comments what was replaced, assumed or left out in reading it."""
    if not item.remarks:
        return
    session.add(
        DeskCommentRow(
            record_id=record_id,
            revision=revision,
            author=reading.actor.name,
            at=reading.began_at,
            text=xml_text("\n".join(item.remarks))[:_MAX_REMARKS],
        )
    )


def _again(session: Session, reading: Reading, row: HarvestItemRow, each: Prepared) -> None:
    item = each.item
    row.last_seen = reading.began_at
    row.url, row.url_key = item.url, url_key(item.url)
    if row.gone:
        proposals.settle(session, row.record_id, "retract")
        row.gone = ""
    if row.digest == item.digest:
        reading.tally.unchanged += 1
        return
    row.digest = item.digest
    record = session.get(RecordRow, row.record_id)
    if record is None:
        reading.tally.unchanged += 1
    elif record.revision == row.revision and _may_write(
        record, publish=reading.publish and not item.remarks
    ):
        _revise(session, reading, row, record, each)
    else:
        proposals.propose_change(session, reading.source.name, record, each.record, item.remarks)
        reading.tally.proposed += 1


def _may_write(record: RecordRow, *, publish: bool) -> bool:
    return record.state == State.DRAFT or (publish and record.state == State.PUBLISHED)


def _revise(
    session: Session, reading: Reading, row: HarvestItemRow, record: RecordRow, each: Prepared
) -> None:
    had = {edition.language for edition in content_pb2.Record.FromString(record.content).editions}
    removed = had - {edition.language for edition in each.record.editions}
    revised = service.edit(
        session,
        reading.centre,
        record.id,
        each.record,
        removed,
        record.revision,
        reading.actor,
    )
    row.revision = revised.revision
    _remark(session, reading, record.id, revised.revision, each.item)
    proposals.settle(session, record.id, "change")
    reading.tally.revised += 1


def propose_gone(session: Session, reading: Reading, gone: Iterable[Gone]) -> None:
    """Propose what a source says that it no longer has."""
    for each in gone:
        query = select(HarvestItemRow).where(
            HarvestItemRow.source == reading.source.name,
            HarvestItemRow.identity_key == key_of(each.identity),
        )
        row = session.exec(query).first()
        if row is not None:
            _propose(session, reading, row, each.reason)


def propose_unlisted(session: Session, reading: Reading) -> None:
    """Propose everything that a source, which told all it has, did not tell."""
    query = select(HarvestItemRow).where(
        HarvestItemRow.source == reading.source.name,
        col(HarvestItemRow.last_seen) < reading.began_at,
        HarvestItemRow.gone == "",
    )
    for row in session.exec(query).all():
        _propose(session, reading, row, NOT_LISTED)


def _propose(session: Session, reading: Reading, row: HarvestItemRow, reason: str) -> None:
    record = session.get(RecordRow, row.record_id)
    if row.gone or record is None or record.state == State.RETRACTED:
        return
    row.gone = "open"
    proposals.propose_retraction(session, reading.source.name, record, reason)
    reading.tally.proposed += 1


def to_probe(session: Session, source: HarvestSourceRow, most: int, before: str) -> dict[str, str]:
    """Identities with addresses that the source has not listed lately and that nobody tried since
    `before`, those first that were tried longest ago; from now on they count as tried."""
    query = select(HarvestItemRow).where(
        HarvestItemRow.source == source.name,
        HarvestItemRow.url != "",
        HarvestItemRow.gone == "",
        col(HarvestItemRow.last_seen) < (source.listed_at or ""),
        col(HarvestItemRow.probed_at) < before,
    )
    rows = session.exec(query.order_by(col(HarvestItemRow.probed_at)).limit(most)).all()
    now = clock.timestamp()
    for row in rows:
        row.probed_at = now
    return {row.identity: row.url for row in rows}
