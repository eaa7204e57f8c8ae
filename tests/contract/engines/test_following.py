"""What those who follow ask: what changed last, and which records have what many questions ask."""

from collections.abc import Iterable

from bri.content.v1 import content_pb2

from bri_retrieval.engine import Change
from tests.contract.engines.conftest import Shelf, a_record

LAST = "2026-11-22T08:00:00.000Z"


def published_at(shelf: Shelf, *told: tuple[int, str, content_pb2.Record]) -> None:
    """Publish records under the numbers of their changes, each at its time."""
    shelf.engine.apply([Change(number, each.id, each, at=at) for number, at, each in told])
    shelf.engine.commit()


def test_what_changed_last_is_first_however_long_ago_it_happened(shelf: Shelf) -> None:
    """By the time at which the newest revision was published, whatever a record's own date is, and
    whichever change the hub counted first; what has no time is last."""
    published_at(
        shelf,
        (1, "2026-11-20T08:00:00.000Z", a_record(1, en="Waste one", date="2026-11-20")),
        (2, LAST, a_record(2, en="Waste of long ago", date="1999-01-01")),
        (3, "2026-11-21T08:00:00+08:00", a_record(3, en="Waste three", date="2020-01-01")),
        (4, "", a_record(4, en="Waste without a time", date="2026-11-22")),
    )
    expected = ["Waste of long ago", "Waste three", "Waste one", "Waste without a time"]
    assert shelf.titles(sort="changed") == expected
    assert shelf.titles("waste", sort="changed") == expected
    assert shelf.titles(sort="changed", offset=1, limit=2) == expected[1:3]


def test_of_one_moment_the_last_change_is_first(shelf: Shelf) -> None:
    """Records that were published together are in the order of their changes, the last first."""
    published_at(shelf, *((n, LAST, a_record(n, en=f"Waste {n}")) for n in (1, 2, 3)))
    assert shelf.titles(sort="changed") == ["Waste 3", "Waste 2", "Waste 1"]


def test_a_time_that_is_none_or_far_away_breaks_nothing(shelf: Shelf) -> None:
    """A centre may say anything; what it says to be later than all is first, and nothing fails."""
    times = ("yesterday", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", LAST)
    published_at(shelf, *((n, at, a_record(n, en=f"W{n}")) for n, at in enumerate(times, 1)))
    assert shelf.titles(sort="changed")[:2] == ["W2", "W4"]
    assert shelf.ask(sort="changed").total == 4


def test_a_hit_tells_when_it_was_published_and_revised(shelf: Shelf) -> None:
    """First by the record itself, last by the entry that published the revision."""
    record = a_record(1, en="Waste")
    record.dates.published = "2026-11-01T08:00:00.000Z"
    published_at(shelf, (1, LAST, record))
    (hit,) = shelf.ask("waste").hits
    assert (hit.published, hit.changed) == ("2026-11-01T08:00:00.000Z", LAST)


def numbers(found: Iterable[str]) -> set[int]:
    return {int(name.partition(":")[2]) for name in found}


def test_records_are_asked_many_questions(shelf: Shelf) -> None:
    """A record has to have everything; other languages' names of a thing count; what is not in
    the index, or was not asked about, matches nothing; nothing is guessed or loosened."""
    zh = a_record(1, zh=("固体废物管理", "乌鲁木齐的固体废物处理设施"))
    en = a_record(2, en=("Solid waste in Almaty", "The city builds landfills."))
    other = a_record(3, ru=("Твёрдые отходы", "Полигоны в Бишкеке"))
    shelf.put(zh, en, other)
    asked = {
        "отходы": {1, 2},
        "solid waste almaty": {2},
        '"solid waste"': {2},
        "landfill": {2},
        "固体废物": {1, 2},
        "solid waste tashkent": set(),
        "almat": set(),
        "полигон": set(),
        "": set(),
        "?!": set(),
    }
    found = shelf.engine.percolate([zh.id, en.id, "sco:unknown"], list(asked))
    assert dict(zip(asked, map(numbers, found), strict=True)) == asked


def test_a_record_is_asked_for_itself_and_not_for_its_story(shelf: Shelf) -> None:
    """Of two records on one card each has only what it says."""
    one, two = a_record(1, en=("Dam", "Rivers")), a_record(2, en=("Dam", "Forests"))
    shelf.put(one, two)
    shelf.engine.bind([[one.id, two.id]])
    shelf.engine.commit()
    (found,) = shelf.engine.percolate([one.id, two.id], ["forests"])
    assert numbers(found) == {2}
