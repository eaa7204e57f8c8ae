"""The hub's change log as `bri_exchange` walks it for mirrors: all centres' records, by the numbers
of their changes, which belong to the epochs of the hub's lives."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from bri_exchange.mirroring import HIDDEN, PUBLISHED, RETRACTED, UNREADABLE, Change, ChangeLog
from bri_hub.domain import RecordState
from bri_hub.mapping import record_json, revision_of, tombstone
from bri_hub.repository import changelog, epochs
from bri_hub.repository.mirroring import Standing, walk
from bri_kit import database
from bri_kit.set_aside import Revision, write_each


@dataclass(frozen=True, slots=True)
class HubLog:
    """The log as one session sees it."""

    session: Session

    def head(self) -> int:
        """The newest change's number."""
        return changelog.head(self.session)

    def epoch_at(self, _number: int) -> str:
        """The epoch that lasts."""
        return epochs.current(self.session)

    def holds(self, epoch: str, number: int) -> bool:
        """Whether everything up to `number` is still what it was."""
        return epochs.holds(self.session, epoch, number)

    def walk(self, after: int, limit: int | None = None) -> Generator[Change, None, None]:
        """The newest change of each record beyond `after`."""
        with closing(walk(self.session, after, limit)) as found:
            yield from write_each("changes", found, _change, _revision_of, _unreadable)


def opening(engine: Engine) -> Callable[[], AbstractContextManager[ChangeLog]]:
    """What opens the log of a hub's database, in one state of it."""

    @contextmanager
    def open_log() -> Iterator[HubLog]:
        with database.reading(engine) as session:
            yield HubLog(session)

    return open_log


def _change(standing: Standing) -> Change:
    holding = standing.holding
    record, size = holding.record, len(holding.entry.envelope)
    if not standing.is_shown:
        return Change(record.change, record.id, record.centre, HIDDEN, size=size)
    if record.state == RecordState.RETRACTED:
        gone = tombstone(holding)
        return Change(record.change, record.id, record.centre, RETRACTED, tombstone=gone, size=size)
    shown = record_json(holding)
    return Change(record.change, record.id, record.centre, PUBLISHED, record=shown, size=size)


def _revision_of(standing: Standing) -> Revision:
    return revision_of(standing.holding)


def _unreadable(standing: Standing) -> Change:
    record, size = standing.holding.record, len(standing.holding.entry.envelope)
    return Change(record.change, record.id, record.centre, UNREADABLE, size=size)
