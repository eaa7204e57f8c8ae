"""What makes a record valid, field by field."""

from collections.abc import Callable

import pytest
from bri.content.v1 import content_pb2

from bri_kit import content
from tests.support.centres import a_record

LANGUAGES = ("zh", "en", "ru")
Change = Callable[[content_pb2.Record], object]


def faults(record: content_pb2.Record) -> list[str]:
    return [error.field for error in content.check(record, LANGUAGES)]


def test_a_complete_record_has_no_faults() -> None:
    """A record with everything in order is valid, whichever of the centre's languages it has."""
    assert not faults(a_record("sco:1", zh="固体废物", en="Solid waste", ru="Отходы"))


def _set(path: str, value: object) -> Change:
    def change(record: content_pb2.Record) -> None:
        *way, name = path.split(".")
        target: object = record
        for step in way:
            target = getattr(target, step)
        setattr(target, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: r.ClearField("editions"), "editions"),
        (_set("original_language", "ru"), "editions.ru"),
        (lambda r: r.editions.add().CopyFrom(r.editions[0]), "editions"),
        (lambda r: setattr(r.editions[0], "title", " \u3000\t"), "editions.en.title"),
        (lambda r: setattr(r.editions[0], "title", "t" * 1_001), "editions.en.title"),
        (lambda r: setattr(r.editions[0], "summary", "s" * 5_001), "editions.en.summary"),
        (lambda r: setattr(r.editions[0], "title", "a\x00b"), "editions.en.title"),
        (lambda r: setattr(r.editions[0], "summary", "long " * 30 + "\x1b"), "editions.en.summary"),
        (lambda r: setattr(r.editions[0], "body", "<p> &nbsp; </p>"), "editions.en.body"),
        (lambda r: setattr(r.editions[0], "body", "固" * 700_000), "editions.en.body"),
        (lambda r: setattr(r.editions[0], "language", "fr"), "editions.fr"),
        (lambda r: setattr(r.editions[0], "origin", 0), "editions.en.origin"),
        (lambda r: r.countries.append("XX"), "countries.1"),
        (lambda r: r.countries.append("KZ"), "countries"),
        (lambda r: r.topics.append("nonsense"), "topics.1"),
        (lambda r: r.topics.extend(["x"] * 300), "topics"),
        (_set("kind", 0), "kind"),
        (_set("dates.event", "2019-02-30"), "dates.event"),
        (_set("dates.original", "8.1.2019"), "dates.original"),
        (_set("source.url", "javascript:alert(1)"), "source.url"),
        (_set("source.url", "http://[broken"), "source.url"),
        (_set("policy.status", "in-force"), "policy"),
    ],
)
def test_each_fault_names_its_field(change: Change, field: str) -> None:
    """Breaking one rule is told with the field that broke it."""
    record = a_record("sco:1")
    change(record)
    assert field in faults(record)


@pytest.mark.parametrize(
    ("name", "value"),
    [("jurisdiction", "XX"), ("instrument", "poem"), ("status", "maybe"), ("adopted", "1998")],
)
def test_a_policy_is_checked(name: str, value: str) -> None:
    """A policy's own fields are checked where the kind is policy."""
    record = a_record("sco:1")
    record.kind = content_pb2.KIND_POLICY
    setattr(record.policy, name, value)
    assert faults(record) == [f"policy.{name}"]


def test_json_has_the_public_shape() -> None:
    """The API's form of a record is that of the contract, and leaves out what is not known."""
    record = a_record("sco:01JD4XG2Q70000000000000000", zh="固体废物", ru="Отходы")
    document = content.to_json(record, "published")
    assert document["centre"] == "sco"
    assert document["editions"]["ru"] == {
        "title": "Отходы",
        "summary": "",
        "body": "<p>Отходы</p>",
        "origin": "human",
        "stale": False,
    }
    assert document["dates"] == {"original": "2019-01-08", "published": "2026-11-22T08:00:00.000Z"}
    assert "policy" not in document


def test_the_display_date_prefers_the_source() -> None:
    """Readers know a record by the date of its source, then of the event, then of the centre."""
    record = a_record("sco:1")
    record.dates.event = "2018-12-20"
    assert content.display_date(record) == "2019-01-08"
    record.dates.original = ""
    assert content.display_date(record) == "2018-12-20"
    record.dates.event = ""
    assert content.display_date(record) == "2026-11-22"
