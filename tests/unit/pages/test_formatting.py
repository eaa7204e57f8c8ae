"""Dates, names and headings as readers of a language know them."""

import pytest

from bri_pages import formatting
from bri_pages.differences import compare


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "8 January 2019", "22 Nov 2026, 08:05 UTC"),
        ("ru", "8 января 2019\u202fг.", "22 нояб. 2026\u202fг., 08:05 UTC"),
        ("zh", "2019年1月8日", "2026年11月22日 08:05 UTC"),
    ],
)
def test_days_and_times_are_written_out(language: str, day: str, moment: str) -> None:
    """To the minute, in UTC."""
    assert formatting.format_date("2019-01-08", language) == day
    assert formatting.format_time("2026-11-22T16:05:59+08:00", language) == moment


@pytest.mark.parametrize(("language", "word"), [("en", "date unknown"), ("zh", "日期未知")])
@pytest.mark.parametrize(
    "text", ["yesterday", "", "2026-02-30", "9" * 1_000_000, "2026-13-01T00:00:00Z", "\x00"]
)
def test_what_is_no_date_is_said_to_be_unknown(text: str, language: str, word: str) -> None:
    """It comes from what a centre signed, so it may be anything; it is never guessed."""
    assert formatting.format_date(text, language) == word
    assert formatting.format_time(text, language) == word
    assert formatting.format_ago(text, language) == word


@pytest.mark.parametrize(
    "text", ["2026-11-30", "2026-11-30T08:00:00", "0001-01-01T00:00:00+14:00", "0001-01-01"]
)
@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_a_time_of_which_only_the_day_is_known_is_its_day(text: str, language: str) -> None:
    """One without an offset, and one that is before the first year once it is in UTC."""
    day = formatting.format_date(text, language)
    assert str(int(text[:4])) in day
    assert formatting.format_time(text, language) == day
    assert formatting.format_ago(text, language) == day


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999-00:00"])
@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_the_first_and_the_last_time_are_written_out(text: str, language: str) -> None:
    """There is no year beyond them."""
    assert "UTC" in formatting.format_time(text, language)
    assert formatting.format_ago(text, language) == formatting.format_date(text, language)


def test_chinese_headings_break_between_words() -> None:
    """Never within one, nor beside a single character or a mark; other languages have spaces."""
    told = formatting.phrased("上海合作组织环境信息共享平台", "zh")
    assert told.split("<wbr>") == ["上海", "合作", "组织", "环境", "信息", "共享", "平台"]
    assert "<wbr>，" not in formatting.phrased("环境信息，共享平台", "zh")
    assert formatting.phrased("a <b> 环境信息", "en") == "a &lt;b&gt; 环境信息"
    assert formatting.phrased("<script>环境信息", "zh").startswith("&lt;script&gt;")


def test_chinese_names_stand_in_the_order_of_their_sound() -> None:
    """As in a Chinese list of countries, and by letters elsewhere."""
    countries = ["中国", "俄罗斯", "哈萨克斯坦", "越南", "白俄罗斯", "泰国"]
    sounding = sorted(countries, key=lambda name: formatting.name_order(name, "zh"))
    assert sounding == ["白俄罗斯", "俄罗斯", "哈萨克斯坦", "泰国", "越南", "中国"]
    assert sorted(["Вьетнам", "Беларусь"], key=lambda name: formatting.name_order(name, "ru")) == [
        "Беларусь",
        "Вьетнам",
    ]


def test_a_figure_in_chinese_is_the_only_change() -> None:
    """Characters beside it, which no space separates from it, are the same."""
    pieces = compare("2020年共种植梭梭3万公顷", "2020年共种植梭梭5万公顷")
    changed = [(piece.change, piece.text) for piece in pieces if piece.change != "same"]
    assert changed == [("removed", "3"), ("added", "5")]
