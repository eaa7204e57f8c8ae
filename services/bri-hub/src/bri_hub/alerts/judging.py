"""What those who follow a search are told when a record changes.

Rules:
- a record that the search lets through is told once as new, if it came after the search was first
  followed; one that was there before and is revised is told as revised;
- what was told is told again when it is revised, whether the search still lets it through or not;
- what amends or repeals an instrument that was told, and a status that changed, is an amendment;
- what was told and is withdrawn is always told, even where its centre is not shown any more;
- texts are kept as letters can hold them: of a bounded length, without control characters;
- the same entry is told once, however often the change log has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bri.content.v1 import content_pb2

from bri_hub.alerts.comparing import Difference, differences, law_number, touched_laws
from bri_hub.alerts.tables import AlertEvent
from bri_kit.content import MAX_SUMMARY
from bri_kit.xml_text import xml_text

_LONGEST = MAX_SUMMARY


class Kind(StrEnum):
    """What an event tells; what is `listed` is known to those who follow and told to nobody."""

    LISTED = "listed"
    NEW = "new"
    REVISED = "revised"
    AMENDED = "amended"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Revision:
    """A published revision. `before` is the one that it followed, if any; `received_at` is when the
    hub received it (RFC 3339)."""

    record: content_pb2.Record
    entry: int
    received_at: str
    before: content_pb2.Record | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """An instrument that was told to those who follow a search."""

    record_id: str
    jurisdiction: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A search and a revision. `told` is what was told last about the record, `told_content` that
    revision's content; `passes` says whether the search lets the revision through, `since` when it
    was first followed, and `laws` has what it told of instruments, by number."""

    search_id: str
    since: str
    revision: Revision
    passes: bool
    told: AlertEvent | None = None
    told_content: content_pb2.Record | None = None
    laws: Mapping[str, Sequence[Law]] = field(default_factory=dict)


def judge_revision(case: Case, at: str) -> AlertEvent | None:
    """The event that tells of a revision, without its number; None where nobody is told."""
    told, revision = case.told, case.revision
    if told is not None and told.entry == revision.entry:
        return None
    if told is None and revision.received_at < case.since:
        return None
    kind, details = _as_a_record(case)
    if amendments := _amendments(case):
        kind, details = Kind.AMENDED, [*amendments, *details]
    if kind is None:
        return None
    return _event(case, kind, details, at)


def judge_retraction(
    told: AlertEvent, *, entry: int, revision: int, reason: str, at: str
) -> AlertEvent | None:
    """The event that tells of a withdrawal; None where that was told already."""
    if told.kind == Kind.RETRACTED:
        return None
    return AlertEvent(
        search_id=told.search_id,
        record_id=told.record_id,
        kind=Kind.RETRACTED,
        entry=entry,
        revision=revision,
        at=at,
        titles=told.titles,
        details=[["reason", _kept(reason)]],
    )


def list_record(search_id: str, record: content_pb2.Record, entry: int, at: str) -> AlertEvent:
    """The event that makes a record known to those who follow a search, without telling it."""
    return _event(Case(search_id, at, Revision(record, entry, at), True), Kind.LISTED, [], at)


def _as_a_record(case: Case) -> tuple[Kind | None, list[Difference]]:
    if case.told is None and not case.passes:
        return None, []
    if case.told is not None and case.told.kind == Kind.RETRACTED:
        return Kind.NEW, [["again"]]
    before = case.told_content if case.told is not None else case.revision.before
    if before is None:
        return (Kind.NEW if case.told is None else Kind.REVISED), []
    found = differences(before, case.revision.record)
    amended = any(each[0] == "status" for each in found)
    return (Kind.AMENDED if amended else Kind.REVISED), found


def _amendments(case: Case) -> list[Difference]:
    """What the revision does to instruments that were told, unless it was told as doing so."""
    record = case.revision.record
    known = touched_laws(case.told_content) if case.told_content is not None else {}
    found: list[Difference] = []
    for number, code in touched_laws(record).items():
        for law in case.laws.get(number, ()) if known.get(number) != code else ():
            same_state = not law.jurisdiction or not record.policy.jurisdiction
            if same_state or law.jurisdiction == record.policy.jurisdiction:
                found.append([code, law.record_id, dict(law.titles)])
    return [each for each in found if each[1] != record.id]


def _event(case: Case, kind: Kind, details: list[list[Any]], at: str) -> AlertEvent:
    record = case.revision.record
    return AlertEvent(
        search_id=case.search_id,
        record_id=record.id,
        kind=kind,
        entry=case.revision.entry,
        revision=record.revision,
        at=at,
        law=law_number(record.policy.number),
        jurisdiction=_kept(record.policy.jurisdiction),
        titles={edition.language: _kept(edition.title) for edition in record.editions},
        details=details,
    )


def _kept(text: str) -> str:
    return xml_text(text[:_LONGEST])
