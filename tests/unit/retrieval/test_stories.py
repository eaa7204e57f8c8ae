"""What tells the same, and what only looks so: figures, names, facts, links and groups."""

from itertools import combinations, permutations

import pytest

from bri_retrieval.stories import linking
from bri_retrieval.stories.facts import contradict, evidence, likeness_in_length, read_facts
from bri_retrieval.stories.figures import figures
from bri_retrieval.stories.grouping import group, pair
from bri_retrieval.stories.linking import Choice, Link, choose, could_share_a_story, link
from bri_retrieval.stories.member import MOST_MEMBERS, Member
from bri_retrieval.stories.names import names
from tests.support.tellings import APART, TOLD, Telling


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("35 000 тонн, 1,2 млн", ["35", "12"]),
        ("35,000 t and 1.2 million", ["35", "12"]),
        ("3.5万吨，120万", ["35", "12"]),
        ("In 2018 and 2020", ["2018", "2020"]),
        ("GB 18485-2014", ["18485", "2014"]),
        ("5 105 768 км", ["5105768"]),
        ("３６ and ๒๕", ["36", "25"]),
        ("#17, 5 and 0, 100", []),
        ("", []),
    ],
)
def test_figures_are_the_same_in_all_languages(text: str, found: list[str]) -> None:
    """Separators and words for powers of ten do not matter, years stay; one digit is no figure."""
    assert figures(text) == found


def test_figures_of_endless_text_are_bounded() -> None:
    """A table of numbers does not become a megabyte of figures."""
    assert len(figures(" ".join(str(number) for number in range(10_000, 90_000)))) == 120


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("met Tokayev there", "встретил Токаева там"),
        ("the city of Bishkek", "город Бишкек"),
        ("near Karakol today", "около Каракола сегодня"),
    ],
)
def test_names_are_alike_in_latin_and_cyrillic(one: str, other: str) -> None:
    """A name's consonants are the same; endings are cut off."""
    assert set(names(one)) & set(names(other))


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    """It is capitalised anyway."""
    assert names("Waste is burnt. Plants burn it.") == []
    assert names("使用Tesla公司的设备") == ["tsl"]


@pytest.mark.parametrize("told", TOLD)
def test_translations_do_not_contradict_each_other(told: tuple[Telling, ...]) -> None:
    """Nothing that a translation changes is taken for a contradiction, and there is evidence."""
    facts = [read_facts(telling.member(1)) for telling in told]
    for one, other in combinations(facts, 2):
        assert not contradict(one, other)
        assert evidence(one, other) >= 1
        assert likeness_in_length(one, other) >= linking.LENGTH


@pytest.mark.parametrize("case", APART)
def test_what_only_looks_the_same_contradicts(case: str) -> None:
    """Numbers, dates, countries, amendments and kinds keep records apart, from either side."""
    one, other = (read_facts(telling.member(1)) for telling in APART[case])
    assert contradict(one, other)
    assert contradict(other, one)


def test_one_centre_in_one_language_means_two_things() -> None:
    """The centre knew of both records when it wrote the second."""
    telling = Telling("en", "Waste", "Waste is burnt.")
    mine, theirs, yours = (telling.member(n, centre) for n, centre in enumerate(("a", "a", "b")))
    assert contradict(read_facts(mine), read_facts(theirs))
    assert not contradict(read_facts(mine), read_facts(yours))


def _choosing(near: list[tuple[str, float]], contradicting: str = "") -> Choice | None:
    def facts(name: str):  # type: ignore[no-untyped-def]
        country = ("UZ",) if name == contradicting else ("KZ",)
        return read_facts(Telling("ru", "Отходы", "Отходы.", countries=country).member(1))

    own = read_facts(Telling("en", "Waste", "Waste.", countries=("KZ",)).member(2))
    return choose(own, near, facts)


def test_the_most_alike_is_chosen_with_its_margin() -> None:
    """The margin is above the mean of the next four, of which missing ones count nothing."""
    near = [("a", 0.7), ("b", 0.4), ("c", 0.2)]
    assert _choosing(near) == Choice("a", 0.7, 0.7 - (0.4 + 0.2) / 4)
    assert _choosing([]) is None


def test_what_contradicts_is_passed_over_and_narrows_the_margin() -> None:
    """It is not chosen, however alike, but shows that likeness is easily had here."""
    chosen = _choosing([("a", 0.7), ("b", 0.6)], contradicting="a")
    assert chosen == Choice("b", 0.6, 0.6 - 0.7 / 4)


def test_little_evidence_needs_more_likeness() -> None:
    """What shared figures confirm is linked at a likeness at which nothing else is."""
    zh, en, _ = (read_facts(telling.member(1)) for telling in TOLD[0])
    bare = read_facts(Telling("en", "Another", "A text without any figures.", "policy").member(1))
    choice = Choice("x", 0.38, 0.24)
    assert link(zh, en, choice, choice, same_language=False) == Link(0.24, firm=True)
    assert link(zh, bare, choice, choice, same_language=False) is None
    assert link(zh, en, choice, choice, same_language=True) is None
    less = Choice("x", 0.31, 0.1)
    assert link(zh, en, less, less, same_language=False) is None


def test_one_story_needs_one_text_in_each_language() -> None:
    """Two records with unlike editions in one language are two stories, whoever links them."""
    one, other = (read_facts(TOLD[1][1].member(n, centre)) for n, centre in enumerate("ab"))
    assert could_share_a_story(one, other, {("en", "en"): 0.9})
    assert not could_share_a_story(one, other, {("en", "en"): 0.5, ("en", "zh"): 0.9})
    assert not could_share_a_story(one, other, {("en", "zh"): 0.2})


def _all_share(_one: str, _other: str) -> bool:
    return True


def test_links_make_stories_whatever_their_order() -> None:
    """The strongest link counts first; the order in which things are told does not matter."""
    margins = {pair("a", "b"): 0.5, pair("b", "c"): 0.4, pair("c", "d"): 0.3}
    links = {each: Link(margin, firm=True) for each, margin in margins.items()}
    apart = {pair("a", "c"), pair("b", "c")}

    def could_share(one: str, other: str) -> bool:
        return pair(one, other) not in apart

    results = {
        tuple(map(tuple, map(sorted, group(records, dict(order), (), (), could_share))))
        for order in permutations(links.items())
        for records in permutations("abcd")
    }
    assert results == {(("a", "b"), ("c", "d"))}


def test_two_links_do_what_neither_does_alone() -> None:
    """A record that two of a story chose, neither firmly, joins it; one that one chose does not."""
    loose = Link(0.2, firm=False)
    links = {pair("a", "b"): Link(0.5, firm=True), pair("a", "c"): loose, pair("b", "d"): loose}
    assert len(group("abcd", links, (), (), _all_share)) == 3
    stories = group("abcd", links | {pair("b", "c"): loose}, (), (), _all_share)
    assert [sorted(story) for story in stories] == [["a", "b", "c"], ["d"]]


def test_decisions_win_over_what_is_found() -> None:
    """What is parted stays apart though linked; what is joined is together though nothing links."""
    links = {pair("a", "b"): Link(0.9, firm=True)}
    stories = group("abc", links, [pair("b", "c")], [pair("a", "b")], _all_share)
    assert [sorted(story) for story in stories] == [["a"], ["b", "c"]]


def test_parting_wins_where_decisions_cannot_all_hold() -> None:
    """Joined through a third and parted directly: the third stays with one of them."""
    joined, parted = [pair("a", "b"), pair("b", "c")], [pair("a", "c")]
    stories = group("abc", {}, joined, parted, _all_share)
    assert [sorted(story) for story in stories] == [["a", "b"], ["c"]]


def test_a_story_does_not_grow_without_end() -> None:
    """Its size is bounded; who comes later stands alone or with others."""
    names = [f"r{number:03d}" for number in range(MOST_MEMBERS + 5)]
    links = {pair("r000", name): Link(0.5, firm=True) for name in names[1:]}
    stories = group(names, links, (), (), _all_share)
    assert max(map(len, stories)) == MOST_MEMBERS


def test_a_member_is_stored_and_read_again() -> None:
    """Everything that is shown and asked of a record survives."""
    member = TOLD[0][0].member(7)
    assert Member.load(member.dump()) == member
