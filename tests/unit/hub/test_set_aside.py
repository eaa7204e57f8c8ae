"""A record that cannot be written at the hub: it is left out, and the others are given."""

from bri.content.v1 import content_pb2
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bri_exchange.mirroring import read_changes, read_everything
from bri_exchange.source import Selection
from bri_hub import service
from bri_hub.announcing import Announcements
from bri_hub.exchange import shelf
from bri_hub.exchange.mirroring import HubLog
from bri_hub.exchange.shelving import Shelving
from bri_hub.tables import Entry
from bri_kit import database
from tests.support.centres import Centre, a_record
from tests.unit.hub.hub import Hub


def _published(hub: Hub, sco: Centre, count: int = 3) -> list[str]:
    ids = [sco.record_id() for _ in range(count)]
    for each in ids:
        hub.take(sco.publish(a_record(each)))
    return ids


def _spoil(hub: Hub, record_id: str) -> None:
    """What is stored of a record is what nobody can read."""
    with database.writing(hub.engine) as session:
        row = session.exec(select(Entry).where(Entry.record_id == record_id)).one()
        row.envelope = b"\xff" * 40


def _changes(session: Session) -> tuple[list[str], int, str | None]:
    first = read_changes(HubLog(session), "", 0, 2)
    found = [each["id"] for each in first["items"]]
    second = read_changes(HubLog(session), first["epoch"], first["after"], 2)
    return found + [each["id"] for each in second["items"]], second["after"], second["cursor"]


def test_changes_and_dumps_go_on_after_what_cannot_be_read(hub: Hub, sco: Centre) -> None:
    """It counts as told: a mirror that asks again goes on after it."""
    first, second, third = _published(hub, sco)
    _spoil(hub, second)
    with capture_logs():
        assert hub.ask(_changes) == ([first, third], 3, None)
        lines = hub.ask(lambda session: list(read_everything(HubLog(session)).lines))
    assert [third.encode() in line for line, _ in lines] == [False, True]


def test_the_list_of_records_lacks_it_alone(hub: Hub, sco: Centre) -> None:
    """In the public API."""
    first, second, third = _published(hub, sco)
    _spoil(hub, second)
    with capture_logs() as logged:
        page = hub.ask(
            lambda session: service.list_records(session, centres=(), kinds=(), cursor="", limit=10)
        )
    assert [each["id"] for each in page["items"]] == [third, first]
    assert [each["record"] for each in logged] == [second]


def test_harvests_go_on_after_what_cannot_be_read(hub: Hub, sco: Centre) -> None:
    """It has its place, before and after it was placed, so that tokens are right."""
    first, second, third = _published(hub, sco)
    _spoil(hub, second)
    with capture_logs():
        assert Shelving(hub.engine, Announcements()).place()
        _spoil(hub, third)
        page = hub.ask(lambda session: shelf.read_page(session, Selection()))
    assert [(each.record_id, each.is_deleted, each.is_unreadable) for each in page.items] == [
        (first, False, False),
        (second, True, False),
        (third, False, True),
    ]
    assert page.position == 3


def test_a_kind_and_countries_that_are_none_stop_no_placing(hub: Hub, sco: Centre) -> None:
    """An older version may have taken in what today's check refuses."""
    _published(hub, sco, 1)
    record = a_record(sco.record_id())
    record.kind = content_pb2.KIND_UNSPECIFIED
    record.countries.extend(["KZ", "K Z", "\x00"])
    hub.take(sco.publish(a_record(record.id)))
    envelope = sco.publish(record)
    with database.writing(hub.engine) as session:
        session.exec(select(Entry).where(Entry.record_id == record.id)).one().envelope = envelope
    with capture_logs():
        assert Shelving(hub.engine, Announcements()).place()
        items = hub.ask(lambda session: shelf.read_page(session, Selection())).items
    assert items[1].sets == ["centre:sco", "kind:news", "country:KZ"]
