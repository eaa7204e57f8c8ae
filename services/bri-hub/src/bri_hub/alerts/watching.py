"""Follows the hub's own change log, and keeps what those who follow searches have to be told.

Rules:
- the cursor moves in the transaction that keeps the events, so nothing is lost and nothing is told
  twice, whenever the process ends;
- filters are decided here; words are asked of the search service, for the records that the filters
  let through alone, many texts in one question. Where search is away, or has not come as far as
  the changes, the cursor waits;
- a batch has a largest size, and where search does not answer in time it is asked less at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import structlog
from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlalchemy import Engine
from sqlmodel import Session

from bri_hub import measures
from bri_hub.alerts import store
from bri_hub.alerts.comparing import touched_laws
from bri_hub.alerts.judging import Case, Law, Revision, judge_retraction, judge_revision
from bri_hub.alerts.matching import Sieve
from bri_hub.alerts.tables import AlertEvent
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.repository import catalogue
from bri_hub.repository.changelog import read_changes
from bri_hub.searching import SearchClient
from bri_kit import content, database
from bri_kit.clock import timestamp
from bri_kit.errors import BriError
from bri_pages.wishes import question_of
from bri_retrieval.engine import MOST_PERCOLATED, MOST_TEXTS

SAFETY_SECONDS = 5.0
"""How long it waits for news before it looks anyway."""

_FEWEST_TEXTS = 10
_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0

logger = structlog.get_logger()


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


@dataclass(frozen=True, slots=True)
class Look:
    """Changes that are to be matched, and the searches: what each asks, and since when."""

    lines: Sequence[Line]
    asked: Mapping[str, str]
    since: Mapping[str, str]


class Watch:
    """Matches changes with searches, for ever. `told` is announced when there is something to
    tell."""

    def __init__(
        self, engine: Engine, search: SearchClient, changes: Announcements, told: Announcements
    ) -> None:
        self._engine = engine
        self._search = search
        self._changes = changes
        self._told = told
        self._texts_at_once = MOST_TEXTS

    async def run(self) -> None:
        """Go on until cancelled."""
        pause = _PAUSE_SECONDS
        while True:
            news = self._changes.news()
            try:
                moved = await self.step()
                pause = _PAUSE_SECONDS
            except BriError as reason:
                logger.info("alerts.waiting", reason=reason.detail, again_in_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            else:
                if not moved:
                    await wait_for_news(news, SAFETY_SECONDS)

    async def step(self) -> bool:
        """Match the next changes; whether there were any.

        Raises:
            BriError: search does not answer; nothing is changed.
        """
        look = await asyncio.to_thread(self._look)
        if not look.lines:
            return False
        records = [record for line in look.lines if (record := line.shown) is not None]
        passing = await asyncio.to_thread(_sieve, look.asked, records)
        passing = await self._worded(look, passing)
        if events := await asyncio.to_thread(self._keep, look, passing):
            measures.ALERT_EVENTS.inc(events)
            self._told.announce()
        return True

    def _look(self) -> Look:
        with database.reading(self._engine) as session:
            searches = store.list_searches(session)
            asked = {search_id: asked for search_id, asked, _ in searches}
            since = {search_id: since for search_id, _, since in searches}
            if not searches:
                return Look((), asked, since)
            page = read_changes(session, store.position(session))
            return Look([_line(each) for each in page.changes[:MOST_PERCOLATED]], asked, since)

    async def _worded(self, look: Look, passing: Mapping[str, Set[str]]) -> dict[str, Set[str]]:
        """`passing`, of searches with words only what has them."""
        texts: dict[str, list[str]] = defaultdict(list)
        for search_id in passing:
            texts[question_of(look.asked[search_id]).text].append(search_id)
        found: dict[str, Set[str]] = {each: passing[each] for each in texts.pop("", [])}
        wanted = sorted(texts)
        ids = sorted({each for text in wanted for one in texts[text] for each in passing[one]})
        while wanted:
            some = wanted[: self._texts_at_once]
            matches = await self._percolate(ids, some, look.lines[-1].number)
            for text, matching in zip(some, matches, strict=True):
                found |= {each: passing[each] & matching for each in texts[text]}
            wanted = wanted[len(some) :]
        return found

    async def _percolate(
        self, ids: Sequence[str], texts: Sequence[str], change: int
    ) -> Sequence[Set[str]]:
        try:
            matches = await self._search.percolate(ids, texts, change)
        except BriError:
            self._texts_at_once = max(self._texts_at_once // 2, _FEWEST_TEXTS)
            raise
        self._texts_at_once = min(self._texts_at_once * 2, MOST_TEXTS)
        return matches

    def _keep(self, look: Look, passing: Mapping[str, Set[str]]) -> int:
        """Keep what is to be told with the cursor; how much that is."""
        with database.writing(self._engine) as session:
            # Who left in the meantime is told nothing: their search may be gone.
            since = {each: at for each, _, at in store.list_searches(session)}
            events = list(_Judgement(session, since, passing).of(look.lines))
            store.add_events(session, events)
            store.move(session, look.lines[-1].number)
            return len(events)


class _Judgement:
    """What is to be told of changes, in one transaction."""

    def __init__(
        self, session: Session, since: Mapping[str, str], passing: Mapping[str, Set[str]]
    ) -> None:
        self._session = session
        self._since = since
        self._passing: dict[str, set[str]] = defaultdict(set)
        for search_id, record_ids in passing.items():
            for record_id in record_ids if search_id in since else ():
                self._passing[record_id].add(search_id)

    def of(self, lines: Sequence[Line]) -> Iterator[AlertEvent]:
        """The events of these changes."""
        at = timestamp()
        told = store.told_about(self._session, [line.record_id for line in lines])
        for line in lines:
            mine = {pair.search_id: told[pair] for pair in told if pair.record_id == line.record_id}
            if line.entry.HasField("retracted"):
                yield from _retractions(line, mine, at)
            elif line.shown is not None:
                yield from self._revisions(line, line.shown, mine, at)

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


def _line(change: log_pb2.Change) -> Line:
    entry = log_pb2.Entry.FromString(change.entry.entry)
    return Line(change.number, change.record_id, change.hidden, entry)


def _sieve(asked: Mapping[str, str], records: Sequence[content_pb2.Record]) -> dict[str, Set[str]]:
    sieve = Sieve(records)
    found = ((search_id, sieve.passing(question_of(text))) for search_id, text in asked.items())
    return {search_id: ids for search_id, ids in found if ids}


def _retractions(line: Line, told: Mapping[str, AlertEvent], at: str) -> Iterator[AlertEvent]:
    withdrawn = line.entry.retracted
    for each in told.values():
        event = judge_retraction(
            each,
            entry=line.entry.number,
            revision=withdrawn.revision,
            reason=withdrawn.reason,
            at=at,
        )
        if event:
            yield event
