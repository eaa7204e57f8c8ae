"""Where harvesters find records: placed by following the hub's change log."""

import pytest
import time_machine

from bri_exchange.source import Item, Page, PositionLost, Selection
from bri_hub import administration
from bri_hub.announcing import Announcements
from bri_hub.exchange import shelf, shelving
from bri_hub.exchange.shelving import Shelving
from bri_hub.exchange.tables import ExchangeItem, ExchangeSet
from bri_hub.repository import epochs
from bri_kit import database
from tests.support.centres import Centre, a_record
from tests.unit.hub.hub import Hub

MORNING, NOON = "2026-11-22T08:00:00.000Z", "2026-11-22T12:00:00.000Z"


def place(hub: Hub) -> None:
    """Place everything that there is."""
    shelves = Shelving(hub.engine, Announcements())
    while shelves.place():
        pass
    assert hub.ask(shelving.is_complete)


def page(hub: Hub, wanted: Selection | None = None) -> Page:
    return hub.ask(lambda session: shelf.read_page(session, wanted or Selection()))


def found(hub: Hub, **wanted: object) -> list[str]:
    return [each.record_id for each in page(hub, Selection(**wanted)).items]  # type: ignore[arg-type]


def item(hub: Hub, record_id: str) -> Item:
    item = hub.ask(lambda session: shelf.read_item(session, record_id))
    assert item is not None
    return item


def test_a_record_is_in_its_sets(hub: Hub, sco: Centre) -> None:
    """Of its centre, its kind and its countries; those of all values hold it too."""
    record = a_record(sco.record_id())
    record.countries[:] = ["KZ", "CN"]
    hub.take(sco.publish(record))
    place(hub)
    assert item(hub, record.id).sets == ["centre:sco", "kind:news", "country:KZ", "country:CN"]
    for each in ("", "centre", "kind", "country", "centre:sco", "kind:news", "country:CN"):
        assert found(hub, set=each) == [record.id], each
    for each in ("centre:asean", "kind:policy", "country:RU", "nothing"):
        assert found(hub, set=each) == [], each
    assert hub.ask(shelf.list_countries) == ["CN", "KZ"]


def test_a_record_that_changes_moves(hub: Hub, sco: Centre) -> None:
    """To the end, and out of the sets that it is in no more; nothing is left at its old place."""
    one, two = a_record(sco.record_id()), a_record(sco.record_id())
    hub.take(sco.publish(one), sco.publish(two))
    place(hub)
    one.revision = 2
    one.countries[:] = ["RU"]
    hub.take(sco.publish(one))
    place(hub)
    assert found(hub) == [two.id, one.id]
    assert found(hub, set="country:KZ") == [two.id]
    assert found(hub, set="country:RU") == [one.id]
    assert hub.count(ExchangeItem) == 2
    assert hub.count(ExchangeSet) == 8


def test_a_withdrawn_record_stays_in_its_sets(hub: Hub, sco: Centre) -> None:
    """Also where it was withdrawn before anybody looked: its entries tell what it was about."""
    one, two = a_record(sco.record_id()), a_record(sco.record_id())
    hub.take(sco.publish(one), sco.publish(two))
    place(hub)
    late = a_record(sco.record_id())
    hub.take(sco.retract(one.id), sco.publish(late), sco.retract(late.id))
    place(hub)
    assert found(hub, set="country:KZ") == [two.id, one.id, late.id]
    gone = item(hub, late.id)
    assert (gone.is_deleted, gone.document) == (True, None)


def test_a_time_is_when_the_hub_applied_it(hub: Hub, sco: Centre) -> None:
    """Whatever the entry itself says; and both bounds belong to it."""
    with time_machine.travel(MORNING, tick=False):
        one = a_record(sco.record_id())
        hub.take(sco.publish(one))
    with time_machine.travel(NOON, tick=False):
        two = a_record(sco.record_id())
        hub.take(sco.publish(two))
    place(hub)
    assert item(hub, one.id).at == MORNING
    assert found(hub, since=NOON) == found(hub, since=NOON, until=NOON) == [two.id]
    assert found(hub, until=MORNING) == [one.id]
    assert found(hub, since="2026-11-22T12:00:00.001Z") == []
    assert hub.ask(shelf.earliest) == MORNING


def test_what_is_hidden_with_its_centre_is_told_as_gone(hub: Hub, sco: Centre) -> None:
    """At the time when it was hidden, and is back when it is shown again."""
    record = a_record(sco.record_id())
    with time_machine.travel(MORNING, tick=False):
        hub.take(sco.publish(record))
        place(hub)
    with time_machine.travel(NOON, tick=False):
        hub.decide(lambda session, why: administration.set_state(session, why, "limit"))
        place(hub)
        assert item(hub, record.id).is_deleted
        assert found(hub, since=NOON) == [record.id]
    hub.decide(lambda session, why: administration.set_state(session, why, "resume"))
    place(hub)
    shown = item(hub, record.id)
    assert not shown.is_deleted
    assert shown.document is not None
    assert shown.document["id"] == record.id


def test_pages_go_on_where_the_last_one_ended(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and by size, in one life of the change log and no other."""
    records = [a_record(sco.record_id()) for _ in range(7)]
    hub.take(*map(sco.publish, records))
    place(hub)
    with database.writing(hub.engine) as session:
        epochs.begin(session)
    first = page(hub, Selection(limit=3))
    assert (len(first.items), first.has_more) == (3, True)
    monkeypatch.setattr(shelf, "MAX_BYTES", 1)
    second = page(hub, Selection(limit=3, after=first.position, epoch=first.epoch))
    assert (len(second.items), second.has_more) == (1, True)
    monkeypatch.undo()
    last = page(hub, Selection(after=second.position, epoch=second.epoch))
    assert (len(last.items), last.has_more) == (3, False)
    ids = [each.record_id for each in (*first.items, *second.items, *last.items)]
    assert ids == [each.id for each in records]
    with pytest.raises(PositionLost):
        page(hub, Selection(after=second.position, epoch="another"))


def test_a_list_is_counted_where_that_is_asked_for(hub: Hub, sco: Centre) -> None:
    """Everything, a set, a time, from the beginning wherever the page begins; a list that is whole
    in one page is not."""
    with time_machine.travel(MORNING, tick=False):
        hub.take(*(sco.publish() for _ in range(3)))
    with time_machine.travel(NOON, tick=False):
        record = a_record(sco.record_id())
        record.countries[:] = ["CN"]
        hub.take(sco.publish(record), sco.publish())
    place(hub)

    def total(**wanted: object) -> int | None:
        return page(hub, Selection(limit=1, counted=True, **wanted)).total  # type: ignore[arg-type]

    assert (total(), total(after=1)) == (5, 5)
    assert (total(set="kind:news"), total(set="kind")) == (5, 5)
    assert total(set="country:CN") is None
    assert (total(since=NOON), total(until=MORNING)) == (2, 3)
    assert total(set="country:KZ", since=NOON) is None
    assert total(set="country:KZ", until=NOON) == 4
    assert page(hub, Selection(limit=1)).total is None


def test_headers_cost_no_documents(hub: Hub, sco: Centre) -> None:
    """Where only they are asked for, nothing is read but they."""
    hub.take(sco.publish())
    place(hub)
    (header,) = page(hub, Selection(whole=False)).items
    assert header.document is None
    assert not header.is_deleted


def test_two_that_place_at_once_place_it_once(hub: Hub, sco: Centre) -> None:
    """Whoever comes second finds that it is done."""
    hub.take(*(sco.publish() for _ in range(3)))
    one, other = (Shelving(hub.engine, Announcements()) for _ in range(2))
    assert one.place()
    assert not other.place()
    assert hub.count(ExchangeItem) == 3


def test_what_there_is_by_centre_and_kind(hub: Hub, sco: Centre) -> None:
    """Published records alone."""
    hub.take(sco.publish(), sco.publish())
    record = a_record(sco.record_id())
    hub.take(sco.publish(record), sco.retract(record.id))
    (holding,) = hub.ask(shelf.list_holdings)
    assert (holding.centre, holding.kind, holding.records) == ("sco", "news", 2)
