"""Analysis: what is indexed and what is asked become the same tokens."""

import pytest
from tantivy import TextAnalyzer

from bri_retrieval import analysis
from bri_retrieval.analysis import FAMILIES, Family, words
from bri_retrieval.embedded.schema import analyzers
from bri_retrieval.embedded.terms import terms
from bri_retrieval.folding import fold

TEXTS = (
    "The Kazakhstan's policies, ISO 14001:2015 and PM2.5; co-operation (e.g. waste-to-energy)",
    "Обращение с твёрдыми отходами: PM2,5 в г. Алматы, № 89-ФЗ от 24.06.1998, recycling plants",
    "上海合作组织成员国固体废物处理政策，執行GB18485—2014標準，ＰＭ２.５监测，Kazhydromet公司",
    "Quản lý chất thải rắn, Điện lực 110kV",
    "การจัดการขยะมูลฝอยชุมชน พ.ศ. 2560",
    "ການຄຸ້ມຄອງສິ່ງແວດລ້ອມ",
    "Қалдықтарды басқару туралы",
    "ठोस अपशिष्ट प्रबंधन",
    "Нормы IPCC и policies, recycling’s costs",
    "Programs of отходами and переработки, №7",
    "按IPCC policies和отходами处理·Kazhydromet's stations",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("of", FAMILIES)
def test_questions_and_index_agree(text: str, of: Family) -> None:
    """The tokens that are asked are those that tantivy makes of the same text, in every family."""
    analyzer: TextAnalyzer = analyzers()[of]
    language = "und" if of == "xx" else of
    indexed = analyzer.analyze(terms(analysis.prepare(text, language), of))
    if of == "xx" or not any("\u0900" <= c <= "\u0eff" for c in text):
        assert list(analysis.tokens(text, of)) == indexed


@pytest.mark.parametrize("written", ["PM2.5", "PM2,5", "pm₂.₅", "ＰＭ２．５", "PM 2.5", "PM-2-5"])
def test_numbers_and_names_have_one_shape(written: str) -> None:
    """However it is written: runs of letters, runs of digits."""
    assert {analysis.tokens(written, of) for of in FAMILIES} == {("pm", "2", "5")}


def test_one_look_does_what_three_do() -> None:
    """Folding, leaving out marks and setting numbers apart at once is the same as one after the
    other, for every character of the first plane between letters and between digits."""
    for code in (*range(0x20, 0xD800), *range(0xE000, 0x10000)):
        text = f"a{chr(code)}b 1{chr(code)}2"
        one_by_one = analysis._spaced(analysis.plain(fold(text)))
        assert words(analysis._respelt(text)) == words(one_by_one)


def test_what_is_no_word_is_not_remembered() -> None:
    """A number or a word as long as a book is read like any other, and kept nowhere."""
    known = analysis._known_stem.cache_info().currsize
    assert analysis.tokens("é" + "7" * 100_000, "en") == ("e", "7" * 100_000)
    assert analysis.tokens("x" * 100_000 + "ing", "en") == ("x" * 100_000 + "ing",)
    assert analysis._known_stem.cache_info().currsize <= known + 1


def test_script_decides_the_stem() -> None:
    """Russian words in Chinese text and English words in Russian text have their stems."""
    assert analysis.tokens("отходами policies", "zh") == ("отход", "polici")
    assert analysis.tokens("отходами policies", "ru") == ("отход", "polici")
    assert analysis.tokens("отходами policies", "xx") == ("отходами", "policies")


def test_chinese_words_bring_the_words_in_them() -> None:
    """A part of a compound is a token too, before the whole."""
    assert analysis.tokens("固體廢物管理", "zh") == ("固体", "废物", "固体废物", "管理")


@pytest.mark.parametrize(
    ("language", "family"),
    [("zh", "zh"), ("zh-Hant", "zh"), ("EN", "en"), ("ru-KZ", "ru"), ("vi", "xx"), ("", "xx")],
)
def test_languages_belong_to_families(language: str, family: Family) -> None:
    """By the primary subtag."""
    assert analysis.family(language) == family
