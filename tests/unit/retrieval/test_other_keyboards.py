"""What was typed on another keyboard: pinyin, romanised Russian, the layout left switched over."""

import pytest

from bri_retrieval import pinyin, romanised


@pytest.mark.parametrize(
    ("word", "sound", "initials"),
    [("固体废物", "gutifeiwu", "gtfw"), ("重庆", "chongqing", "zq"), ("绿色", "lvse", "ls")],
)
def test_chinese_words_have_sounds_and_initials(word: str, sound: str, initials: str) -> None:
    """Toneless; characters with several sounds have the likeliest two."""
    assert sound in pinyin.sounds(word)
    assert pinyin.initials(word) == initials


@pytest.mark.parametrize("word", ["waste", "отходы", "", "废waste", "🗑"])
def test_other_words_have_no_sound(word: str) -> None:
    """Only Chinese is typed by sound."""
    assert not any(pinyin.sounds(word))
    assert pinyin.initials(word) == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tverdye", "твердые"),
        ("othody", "отходы"),
        ("otkhody", "отходы"),
        ("otxody", "отходы"),
        ("vozdukh", "воздух"),
        ("ekologiya", "экология"),
        ("ekologija", "экология"),
        ("obshchestvo", "общество"),
        ("predpriyatiye", "предприятие"),
        ("chorny", "черный"),
        ("chernyj", "черный"),
        ("bol'shoy", "большой"),
        ("raion", "район"),
        ("musor", "мусор"),
    ],
)
def test_romanised_words_are_understood(typed: str, meant: str) -> None:
    """In the common romanisations, mixed as people mix them."""
    assert meant in romanised.spellings(typed)


@pytest.mark.parametrize("typed", ["", "отходы", "x1", "a" * 60, "yyyyyyyyyyyyyyyyyyyy"])
def test_spellings_are_bounded(typed: str) -> None:
    """Whatever is typed; what is no romanised word has none."""
    assert len(romanised.spellings(typed)) <= romanised.MOST_SPELLINGS


@pytest.mark.parametrize(("typed", "meant"), [("jn[jls", "отходы"), ("цфыеу", "waste")])
def test_keys_are_those_of_the_other_layout(typed: str, meant: str) -> None:
    """Both ways."""
    assert romanised.switched(typed) == meant


def test_letters_of_document_numbers_have_another_script() -> None:
    """Both ways."""
    assert romanised.document_numbers("89-fz") == "89-фз"
    assert romanised.document_numbers("89-фз") == "89-fz"
