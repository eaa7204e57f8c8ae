"""What is shown of a record that was found."""

import re

from tests.contract.engines.conftest import Shelf, a_record

LONG = " ".join(f"Sentence number {n} tells about something else entirely." for n in range(60))


def test_the_readers_edition_is_shown(shelf: Shelf) -> None:
    """Title, snippet and language are of the edition in the reader's language."""
    shelf.put(a_record(1, zh=("固体废物", "固体废物管理"), en=("Solid waste", "Managing waste")))
    (hit,) = shelf.ask("固体废物", "en").hits
    assert (hit.language, hit.title, hit.snippet) == ("en", "Solid waste", "Managing waste")


def test_without_one_the_edition_that_matched_is_shown(shelf: Shelf) -> None:
    """A reader of English who asks in Russian sees the Russian edition."""
    shelf.put(a_record(1, zh="固体废物", ru=("Отходы", "Твёрдые отходы")))
    (hit,) = shelf.ask("отходы", "en").hits
    assert (hit.language, hit.snippet) == ("ru", "Твёрдые <mark>отходы</mark>")


def test_without_a_question_the_original_is_shown(shelf: Shelf) -> None:
    """In a list nothing matched; what was written first is shown."""
    shelf.put(a_record(1, zh="固体废物", ru="Отходы"))
    (hit,) = shelf.ask("", "en").hits
    assert hit.language == "zh"


def test_a_hit_has_all_that_a_card_shows(shelf: Shelf) -> None:
    """Identifier, centre, kind, date, countries, topics and editions."""
    record = a_record(
        5, centre="asean", kind="case", date="2019-01-08", countries=("KH", "CN"),
        topics=("solid-waste",), en="Case", zh="案例",
    )  # fmt: skip
    shelf.put(record)
    (hit,) = shelf.ask("case").hits
    assert (hit.id, hit.centre, hit.kind, hit.date) == (record.id, "asean", "case", "2019-01-08")
    assert (list(hit.countries), list(hit.topics)) == (["KH", "CN"], ["solid-waste"])
    assert sorted(hit.editions) == ["en", "zh"]
    assert hit.score > 0


def test_the_snippet_is_from_the_right_place(shelf: Shelf) -> None:
    """The passage around the match, cut at a sentence, at most 200 characters."""
    shelf.put(a_record(1, en=("Report", f"{LONG} Cambodia recycles aluminium now. {LONG}")))
    snippet = shelf.snippet("recycled aluminium Cambodia")
    marked = "<mark>Cambodia</mark> <mark>recycles</mark> <mark>aluminium</mark> now."
    assert marked in snippet
    assert snippet.startswith("… Sentence")
    assert snippet.endswith("entirely. …")
    assert len(re.sub("<.*?>", "", snippet)) <= 204


def test_chinese_snippets_are_shorter_and_marked_whole(shelf: Shelf) -> None:
    """About 100 characters; words that touch are one mark; Traditional marks Simplified."""
    filler = "会议讨论了其他许多与此无关的事项。" * 30
    shelf.put(a_record(1, zh=("报告", f"{filler}各国共同推进生态城市建设。{filler}")))
    snippet = shelf.snippet("生態城市建設", "zh")
    assert "各国共同推进<mark>生态城市建设</mark>。" in snippet
    assert len(re.sub("<.*?>", "", snippet)) <= 104


def test_snippets_are_escaped(shelf: Shelf) -> None:
    """What looked like markup to an author is text; `<mark>` is the only tag."""
    shelf.put(a_record(1, en=("T", "if a &lt; b &amp; waste &gt; 0 then &lt;mark&gt; &quot;")))
    assert shelf.snippet("waste") == (
        "if a &lt; b &amp; <mark>waste</mark> &gt; 0 then &lt;mark&gt; &quot;"
    )


def test_all_forms_of_a_word_are_marked(shelf: Shelf) -> None:
    """Those of the same stem, in the editions' own spelling."""
    shelf.put(a_record(1, en=("T", "A policy, and Policies."), ru=("Т", "Отходов много, ОТХОДЫ.")))
    assert shelf.snippet("policies", "en") == "A <mark>policy</mark>, and <mark>Policies</mark>."
    assert shelf.snippet("отход", "ru") == "<mark>Отходов</mark> много, <mark>ОТХОДЫ</mark>."


def test_numbers_are_marked_as_they_are_written(shelf: Shelf) -> None:
    """In whichever spelling, and not as a part of another number."""
    shelf.put(a_record(1, zh=("标准", "执行GB18485—2014，而非GB 18485-20145，PM₂.₅限值")))
    assert "GB<mark>18485—2014</mark>，" in shelf.snippet("18485-2014", "zh")
    assert "<mark>PM₂.₅</mark>限值" in shelf.snippet("PM2.5", "zh")


def test_a_misspelt_word_is_marked_as_it_should_be(shelf: Shelf) -> None:
    """The reader sees what was meant."""
    shelf.put(a_record(1, en=("T", "Environmental recycling.")))
    assert shelf.snippet("recyling") == "Environmental <mark>recycling</mark>."


def test_the_summary_is_shown_where_only_it_matched(shelf: Shelf) -> None:
    """And where neither it nor the body did, without marks."""
    shelf.put(a_record(1, en=("Title", "About glaciers.", "Long body.")))
    assert shelf.snippet("glacier") == "About <mark>glaciers</mark>."
    assert shelf.snippet("title") == "About glaciers."


def test_other_scripts_are_marked(shelf: Shelf) -> None:
    """Where no spaces are written, the characters asked for."""
    shelf.put(a_record(1, th=("ขยะ", "การจัดการขยะมูลฝอยชุมชน"), vi=("T", "Luật chất thải rắn")))
    assert shelf.snippet("ขยะ", "th") == "การจัดการ<mark>ขยะ</mark>มูลฝอยชุมชน"
    assert shelf.snippet("thai", "vi") == "Luật chất <mark>thải</mark> rắn"
