"""What is told of a change, and what of several changes is one item."""

from typing import Any

import pytest
from bri.content.v1 import content_pb2

from bri_hub.alerts.comparing import MOST_DIFFERENCES, differences, law_number
from bri_hub.alerts.digesting import collapse
from bri_hub.alerts.judging import Case, Kind, Law, Revision, judge_retraction, judge_revision
from bri_hub.alerts.tables import AlertEvent
from bri_pages.telling import say_difference
from tests.support.centres import a_record

EARLY, LATE = "2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"
ID, OTHER = "sco:00000000000000000000000001", "sco:00000000000000000000000002"


def case(passes: bool = True, since: str = EARLY, **more: object) -> Case:
    revision = Revision(a_record(ID, 2, en="Waste"), entry=5, received_at=LATE)
    return Case("s", since, revision, passes, **more)  # type: ignore[arg-type]


def told(kind: str = Kind.NEW, entry: int = 1, record_id: str = ID, **titles: str) -> AlertEvent:
    return AlertEvent(
        search_id="s", record_id=record_id, kind=kind, entry=entry, revision=1, at=EARLY,
        titles=titles or {"en": "Waste"}, details=[],
    )  # fmt: skip


def kind_of(event: AlertEvent | None) -> str:
    return event.kind if event else ""


def test_what_matches_for_the_first_time_is_new() -> None:
    """What does not, and what was there before anybody followed, is not told."""
    assert kind_of(judge_revision(case(), LATE)) == Kind.NEW
    assert judge_revision(case(passes=False), LATE) is None
    assert judge_revision(case(since="2026-11-03T00:00:00.000Z"), LATE) is None


def test_what_was_told_is_told_as_revised_and_once() -> None:
    """Whether it still matches or not; the same entry again is nothing."""
    before = a_record(ID, 1, en="Rubbish")
    event = judge_revision(case(passes=False, told=told(), told_content=before), LATE)
    assert event is not None
    assert (event.kind, event.details) == (Kind.REVISED, [["text", "en"]])
    assert judge_revision(case(told=told(entry=5), told_content=before), LATE) is None


def test_what_was_withdrawn_is_told_once_and_may_come_back() -> None:
    """A second withdrawal is nothing; a publication after it is new again."""
    values = {"entry": 6, "revision": 1, "reason": "wrong", "at": LATE}
    gone = judge_retraction(told(), **values)  # type: ignore[arg-type]
    assert gone is not None
    assert (gone.kind, gone.titles, gone.details) == (
        Kind.RETRACTED, {"en": "Waste"}, [["reason", "wrong"]],
    )  # fmt: skip
    assert judge_retraction(told(Kind.RETRACTED), **values) is None  # type: ignore[arg-type]
    again = judge_revision(case(told=told(Kind.RETRACTED)), LATE)
    assert again is not None
    assert (again.kind, again.details) == (Kind.NEW, [["again"]])


@pytest.mark.parametrize(
    ("law", "amended"),
    [
        (Law(OTHER, "RU", {"en": "Law"}), True),
        (Law(OTHER, "", {}), True),
        (Law(OTHER, "KZ", {}), False),
        (Law(ID, "RU", {}), False),
    ],
)
def test_an_amendment_is_of_the_same_jurisdiction_and_of_another(law: Law, amended: bool) -> None:
    """Another state's law of the same number is not meant, and nothing amends itself."""
    record = a_record(ID, 1, en="Act")
    record.policy.CopyFrom(content_pb2.Policy(jurisdiction="RU", amends=["89-FZ"]))
    revision = Revision(record, 5, LATE)
    found = judge_revision(Case("s", EARLY, revision, False, laws={"89fz": [law]}), LATE)
    assert kind_of(found) == (Kind.AMENDED if amended else "")


def test_an_amendment_that_was_told_is_not_told_again() -> None:
    """When the amending law is revised, only what it says newly of others counts."""
    record = a_record(ID, 1, en="Act")
    record.policy.amends.append("89-FZ")
    revised = Revision(record, 5, LATE)
    laws = {"89fz": [Law(OTHER, "", {})]}
    again = Case("s", EARLY, revised, False, told(Kind.AMENDED), record, laws)
    assert kind_of(judge_revision(again, LATE)) == Kind.REVISED


@pytest.mark.parametrize("text", ["89-ФЗ", "№ 89-ФЗ", "No. 89-FZ", "89 – fz", "Law No 89-FZ"])
def test_a_laws_number_is_one_however_it_is_written(text: str) -> None:
    """In either script, with or without what stands before it."""
    assert law_number(text) == "89fz"


def test_numbers_without_anything_to_compare_are_none() -> None:
    """Blanks and signs are no number; Chinese numbers keep their characters."""
    assert law_number(" – ") == law_number("") == ""
    assert law_number("国务院令第736号") == law_number("国务院令 第 736 号")


def test_differences_are_told_in_a_line_in_every_language() -> None:
    """Each code has words, and there are never more than fit."""
    before, after = a_record(ID, 1, en="A", zh="一"), a_record(ID, 2, en="B", ru="Б")
    before.policy.status, after.policy.status = "in-force", "repealed"
    after.countries.append("CN")
    after.topics.append("water")
    after.dates.event = "2020-01-01"
    after.source.name = "Agency"
    found = differences(before, after)
    codes = ["status", "added", "dropped", "text", "countries", "topics", "dates", "source"]
    assert [each[0] for each in found] == codes
    assert len(found) <= MOST_DIFFERENCES
    others: list[list[Any]] = [
        ["again"],
        ["reason", "wrong"],
        ["amended-by", ID, {"en": "Law"}],
        ["repealed-by", ID, {}],
    ]
    for language in ("zh", "en", "ru"):
        assert all(say_difference(each, language) for each in [*found, *others])
    assert say_difference(["unknown", 1], "en") == ""
    assert say_difference(found[0], "ru") != say_difference(found[0], "en")
    assert differences(after, after) == []


def test_what_happened_to_one_record_is_one_item() -> None:
    """New and revised is new; what was withdrawn is that alone; the last change orders."""
    events = [
        told(Kind.NEW, record_id=ID), told(Kind.NEW, record_id=OTHER),
        told(Kind.REVISED, record_id=ID, en="Waste, corrected"),
    ]  # fmt: skip
    items = collapse(events)
    assert [(each.record_id, each.kind) for each in items] == [(OTHER, "new"), (ID, "new")]
    assert items[1].titles == {"en": "Waste, corrected"}
    (gone,) = collapse([told(Kind.NEW), told(Kind.RETRACTED)])
    assert gone.kind == "retracted"
    (amended,) = collapse([told(Kind.AMENDED), told(Kind.REVISED)])
    assert amended.kind == "amended"
