"""A story is one card: found, counted and shown once, whoever of its members matched."""

from collections.abc import Callable

import pytest

from bri_retrieval.engine import Change, Engine, Hit, Query, Version
from tests.contract.engines.conftest import Shelf, a_record

ZH = a_record(
    1, centre="asean", date="2020-03-02", countries=("CN",), zh=("固体废物", "固体废物管理办法")
)
EN = a_record(
    2, centre="sco", date="2020-03-01", countries=("KZ",), en=("Solid waste", "Managing waste")
)
RU = a_record(3, centre="kz-x", date="2019-01-01", kind="case", ru=("Отходы", "Твёрдые отходы"))
OTHER = a_record(4, centre="sco", en=("Waste water", "Treating water"))


@pytest.fixture
def story(shelf: Shelf) -> Shelf:
    """Three records on one card, and one beside them."""
    shelf.put(ZH, EN, RU, OTHER)
    _bind(shelf, [ZH.id, EN.id, RU.id])
    return shelf


def _bind(shelf: Shelf, *stories: list[str]) -> None:
    shelf.engine.bind(stories)
    shelf.engine.commit()


def _card(shelf: Shelf, record_id: str) -> tuple[str, ...]:
    return shelf.engine.cards([record_id])[record_id].ids


def _only(shelf: Shelf, text: str, language: str = "en", **filters: object) -> Hit:
    (hit,) = shelf.ask(text, language, **filters).hits
    return hit


def test_a_story_is_one_card(story: Shelf) -> None:
    """It is counted once, though all its records can be found."""
    assert story.ask().total == 2
    assert story.engine.count() == 4
    assert story.ask("waste").total == 2
    assert _card(story, RU.id) == tuple(sorted((ZH.id, EN.id, RU.id)))


@pytest.mark.parametrize(
    ("language", "shown"), [("en", EN.id), ("zh", ZH.id), ("ru", RU.id), ("zh-Hant", ZH.id)]
)
def test_the_readers_language_decides_who_is_shown(story: Shelf, language: str, shown: str) -> None:
    """Asked in any language, the card shows the record that speaks the reader's."""
    for text in ("固体废物", "отходы", "solid waste"):
        hit = story.ask(text, language).hits[0]
        assert (hit.id, hit.language) == (shown, language.partition("-")[0])
        assert sorted(hit.story) == sorted({ZH.id, EN.id, RU.id} - {shown})


def test_a_card_tells_all_its_versions(story: Shelf) -> None:
    """Languages, countries and other records of the story, with titles for the reader."""
    hit = _only(story, "固体废物", "ru")
    assert sorted(hit.editions) == ["en", "ru", "zh"]
    assert sorted(hit.countries) == ["CN", "KZ"]
    assert Version(EN.id, "sco", ["en"], "Solid waste", "2020-03-01") in hit.versions
    assert [version.id for version in hit.versions] == list(hit.story)


def test_facets_count_the_story_once_for_each_value(story: Shelf) -> None:
    """Each value that any of its records has, and none of them twice."""
    facets = story.ask().facets
    assert facets["centre"] == {"sco": 2, "asean": 1, "kz-x": 1}
    assert facets["year"] == {"2020": 2, "2019": 1}
    assert facets["edition"] == {"en": 2, "ru": 1, "zh": 1}


def test_a_filter_shows_the_record_that_passes_it(story: Shelf) -> None:
    """Who asks for one centre sees what that centre wrote, in its language."""
    assert _only(story, "", centres=("asean",)).id == ZH.id
    assert _only(story, "", kinds=("case",)).id == RU.id
    assert _only(story, "", until="2019-12-31").id == RU.id
    assert _only(story, "отходы", editions=("zh",)).id == ZH.id


def test_of_two_editions_in_a_language_the_better_is_shown(shelf: Shelf) -> None:
    """Both are searched; the one with more of the question's words is shown."""
    one = a_record(1, centre="sco", en=("Glaciers melt", "Ice in the Pamirs"))
    two = a_record(2, centre="asean", en=("Glaciers shrink", "Ice in the Tian Shan"))
    shelf.put(one, two)
    _bind(shelf, [one.id, two.id])
    assert _only(shelf, "glaciers Pamirs").id == one.id
    assert _only(shelf, "glaciers shrink").id == two.id


def test_a_revision_stays_on_its_card(story: Shelf) -> None:
    """New words are found on the same card, old ones no more."""
    story.put(a_record(2, centre="sco", en=("Incineration", "Burning it")))
    assert story.titles("managing") == []
    assert sorted(_only(story, "incineration").story) == sorted([ZH.id, RU.id])


def test_who_is_withdrawn_leaves_the_others(story: Shelf) -> None:
    """The card goes on without the record, and is gone with the last one."""
    story.remove(EN)
    assert (story.engine.count(), story.ask().total) == (3, 2)
    assert list(_only(story, "固体废物", "zh").story) == [RU.id]
    story.remove(ZH)
    story.remove(RU)
    assert story.titles() == ["Waste water"]


def test_changes_of_a_story_in_one_batch(story: Shelf) -> None:
    """Two revisions and a withdrawal before a commit, of records on one card."""
    new_zh = a_record(1, centre="asean", zh=("废水", "废水处理"))
    new_en = a_record(2, centre="sco", en=("Sewage", "Sewage works"))
    changes = [Change(11, ZH.id, new_zh), Change(12, EN.id, new_en), Change(13, RU.id, None)]
    story.engine.apply(changes)
    story.engine.commit()
    assert _card(story, ZH.id) == tuple(sorted((ZH.id, EN.id)))
    hit = _only(story, '"sewage works"')
    assert (hit.id, list(hit.story)) == (EN.id, [ZH.id])
    assert story.engine.count() == 3


def test_binding_anew_moves_and_leaves(story: Shelf) -> None:
    """A record that a better match took leaves the others on theirs."""
    _bind(story, [EN.id, OTHER.id])
    assert _card(story, EN.id) == tuple(sorted((EN.id, OTHER.id)))
    assert _card(story, ZH.id) == tuple(sorted((ZH.id, RU.id)))
    assert (story.engine.count(), story.ask().total) == (4, 2)


def test_unbinding_leaves_each_alone(story: Shelf) -> None:
    """Stories of one record are records by themselves."""
    _bind(story, [ZH.id], [EN.id], [RU.id])
    assert story.ask().total == 4
    assert not any(hit.story or hit.versions for hit in story.ask().hits)


def test_binding_what_is_not_committed(shelf: Shelf) -> None:
    """Records that were just applied are bound too, and unknown ones are left out."""
    shelf.engine.apply([Change(1, ZH.id, ZH), Change(2, EN.id, EN)])
    _bind(shelf, [ZH.id, EN.id, "sco:unknown"])
    assert _card(shelf, ZH.id) == tuple(sorted((ZH.id, EN.id)))
    assert shelf.engine.cards(["sco:unknown"]) == {}


def test_stories_survive_a_restart(open_engine: Callable[[], Engine]) -> None:
    """What was bound and committed is bound when the engine is opened again."""
    shelf = Shelf(open_engine())
    shelf.put(ZH, EN)
    _bind(shelf, [ZH.id, EN.id])
    shelf.engine.close()
    engine = open_engine()
    assert engine.search(Query()).total == 1
    assert engine.count() == 2


def test_decisions_are_kept_with_a_record(shelf: Shelf) -> None:
    """What editors decided comes with the change and stays with the record."""
    shelf.engine.apply([Change(1, ZH.id, ZH, joined=[EN.id], parted=[RU.id])])
    shelf.engine.commit()
    (member,) = shelf.engine.cards([ZH.id])[ZH.id].members
    assert (list(member.joined), list(member.parted)) == ([EN.id], [RU.id])
