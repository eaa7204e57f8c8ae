"""Events that everybody was told go after a while; what the next change is judged by stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from bri_hub.alerts import store, sweeping
from bri_hub.alerts.store import Pair
from bri_hub.alerts.subscriptions import ACTIVE, SUSPENDED
from bri_hub.alerts.tables import AlertEvent, AlertSearch, AlertSubscription
from bri_hub.tables import open_database
from bri_kit import database

TODAY = datetime(2026, 11, 22, tzinfo=UTC)
OLD, NEW = "2026-10-01T00:00:00.000Z", "2026-11-22T08:00:00.000Z"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path)
    yield opened
    opened.dispose()


def an_event(record: str, at: str = OLD, kind: str = "revised") -> AlertEvent:
    return AlertEvent(
        search_id="s",
        record_id=record,
        kind=kind,
        entry=1,
        revision=1,
        at=at,
        titles={},
        details=[],
    )


def a_follower(name: str, cursor: int, state: str = ACTIVE) -> AlertSubscription:
    return AlertSubscription(
        id=name, search_id="s", channel="mail", target=name, language="en", rhythm="daily",
        state=state, created_at=OLD, due_at=OLD, cursor=cursor,
    )  # fmt: skip


def keep(engine: Engine, events: list[AlertEvent], *followers: AlertSubscription) -> None:
    with database.writing(engine) as session:
        session.add(AlertSearch(id="s", asked="", created_at=OLD))
        session.add_all(followers)
        store.add_events(session, events)


def left(engine: Engine) -> list[int]:
    with database.reading(engine) as session:
        return list(session.exec(select(AlertEvent.number).order_by(col(AlertEvent.number))))


def test_what_everybody_was_told_goes(engine: Engine) -> None:
    """But for the last about each record, by which the next change is judged."""
    events = [an_event("a", kind="listed"), an_event("a"), an_event("b"), an_event("a")]
    keep(engine, events, a_follower("x", 4), a_follower("y", 4))
    assert sweeping.sweep(engine, TODAY) == 2
    assert left(engine) == [3, 4]
    assert sweeping.sweep(engine, TODAY) == 0
    with database.reading(engine) as session:
        told = store.told_about(session, ["a", "b"])
        numbers = {pair: event.number for pair, event in told.items()}
    assert numbers == {
        Pair("s", "a"): 4,
        Pair("s", "b"): 3,
    }


def test_what_somebody_was_not_told_stays(engine: Engine) -> None:
    """Whoever was given up on holds nothing back, whoever is only slow does."""
    events = [an_event("a"), an_event("a"), an_event("a")]
    keep(engine, events, a_follower("slow", 1), a_follower("gone", 0, SUSPENDED))
    assert sweeping.sweep(engine, TODAY) == 1
    assert left(engine) == [2, 3]


def test_what_is_recent_stays(engine: Engine) -> None:
    """For whoever looks into what was told."""
    keep(engine, [an_event("a", NEW), an_event("a", NEW)], a_follower("x", 2))
    assert sweeping.sweep(engine, TODAY) == 0


def test_more_than_one_sweep_takes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it goes, some at a time."""
    monkeypatch.setattr(sweeping, "_AT_ONCE", 3)
    keep(engine, [an_event("a") for _ in range(9)], a_follower("x", 9))
    assert sweeping.sweep(engine, TODAY) == 8
    assert left(engine) == [9]
