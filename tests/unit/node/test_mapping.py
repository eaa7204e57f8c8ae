"""From what editors send to records."""

from typing import Any

import pytest
from bri.content.v1 import content_pb2
from pydantic import ValidationError

from bri_kit import content
from bri_kit.errors import InvalidInput
from bri_node import mapping
from bri_node.inputs import RecordInput

LANGUAGES = ("zh", "en", "ru")


def sent(**changes: Any) -> RecordInput:
    document = {
        "kind": "news",
        "original_language": "zh",
        "editions": {
            "zh": {"title": "固体废物", "body": "<p>正文</p>"},
            "ru": {"title": "Отходы", "body": "<p>текст</p>"},
        },
    }
    return RecordInput.model_validate(document | changes)


def editions(record: content_pb2.Record) -> dict[str, content_pb2.Edition]:
    return {edition.language: edition for edition in record.editions}


def test_origins_are_told_by_the_original_language_where_none_is_sent() -> None:
    record = mapping.to_record(sent())
    assert editions(record)["zh"].origin == content_pb2.ORIGIN_ORIGINAL
    assert editions(record)["ru"].origin == content_pb2.ORIGIN_HUMAN


def test_editions_are_ordered_so_that_the_same_record_is_the_same_bytes() -> None:
    other = sent(editions=dict(reversed(sent().model_dump()["editions"].items())))
    assert mapping.to_record(other) == mapping.to_record(sent())


def test_titles_are_single_lines_and_bodies_are_safe() -> None:
    record = mapping.to_record(
        sent(editions={"zh": {"title": " 固体\n 废物 ", "body": "<p>a<script>b</script></p>"}})
    )
    [edition] = record.editions
    assert (edition.title, edition.body) == ("固体 废物", "<p>a</p>")


def test_an_editions_format_goes_before_the_records() -> None:
    record = mapping.to_record(
        sent(
            format="markdown",
            editions={
                "zh": {"title": "a", "body": "**b**"},
                "en": {"title": "a", "body": "<i>**c**</i>", "format": "html"},
            },
        )
    )
    assert editions(record)["zh"].body == "<p><strong>b</strong></p>\n"
    assert editions(record)["en"].body == "<i>**c**</i>"


def test_what_the_node_sets_may_be_sent_back_and_is_not_looked_at() -> None:
    again = sent(id="x", centre="y", revision=7, state="retracted", dates={"published": "never"})
    assert mapping.to_record(again) == mapping.to_record(sent(dates={}))


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\x7f", "\ufffe", "\ud800"])
def test_characters_that_no_feed_could_carry_are_refused(character: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        sent(editions={"zh": {"title": f"a{character}", "body": "b"}})
    assert refusal.value.errors()[0]["loc"] == ("editions", "zh", "title")


def old_record() -> content_pb2.Record:
    record = mapping.to_record(sent())
    record.id, record.revision, record.dates.published = "sco:1", 1, "2026-11-22T08:00:00.000Z"
    return record


def merged(new: RecordInput, old: content_pb2.Record) -> content_pb2.Record:
    return mapping.merge(mapping.to_record(new), old, mapping.removed_languages(new))


def test_an_edition_that_is_not_sent_turns_stale_with_a_changed_original() -> None:
    new = merged(sent(editions={"zh": {"title": "新", "body": "<p>正文</p>"}}), old_record())
    assert editions(new)["ru"].title == "Отходы"
    assert {each.language: each.stale for each in new.editions} == {"zh": False, "ru": True}
    assert (new.id, new.dates.published) == ("sco:1", "2026-11-22T08:00:00.000Z")


def test_an_edition_that_is_not_sent_stays_as_it_was_with_the_original() -> None:
    same = sent(editions={"zh": {"title": "固体废物", "body": "<p>正文</p>"}}, countries=["KZ"])
    new = merged(same, old_record())
    assert list(new.editions) == list(old_record().editions)
    assert new.countries == ["KZ"]


def test_a_stale_edition_is_fresh_once_it_is_sent_and_stays_stale_until_then() -> None:
    stale = merged(sent(editions={"zh": {"title": "新", "body": "<p>正文</p>"}}), old_record())
    still = merged(sent(editions={"zh": {"title": "新", "body": "<p>正文</p>"}}), stale)
    fresh = merged(sent(editions={"ru": {"title": "Новое", "body": "<p>т</p>"}}), still)
    assert editions(still)["ru"].stale
    assert not editions(fresh)["ru"].stale
    assert editions(fresh)["zh"].title == "新"


def test_an_edition_sent_as_null_is_removed() -> None:
    new = merged(sent(editions={"ru": None}), old_record())
    assert set(editions(new)) == {"zh"}


def test_a_new_original_language_makes_the_old_original_a_translation() -> None:
    new = merged(sent(original_language="ru", editions={}), old_record())
    origins = {each.language: content.ORIGIN_NAMES[each.origin] for each in new.editions}
    assert origins == {"ru": "original", "zh": "human"}
    assert {each.language: each.stale for each in new.editions} == {"ru": False, "zh": True}
    assert not content.check(new, LANGUAGES)


def test_editions_that_are_too_large_together_are_refused_before_they_are_signed() -> None:
    body = "<p>" + "x" * (content.MAX_BODY_BYTES - 100) + "</p>"
    languages = ("zh", "en", "ru", "vi")
    record = mapping.to_record(
        sent(editions={each: {"title": "a", "body": body} for each in languages})
    )
    with pytest.raises(InvalidInput) as refusal:
        mapping.check(record, languages)
    assert [error.field for error in refusal.value.errors] == ["editions"]
