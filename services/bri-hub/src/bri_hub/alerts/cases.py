"""Gathers by what each change is judged, search by search: what was told about it, what the record
was before, and which followed laws it touches."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.alerts import store
from bri_hub.alerts.comparing import touched_laws
from bri_hub.alerts.judging import Case, Law, Revision, judge_retraction, judge_revision
from bri_hub.alerts.tables import AlertEvent
from bri_hub.repository import catalogue
from bri_kit import bounds, content
from bri_kit.clock import timestamp
from bri_kit.set_aside import Revision as Version
from bri_kit.set_aside import write_each


@dataclass(frozen=True, slots=True)
class Line:
    """A change of the log: what its newest entry says."""

    number: int
    record_id: str
    hidden: bool
    entry: log_pb2.Entry

    @property
    def shown(self) -> content_pb2.Record | None:
        """The record as readers see it now, if they do."""
        shows = self.entry.HasField("published") and not self.hidden
        return self.entry.published if shows else None


def read_line(change: log_pb2.Change) -> Line:
    """A change of the log, read."""
    entry = log_pb2.Entry.FromString(change.entry.entry)
    return Line(change.number, change.record_id, change.hidden, entry)


def revision_of(line: Line) -> Version:
    """What a change is set aside by where nobody can be told of it."""
    return Version(line.record_id, line.number)


class Cases:
    """What is to be told of changes, in one transaction. `since` is when each search was first
    followed; `passing` are the records that each lets through."""

    def __init__(
        self, session: Session, since: Mapping[str, str], passing: Mapping[str, Set[str]]
    ) -> None:
        self._session = session
        self._since = since
        self._passing: dict[str, set[str]] = defaultdict(set)
        for search_id, record_ids in passing.items():
            for record_id in record_ids if search_id in since else ():
                self._passing[record_id].add(search_id)

    def events(self, lines: Sequence[Line]) -> Iterator[AlertEvent]:
        """The events of these changes."""
        at = timestamp()
        told = store.told_about(self._session, [line.record_id for line in lines])
        known: dict[str, dict[str, AlertEvent]] = defaultdict(dict)
        for pair, event in told.items():
            known[pair.record_id][pair.search_id] = event

        def judge(line: Line) -> list[AlertEvent]:
            return list(self._events(line, known[line.record_id], at))

        for events in write_each("alerts", lines, judge, revision_of):
            yield from events

    def _events(self, line: Line, told: Mapping[str, AlertEvent], at: str) -> Iterator[AlertEvent]:
        if line.entry.HasField("retracted"):
            yield from _retractions(line, told, at)
        elif line.shown is not None:
            yield from self._revisions(line, line.shown, told, at)

    def _revisions(
        self, line: Line, record: content_pb2.Record, told: Mapping[str, AlertEvent], at: str
    ) -> Iterator[AlertEvent]:
        numbers = touched_laws(record)
        laws = store.followed_laws(self._session, numbers) if numbers else {}
        concerned = {*self._passing[record.id], *told, *laws} & self._since.keys()
        revision = self._revision(line, record) if concerned else None
        if revision is None:
            return
        for search_id in sorted(concerned):
            case = self._case(search_id, revision, told.get(search_id), laws.get(search_id, {}))
            if event := judge_revision(case, at):
                yield event

    def _case(
        self,
        search_id: str,
        revision: Revision,
        told: AlertEvent | None,
        laws: Mapping[str, Mapping[str, Law]],
    ) -> Case:
        record = revision.record
        return Case(
            search_id,
            self._since[search_id],
            revision,
            passes=search_id in self._passing[record.id],
            told=told,
            told_content=self._content(record.id, told.entry) if told else None,
            laws={number: list(found.values()) for number, found in laws.items()},
        )

    def _revision(self, line: Line, record: content_pb2.Record) -> Revision | None:
        """The revision with the one before it; None where a newer one came in the meantime, which
        is a change of its own."""
        entries = catalogue.list_entries(self._session, record.id, 2)
        if not entries or entries[0].number != line.entry.number:
            return None
        before = self._content(record.id, entries[1].number) if len(entries) > 1 else None
        return Revision(record, line.entry.number, entries[0].received_at, before)

    def _content(self, record_id: str, number: int) -> content_pb2.Record | None:
        return store.published_content(self._session, content.centre_of(record_id), number)


def _retractions(line: Line, told: Mapping[str, AlertEvent], at: str) -> Iterator[AlertEvent]:
    withdrawn = line.entry.retracted
    for each in told.values():
        event = judge_retraction(
            each,
            entry=line.entry.number,
            revision=withdrawn.revision,
            reason=bounds.legible(withdrawn.reason, bounds.MAX_REASON),
            at=at,
        )
        if event:
            yield event
