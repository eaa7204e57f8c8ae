"""Snippets: the best passage, whole words, nothing but marks."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bri_retrieval import question, snippet
from bri_retrieval.marking import Marker, Match


def marked(text: str, asked: str, language: str = "en") -> str:
    return snippet.extract(text, Marker(question.read(asked), language).find(text))


def test_a_short_text_is_shown_whole() -> None:
    """Without ellipses, spaces and lines tidied."""
    assert marked("Solid\n waste  here", "waste") == "Solid <mark>waste</mark> here"


def test_different_terms_are_worth_more_than_many_matches() -> None:
    """The passage that has both words is shown, not the one that repeats one."""
    far = "Nothing of interest is said here. " * 12
    text = f"Waste, waste, waste. {far} Metals from waste. {far}"
    assert "<mark>Metals</mark> from <mark>waste</mark>." in marked(text, "waste metals")


def test_a_passage_begins_at_a_sentence() -> None:
    """Where one begins near; and stops where one ends."""
    text = "Unrelated words go on and on here. " * 20 + "Then waste came. " + "Then it went. " * 20
    shown = marked(text, "waste")
    assert shown.startswith("… Unrelated")
    assert "<mark>waste</mark> came." in shown
    assert shown.endswith("went. …")


def test_without_sentences_words_stay_whole() -> None:
    """Cuts are between words."""
    text = "alpha beta gamma " * 50 + "waste " + "delta epsilon " * 50
    shown = re.sub("<.*?>|… | …", "", marked(text, "waste"))
    assert set(shown.split()) <= {"alpha", "beta", "gamma", "waste", "delta", "epsilon"}
    assert len(shown) <= snippet.LENGTH


def test_parts_of_words_are_not_marked() -> None:
    """`art` is not in `smart`, nor 5 in 55; characters of a Chinese word are."""
    assert marked("smart art 55 5", "art 5") == "smart <mark>art</mark> 55 <mark>5</mark>"
    assert marked("GB 118485-2014, 18485-2014", "18485-2014").startswith("GB 118485-2014, <mark>")
    assert marked("中国科学院", "科学", "zh") == "中国<mark>科学</mark>院"


def test_marks_that_touch_are_one() -> None:
    """Chinese words side by side; overlapping matches."""
    assert marked("推进生态城市建设。", "生态 城市建设", "zh") == "推进<mark>生态城市建设</mark>。"


def test_a_term_at_the_end_is_not_cut_off() -> None:
    """A match longer than the passage is shown whole."""
    text = "x" * 300 + " " + "y" * 250
    assert f"<mark>{'y' * 250}</mark>" in snippet.extract(text, [Match(301, 551, 0)])


@given(
    st.text(alphabet="ab <>&\"'.。废物\n", max_size=600), st.sampled_from(["a", "ab b", "废物 a"])
)
def test_marks_are_the_only_tags(text: str, asked: str) -> None:
    """Whatever the text; marks are paired, and what is shown is in the text."""
    shown = marked(text, asked)
    bare = re.sub("</?mark>", "", shown)
    assert "<" not in bare
    assert ">" not in bare
    assert shown.count("<mark>") == shown.count("</mark>")
    assert len(re.sub(r"&\w+;|&#x27;", "x", bare)) <= snippet.LENGTH + 4
