"""A record as its page tells it: the content, where its bytes come from, and what it once was."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from bri_hub import service
from bri_hub.domain import RecordState
from bri_hub.mapping import read_entry, record_json, revision_of
from bri_hub.repository import catalogue, keys, proving
from bri_hub.tables import Centre, Entry
from bri_kit import content, set_aside
from bri_kit.set_aside import write_each
from bri_kit.trust import Candidate, is_authentic, read_envelope
from bri_pages.source import Document, Listed, Provenance, RecordView, Revision, Stretch

MAX_REVISIONS = 50
"""How many of a record's latest revisions a page can tell."""


def read_view(session: Session, record_id: str) -> RecordView:
    """A published record with its history, the oldest revision first.

    Raises:
        NotFound: there is no such record.
        Retracted: its centre retracted it.
    """
    document, _ = service.read_record(session, record_id)
    entries = catalogue.list_shown_entries(session, record_id, MAX_REVISIONS)
    centre = catalogue.find_centre(session, document["centre"])
    assert centre is not None, "a record's centre was admitted"
    newest = next(each for each, _ in entries if each.number == document["provenance"]["entry"])
    revisions = list(
        write_each(
            "page",
            reversed(entries),
            lambda each: _revision(*each),
            lambda each: _named(record_id, each[0]),
        )
    )
    return RecordView(document, _provenance(session, newest, centre), revisions)


def read_documents(session: Session, record_ids: Sequence[str]) -> Sequence[Document]:
    """Those of these records that are published and may be shown."""
    found = (catalogue.find_record(session, each) for each in record_ids)
    shown = (each for each in found if each and each.record.state == RecordState.PUBLISHED)
    return list(write_each("page", shown, record_json, revision_of))


def read_stretches(session: Session, length: int) -> Sequence[Stretch]:
    """Where published records are, among so many of a centre's at a time."""
    return [Stretch(*row) for row in catalogue.list_stretches(session, length)]


def read_listing(session: Session, centre: str, number: int, length: int) -> Sequence[Listed]:
    """The published records of one such stretch."""
    return [Listed(*row) for row in catalogue.list_changes(session, centre, number, length)]


def _provenance(session: Session, entry: Entry, centre: Centre) -> Provenance:
    """The entry is verified anew: its own signature, or the run that vouches for it."""
    ring = keys.ring(session, centre)
    tenure = ring.at(entry.number)
    signed = read_envelope(entry.envelope, centre.code)
    assert isinstance(signed, Candidate), "what was accepted can be read"
    is_own_key = tenure is not None and tenure.key == signed.key
    run = () if is_authentic(signed) else proving.find_run(session, centre.code, entry)
    return Provenance(
        centre=entry.centre,
        entry=entry.number,
        hash=entry.hash.hex(),
        key=signed.key.hex(),
        verified=is_own_key and (bool(run) or is_authentic(signed)),
        received_at=entry.received_at,
        vouched_by=entry.number + len(run) if run else 0,
        keys=ring.tenures,
    )


def _named(record_id: str, row: Entry) -> set_aside.Revision:
    return set_aside.Revision(record_id, row.number)


def _revision(row: Entry, shown: bytes | None) -> Revision:
    entry = read_entry(row, shown)
    if not entry.HasField("published"):
        withdrawn = entry.retracted
        return Revision(withdrawn.revision, entry.written_at, None, withdrawn.reason)
    record = entry.published
    document: dict[str, Any] = content.to_json(record, RecordState.PUBLISHED)
    return Revision(record.revision, entry.written_at, document)
