"""Which records a question finds, and in which order."""

import pytest

from tests.contract.engines.conftest import Shelf, a_record


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Solid waste policies", "policy"),
        ("Recycling of metals", "recycle metal"),
        ("Обращение с твёрдыми отходами", "твердые отходы"),
        ("Сведения о ледниках", "ледник"),
        ("上海合作组织成员国固体废物政策", "固体废物"),
        ("上海合作组织成员国固体废物政策", "废物"),
        ("上海合作组织成员国固体废物政策", "固體廢物"),
        ("環境保護標準", "环境保护"),
        ("大气污染物ＰＭ２.５监测", "PM2.5"),
        ("PM₂.₅ monitoring", "PM2.5"),
        ("Загрязнение: PM2,5", "PM2.5"),
        ("执行ISO14001标准", "ISO 14001 标准"),
        ("Ecolabel under ISO 14001", "iso14001"),
        ("生活垃圾焚烧污染控制标准 GB18485-2014", "GB 18485-2014"),
        ("GB 18485—2014", "gb18485-2014"),
        ("Федеральный закон № 89-ФЗ", "89-фз"),
        ("ПРИРОДА И ЛЕС", "природа"),
        ("São Paulo declaration", "sao paulo"),
        ("Kazakhstan's glaciers", "kazakhstan"),
        ("Министерство и Kazhydromet", "kazhydromet"),
    ],
)
def test_spellings_and_forms_are_the_same(shelf: Shelf, text: str, asked: str) -> None:
    """Word forms, Traditional and Simplified, е and ё, widths, digits and dashes do not matter."""
    language = "zh" if any("一" <= c <= "鿿" for c in text) else "ru" if text[-1] >= "а" else "en"
    other = a_record(2, en="Something else", zh="别的", ru="Другое")
    shelf.put(a_record(1, editions={language: text}), other)
    assert [hit.id for hit in shelf.ask(asked).hits] == [f"sco:{1:026d}"]


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("vi", "Quản lý chất thải rắn", "chat thai"),
        ("vi", "Quản lý chất thải rắn", "chất thải"),
        ("th", "การจัดการขยะมูลฝอยชุมชน", "ขยะ"),
        ("km", "ការគ្រប់គ្រងសំណល់រឹង", "សំណល់"),
        ("lo", "ການຄຸ້ມຄອງສິ່ງແວດລ້ອມ", "ສິ່ງແວດລ້ອມ"),
        ("my", "ပတ်ဝန်းကျင်ထိန်းသိမ်းရေး", "ပတ်ဝန်းကျင်"),
        ("id", "Pengelolaan sampah", "sampah"),
        ("kk", "Қалдықтарды басқару", "басқару"),
        ("kk", "Қалдықтарды басқару", "калдыктарды"),
        ("kk", "Қалдықтарды басқару", "қалдық"),
        ("ky", "Таштандыларды башкаруу жөнүндө", "жонундо"),
        ("tg", "Идоракунии партовҳо дар шаҳр", "партовхо"),
        ("uz", "Chiqindilarni boshqarish toʻgʻrisida", "to'g'risida"),
        ("uz", "Oʻzbekiston suvlari", "O‘zbekiston"),
        ("ms", "Pengurusan sisa pepejal", "sisa pepejal"),
        ("tl", "Pamamahala ng basura sa lungsod", "basura"),
        ("fa", "مدیریت پسماندهای شهری", "مديريت"),
        ("fa", "قانون مدیریت پسماند\u200cها", "پسماند"),
        ("hi", "ठोस अपशिष्ट प्रबंधन", "अपशिष्ट"),
        ("hi", "नदियों की सफ़ाई", "सफाई"),
        ("hi", "नदियों का जल", "नदियां"),
    ],
)
def test_other_languages_are_found_by_their_words(
    shelf: Shelf, language: str, text: str, asked: str
) -> None:
    """Also those that write words without spaces, and those with marks on letters."""
    shelf.put(a_record(1, editions={language: text}), a_record(2, en="Other"))
    assert shelf.titles(asked, language) == [text]


def test_a_mixed_question_finds_each_language(shelf: Shelf) -> None:
    """Latin words are searched in Russian and Chinese text and the other way round."""
    shelf.put(a_record(1, ru="PM2.5 в Алматы"), a_record(2, zh="企业ISO 14001标准认证"))
    assert shelf.titles("PM2.5 в Алматы", "ru") == ["PM2.5 в Алматы"]
    assert shelf.titles("ISO 14001 标准", "zh") == ["企业ISO 14001标准认证"]


def test_terms_may_be_spread_over_editions(shelf: Shelf) -> None:
    """One record, many languages: a question in two of them finds it."""
    shelf.put(a_record(1, en="Almaty", ru="Отходы"), *(a_record(n, en="X") for n in range(2, 20)))
    assert shelf.ask("отходы Almaty").total == 1


def test_a_record_is_found_once_whatever_its_editions(shelf: Shelf) -> None:
    """Editions that all match are one hit and count once in every facet."""
    shelf.put(a_record(1, zh="ISO 14001", en="ISO 14001", ru="ISO 14001"))
    results = shelf.ask("ISO 14001")
    assert (results.total, len(results.hits)) == (1, 1)
    assert results.facets["edition"] == {"en": 1, "ru": 1, "zh": 1}


def test_more_editions_are_no_advantage(shelf: Shelf) -> None:
    """The best edition counts, not their sum."""
    shelf.put(a_record(1, zh="Aral", en="Aral", ru="Aral"), a_record(2, en="Aral"))
    scores = [hit.score for hit in shelf.ask("Aral").hits]
    assert max(scores) < 1.5 * min(scores)


def test_a_word_is_as_rare_in_one_language_as_in_all(shelf: Shelf) -> None:
    """The one Chinese record that quotes an English word is not the best match for it."""
    shelf.put(a_record(1, zh=("报告", "这里引用waste一词")))
    shelf.put(*(a_record(n, en=("Report", "All about waste here")) for n in range(2, 12)))
    assert shelf.titles("waste", limit=1) == ["Report"]


def test_a_title_counts_more_than_a_body(shelf: Shelf) -> None:
    """The record about a thing comes before one that mentions it; a summary is in between."""
    filler = "The committee met and spoke about other things at some length."
    shelf.put(
        a_record(1, en=("Committee", "Notes.", f"{filler} Glaciers.")),
        a_record(2, en=("Glaciers", "Notes.", f"{filler} Nothing.")),
        a_record(3, en=("Meeting", "Glaciers.", f"{filler} Nothing.")),
    )
    assert shelf.titles("glaciers") == ["Glaciers", "Meeting", "Committee"]


def test_all_terms_are_wanted_where_enough_have_them(shelf: Shelf) -> None:
    """Ten records with all terms make those with fewer needless, on every page."""
    shelf.put(*(a_record(n, en="Solid waste recycling") for n in range(10)))
    shelf.put(*(a_record(n, en="Solid ground") for n in range(10, 30)))
    assert shelf.ask("solid waste recycling", limit=3, offset=9).total == 10
    assert shelf.ask("solid waste recycling", limit=100).total == 10


def test_half_of_the_terms_are_enough_where_few_have_all(shelf: Shelf) -> None:
    """Then records with less than about half of them are still left out."""
    shelf.put(a_record(1, en="Solid waste recycling plant"))
    shelf.put(*(a_record(n, en="Waste recycling") for n in range(2, 14)))
    shelf.put(*(a_record(n, en="Plant protection") for n in range(14, 30)))
    results = shelf.ask("solid waste recycling plant")
    assert (results.total, results.hits[0].title) == (13, "Solid waste recycling plant")


def test_any_term_is_enough_where_nothing_better_is(shelf: Shelf) -> None:
    """Something close is better than nothing, the closest first."""
    shelf.put(a_record(1, en="Waste"), a_record(2, en="Waste recycling plants"))
    assert shelf.titles("waste recycling in Antarctica") == ["Waste recycling plants", "Waste"]


def test_filters_do_not_loosen_a_question(shelf: Shelf) -> None:
    """What a facet counts is what choosing it shows."""
    shelf.put(*(a_record(n, en="Solid waste", countries=("CN",)) for n in range(11)))
    shelf.put(a_record(11, en="Solid waste", countries=("KZ",)))
    shelf.put(*(a_record(n, en="Solid ground", countries=("KZ",)) for n in range(12, 20)))
    counted = shelf.ask("solid waste").facets["country"]["KZ"]
    assert shelf.ask("solid waste", countries=["KZ"]).total == counted == 1


def test_stop_words_do_no_harm(shelf: Shelf) -> None:
    """They are left out where other words remain, and asked where they are all there is."""
    shelf.put(a_record(1, en="Reducing waste"), a_record(2, en="The best of all"))
    assert shelf.titles("what is the waste?") == ["Reducing waste"]
    assert shelf.titles("of the") == ["The best of all"]


def test_quoted_phrases_are_found_as_they_stand(shelf: Shelf) -> None:
    """In any language and with any quotes; what has only the words is left out."""
    shelf.put(
        a_record(1, en="Green economy", zh="建设生态城市", ru="Качество воздуха"),
        a_record(2, en="Green roofs and economy", zh="城市的生态", ru="Воздух и его качество"),
    )
    for asked in ('"green economy"', "“Green Economy”", "「生态城市」", "«качество воздуха»"):
        assert shelf.titles(asked) == ["Green economy"], asked


def test_a_quoted_phrase_is_never_given_up(shelf: Shelf) -> None:
    """The words beside it may be missing, it may not."""
    shelf.put(a_record(1, en="Green economy"), a_record(2, en="Waste and the green"))
    assert shelf.titles('"green economy" waste') == ["Green economy"]
    assert shelf.titles('"waste economy"') == []


def test_a_chinese_phrase_may_begin_within_a_word(shelf: Shelf) -> None:
    """Readers do not know where the dictionary cuts."""
    shelf.put(a_record(1, zh="固体废物处理"), a_record(2, zh="废物的回收与再处理"))
    assert shelf.titles('"废物处理"', "zh") == ["固体废物处理"]


def test_a_chinese_word_is_found_in_its_parts(shelf: Shelf) -> None:
    """A word that the index cuts otherwise is asked as what it is made of."""
    shelf.put(a_record(1, zh="固废处置"), a_record(2, zh="水"))
    assert shelf.titles("固废处", "zh") == ["固废处置"]


@pytest.mark.parametrize(
    "asked", ["recyling", "recylcing", "enviromental", "отхоы", "загрязненние"]
)
def test_typos_are_forgiven_in_words_that_nobody_wrote(shelf: Shelf, asked: str) -> None:
    """One from five letters, two from nine, swaps too."""
    shelf.put(a_record(1, en="Environmental recycling", ru="Загрязнение и отходы"))
    assert shelf.ask(asked).total == 1


def test_typos_are_not_looked_for_in_words_that_are_there(shelf: Shelf) -> None:
    """`waste` does not mean `paste` where there is waste."""
    shelf.put(a_record(1, en="Waste"), a_record(2, en="Paste"))
    assert shelf.titles("waste") == ["Waste"]


@pytest.mark.parametrize("asked", ["14002", "PM10", "水泥", "cat"])
def test_numbers_short_words_and_chinese_are_taken_at_their_word(shelf: Shelf, asked: str) -> None:
    """No typo is forgiven there: it would be another thing."""
    shelf.put(a_record(1, en="ISO 14001 PM1 car", zh="水利"))
    assert shelf.ask(asked).total == 0


def test_numbers_of_documents_are_found_as_they_stand(shelf: Shelf) -> None:
    """All of the number in a row, in whichever script its letters are typed."""
    shelf.put(
        a_record(1, zh="生态环境部公告2018年第31号"),
        a_record(2, zh="2018年公告31项，第5号"),
        a_record(3, zh="国发〔2018〕22号文件"),
        a_record(4, ru="Федеральный закон № 89-ФЗ"),
        a_record(5, ru="Закон № 98-ФЗ, статья 89"),
    )
    assert shelf.titles("2018年第31号", "zh") == ["生态环境部公告2018年第31号"]
    assert shelf.titles("第31号", "zh") == ["生态环境部公告2018年第31号"]
    assert shelf.titles("国发〔2018〕22号", "zh")[0] == "国发〔2018〕22号文件"
    for asked in ("89-ФЗ", "№ 89-ФЗ", "89-FZ", "89-fz"):
        assert shelf.titles(asked, "ru") == ["Федеральный закон № 89-ФЗ"], asked


def test_laws_are_found_by_their_number(shelf: Shelf) -> None:
    """Even where the text does not cite it."""
    shelf.put(a_record(1, kind="policy", law_number="GB 18485-2014", zh="焚烧标准"))
    shelf.put(a_record(2, zh="其他标准"))
    assert shelf.titles("GB18485-2014", "zh") == ["焚烧标准"]


def test_what_changes_a_law_is_found_by_the_laws_number(shelf: Shelf) -> None:
    """By its number or its record's identifier, whichever the amending record names."""
    other = "sco:01JD4XG2Q70000000000000000"
    shelf.put(
        a_record(1, kind="policy", law_number="7-ФЗ", amends=["№ 89-ФЗ"], ru="Поправки"),
        a_record(2, kind="policy", law_number="8-ФЗ", amends=[other], ru="Изменения"),
        a_record(3, ru="Другое"),
    )
    assert shelf.titles('"89-ФЗ"', "ru") == ["Поправки"]
    assert shelf.titles(f'"{other}"', "ru") == ["Изменения"]


@pytest.mark.parametrize(
    "asked",
    [
        'waste AND NOT (title:x OR "',
        "waste*?~^2 [a TO b]",
        "/waste.*/",
        "'; DROP TABLE waste; --",
        "waste\x00\x07\x1b",
        "\u202ewaste\u200f",
        "♻️ waste 🗑",
        "waste\ud800",
        '"waste',
        "«waste» „",
        "a" * 990 + " waste",
        "waste " * 160,
    ],
)
def test_whatever_is_typed_is_text(shelf: Shelf, asked: str) -> None:
    """Operators, controls, marks, emoji, stray quotes: never an error, and the word is found."""
    shelf.put(a_record(1, en="Waste"), a_record(2, en="Other"))
    assert "Waste" in shelf.titles(asked)


@pytest.mark.parametrize("asked", ["!!!", "?", "«»", "🙂", '""', "--", "。，", "\u200f\x00 -"])
def test_without_words_nothing_is_found(shelf: Shelf, asked: str) -> None:
    """Punctuation alone is a question that nothing answers."""
    shelf.put(a_record(1, en="Waste"))
    assert shelf.ask(asked).total == 0
    assert shelf.ask(asked, sort="newest").total == 0


def test_a_very_long_question_is_answered(shelf: Shelf) -> None:
    """Engines are fast even where nobody stopped 100 KB."""
    shelf.put(a_record(1, en="Waste"))
    assert shelf.ask("waste management " * 6_000).total == 1
