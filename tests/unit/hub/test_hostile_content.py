"""What an admitted centre signs is held to the same rules as what an editor sends."""

from datetime import UTC, datetime

import pytest
import time_machine
from bri.content.v1 import content_pb2
from sqlmodel import Session, select

from bri_hub import service, viewing
from bri_hub.repository import shown_entries
from bri_hub.tables import ShownEntry, ShownRules
from bri_kit import bounds, content, database, entry_rules, html
from bri_kit.errors import Retracted
from bri_node import domain
from tests.support.centres import AT, Centre, a_record
from tests.unit.hub.hub import Hub

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def centre(sco: Centre) -> Centre:
    return sco


def _with(path: str, value: object, centre: Centre) -> content_pb2.Record:
    record = a_record(centre.record_id())
    if path.startswith("policy"):
        record.kind = content_pb2.KIND_POLICY
    target: object = record
    *parents, name = path.split(".")
    for parent in parents:
        target = target.editions[0] if parent == "editions" else getattr(target, parent)  # type: ignore[attr-defined]
    if isinstance(value, list):
        getattr(target, name).extend(value)
    else:
        setattr(target, name, value)
    return record


@time_machine.travel(NOW)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dates.event", "2926-01-01"),
        ("dates.event", "0999-12-31"),
        ("dates.original", "2029-01-01"),
        ("dates.published", "2026-11-30"),
        ("dates.published", "0001-01-01T00:00:00+14:00"),
        ("dates.published", "9" * 1_000_000),
        ("policy.adopted", "9999-12-31"),
        ("policy.in_force", "2029-01-01"),
        ("policy.number", "\x00"),
        ("policy.authority", "\ufffe"),
        ("policy.amends", ["\x1b"]),
        ("policy.repeals", ["a"] * 251),
        ("source.name", "\x0b"),
        ("source.name", "a" * 1_001),
        ("source.url", "https://a.example/" + "a" * 2_000),
        ("editions.body", "<div>" * 40_000 + "x"),
        ("editions.title", "\uffff"),
        ("editions.language", "x" * 1_000_000),
        ("countries", ["x" * 100_000]),
    ],
)
def test_a_value_beyond_its_bounds_is_rejected_with_its_field(
    hub: Hub, centre: Centre, path: str, value: object
) -> None:
    """The receipt names the field; it repeats no more of the value than a line."""
    outcome = hub.take(centre.publish(_with(path, value, centre)))
    [receipt] = outcome.receipts[0].receipts
    assert receipt.reason == "invalid-content"
    assert path.rpartition(".")[2] in receipt.detail or path.partition(".")[0] in receipt.detail
    assert len(receipt.detail) <= 2_000


@time_machine.travel(NOW)
@pytest.mark.parametrize("day", ["1000-01-01", "2028-12-31"])
def test_the_first_and_the_last_day_are_taken(hub: Hub, centre: Centre, day: str) -> None:
    """From the year 1000 to the end of the year after next."""
    outcome = hub.take(centre.publish(_with("dates.event", day, centre)))
    assert outcome.receipts[0].receipts[0].reason == ""


@pytest.mark.parametrize("reason", ["\x00\x0b", "a" * 6_000_000, "why\ufffe", ""])
@pytest.mark.parametrize("at", [AT, "2026-11-30", "0001-01-01T00:00+14:00", "9" * 1_000_000])
def test_no_reason_and_no_time_keep_a_record_from_going(
    hub: Hub, centre: Centre, reason: str, at: str
) -> None:
    """A retraction withdraws; what is shown of it is legible, bounded, and has a time."""
    record = a_record(centre.record_id())
    hub.take(centre.publish(record))
    centre.at = at
    outcome = hub.take(centre.retract(record.id, reason=reason))
    assert outcome.receipts[0].receipts[0].reason == ""
    with pytest.raises(Retracted) as gone:
        hub.ask(lambda session: service.read_record(session, record.id))
    shown = gone.value.members
    assert not content.has_control_character(shown["reason"])
    assert len(shown["reason"]) <= bounds.MAX_REASON
    assert bounds.read_time(shown["retracted_at"]) is not None
    assert bounds.read_time(hub.centre().head_at or "") is not None


@time_machine.travel(NOW)
@pytest.mark.parametrize(
    "at",
    [
        "2026-11-19T09:00:00Z",
        "2026-11-25T09:00:00.123Z",
        "2027-12-27T00:00:00Z",
        "1970-01-01T00:00:00Z",
    ],
)
def test_a_clock_that_is_wrong_loses_no_record(hub: Hub, centre: Centre, at: str) -> None:
    """Three days, a year, or since its battery died: the record is taken, and is not shown as from
    the future."""
    centre.at = at
    record = _with("dates.published", at, centre)
    assert hub.take(centre.publish(record)).receipts[0].receipts[0].reason == ""
    view = hub.ask(lambda session: viewing.read_view(session, record.id))
    assert view.revisions[0].at <= "2026-11-23"
    assert view.document["dates"]["published"] <= "2026-11-23"


def test_verdicts_are_the_same_when_a_log_is_taken_in_again(centre: Centre) -> None:
    """Dates are judged by the time that the entry was written at, not by when it is read."""
    entry = centre.publish(_with("dates.event", "2029-06-01", centre))
    for year in (2026, 2030):
        with time_machine.travel(datetime(year, 11, 23, tzinfo=UTC)):
            again = Hub()
            again.admit(centre)
            [receipt] = again.take(entry).receipts[0].receipts
            again.engine.dispose()
            assert receipt.reason == "invalid-content"


UNSAFE = '<p>\x01x</p><img src=x onerror="alert(1)">'


def test_what_is_unsafe_is_made_safe_once_and_kept(
    hub: Hub, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers get what was stored when the entry arrived; reading sanitises nothing."""
    record = _with("editions.body", UNSAFE, centre)
    safe = a_record(centre.record_id())
    hub.take(centre.publish(record), centre.publish(safe))
    assert hub.ask(lambda session: len(session.exec(select(ShownEntry)).all())) == 1
    monkeypatch.setattr(html, "sanitise", None)
    monkeypatch.setattr(html, "is_sanitised", None)
    document, _ = hub.ask(lambda session: service.read_record(session, record.id))
    language = record.editions[0].language
    assert document["editions"][language]["body"] == '<p>x</p><img src="x">'
    view = hub.ask(lambda session: viewing.read_view(session, record.id))
    shown = view.revisions[0].document
    assert shown is not None
    assert shown["editions"][language]["body"] == '<p>x</p><img src="x">'


def test_newer_rules_are_applied_to_what_is_there(
    hub: Hub, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was accepted before, by older rules or none, is looked at before the hub serves again,
    once for each version of the rules."""
    record = _with("editions.body", UNSAFE, centre)
    hub.take(centre.publish(record))
    with database.writing(hub.engine) as session:
        _forget(session)
    assert "onerror" in str(hub.ask(lambda session: service.read_record(session, record.id)))
    monkeypatch.setattr(shown_entries, "BATCH", 1)
    shown_entries.bring_up_to_date(hub.engine)
    assert "onerror" not in str(hub.ask(lambda session: service.read_record(session, record.id)))
    assert hub.ask(lambda session: session.get_one(ShownRules, html.RULES).is_done)
    monkeypatch.setattr(entry_rules, "shown", None)
    shown_entries.bring_up_to_date(hub.engine)


def _forget(session: Session) -> None:
    for row in session.exec(select(ShownEntry)):
        session.delete(row)


def test_the_reason_has_one_limit() -> None:
    """The domain imports nothing of the kit, and has the number once more."""
    assert domain.MAX_REASON == bounds.MAX_REASON
