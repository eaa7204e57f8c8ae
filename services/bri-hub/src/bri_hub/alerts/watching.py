"""Follows the hub's own change log, and keeps what those who follow searches have to be told.

Rules:
- the cursor moves in the transaction that keeps the events, so nothing is lost and nothing is told
  twice, whenever the process ends;
- filters are decided here; words are asked of the search service, for the records that the filters
  let through alone, many texts in one question. Where search is away, or has not come as far as
  the changes, the cursor waits;
- a change that nobody can read or judge is set aside, and the cursor passes it;
- a batch has a largest size, and where search does not answer in time it is asked less at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import structlog
from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from sqlalchemy import Engine

from bri_hub import measures
from bri_hub.alerts import store
from bri_hub.alerts.cases import Cases, Line, read_line
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.repository.changelog import read_changes
from bri_hub.searching import SearchClient
from bri_kit import database
from bri_kit.errors import BriError
from bri_kit.set_aside import Revision, write_each
from bri_pages.matching import Sieve
from bri_pages.wishes import question_of
from bri_retrieval.engine import MOST_PERCOLATED, MOST_TEXTS

SAFETY_SECONDS = 5.0
"""How long it waits for news before it looks anyway."""

_FEWEST_TEXTS = 10
_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Look:
    """Changes that are to be matched, and the searches: what each asks, and since when. `upto` is
    the number of the last change, 0 where there is none; those that nobody can read are no lines.
    """

    lines: Sequence[Line]
    asked: Mapping[str, str]
    since: Mapping[str, str]
    upto: int = 0


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
            except Exception:
                # Such as a database that is away: it is tried again, as long as the hub runs.
                logger.exception("alerts.failed", again_in_seconds=pause)
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
        if not look.upto:
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
            changes = read_changes(session, store.position(session)).changes[:MOST_PERCOLATED]
            upto = changes[-1].number if changes else 0
            lines = list(write_each("alerts", changes, read_line, _revision_of))
            return Look(lines, asked, since, upto)

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
            matches = await self._percolate(ids, some, look.upto)
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
            events = list(Cases(session, since, passing).events(look.lines))
            store.add_events(session, events)
            store.move(session, look.upto)
            return len(events)


def _revision_of(change: log_pb2.Change) -> Revision:
    return Revision(change.record_id, change.number)


def _sieve(asked: Mapping[str, str], records: Sequence[content_pb2.Record]) -> dict[str, Set[str]]:
    sieve = Sieve(records)
    found = ((search_id, sieve.passing(question_of(text))) for search_id, text in asked.items())
    return {search_id: ids for search_id, ids in found if ids}
