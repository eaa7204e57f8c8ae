"""Tables as people keep them: CSV and NDJSON, their mappings, and what can be wrong in a cell."""

import pytest

from bri_harvesting.source import SourceFailed
from bri_harvesting.tables import MappingFault, read_mapping
from tests.unit.harvesting.tables import HEADER, MAPPING, ROW, csv_of, read


def told(data: bytes) -> str:
    """What is said of a table that is none."""
    try:
        items, faults = read(data)
    except SourceFailed as fact:
        return fact.detail
    assert items == []
    return f"{faults[0].place} {faults[0].detail}"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "koi8-r"])
def test_csv_is_read_in_whatever_encoding_with_whatever_separator(
    encoding: str, separator: str
) -> None:
    """Windows-1251 with semicolons and UTF-8 with a byte order mark are the same table."""
    header = HEADER if encoding != "koi8-r" else ["No", *HEADER[1:]]
    mapping = MAPPING if encoding != "koi8-r" else MAPPING.replace("№", "No")
    [item], faults = read(csv_of(header, ROW, separator=separator, encoding=encoding), mapping)
    assert faults == []
    assert item.identity == "1"
    assert item.title == ROW[1]
    assert item.body == "<p>Первый абзац.</p><p>Второй.</p>"
    assert (item.date, item.countries, item.kind) == ("2019-01-08", ("KZ",), "case")
    assert (item.language, item.place) == ("ru", "row 2" if "\n" not in ROW[2] else item.place)


def test_windows_1251_after_the_mark_of_utf_8_is_windows_1251() -> None:
    """Some programs put UTF-8's byte order mark before whatever they write."""
    [item], faults = read(b"\xef\xbb\xbf" + csv_of(HEADER, ROW, encoding="cp1251"))
    assert faults == []
    assert item.title == ROW[1]


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_chinese_encodings_are_told_apart(encoding: str) -> None:
    """Without a word about it."""
    mapping = '[fields]\ntitle = "標題"\nbody = "內容"\n[constants]\nlanguage = "zh"'
    rows = ["標題", "內容"], ["廢棄物管理辦法", "環境部公布廢棄物管理辦法，各地加強監管與稽查"]
    [item], faults = read(csv_of(*rows, encoding=encoding), mapping)
    assert faults == []
    assert item.title == "廢棄物管理辦法"


def test_the_mapping_may_say_the_encoding() -> None:
    """Then it is read as told, and a character that is not in it is told with its line."""
    mapping = MAPPING.replace("[fields]", '[table]\nencoding = "windows-1251"\n[fields]')
    [item], _ = read(csv_of(HEADER, ROW, encoding="cp1251"), mapping)
    assert item.title == ROW[1]
    broken = csv_of(HEADER, ROW, encoding="cp1251") + b"\r\n2;\x98"
    with pytest.raises(SourceFailed, match=r"line \d: a character is not in windows-1251"):
        read(broken, mapping)


def test_one_bad_cell_keeps_the_whole_table_out() -> None:
    """Every fault is told by row and column, and no item comes out."""
    rows = [
        HEADER,
        ROW,
        ["2", "", "", "", ""],
        ["3", "Название", "", "32.01.2019", "KZ"],
        ["4", "Название", "", "", "Атлантида"],
        ["1", "Название", "", "", "Казахстан"],
        ["", "Название", "", "", ""],
    ]
    items, faults = read(csv_of(*([*row[:2], row[2].split("\n")[0], *row[3:]] for row in rows)))
    assert items == []
    assert all(each.fatal for each in faults)
    assert [(each.place, each.detail) for each in faults] == [
        ("row 3, column 2 (Название)", "the title is missing"),
        ("row 4, column 4 (Дата)", "'32.01.2019' is no date"),
        ("row 5, column 5 (Страна)", "'Атлантида' is no known country"),
        ("row 6", "the identity '1' is that of row 2 too"),
        ("row 7, column 1 (№)", "the identity is missing"),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('№;Название;Описание;Дата;Страна\n1;"Не закрыто;;;', "row 2"),
        ("№;Название;Описание;Дата;Страна\n1;Название;;;KZ;ещё", "column 6"),
        ("№;Название;Описание;Дата\n1;Название;;", "there is no column 'Страна'"),
        ("№;Название;Название;Описание;Дата;Страна\n1;a;b;;;", "'Название' stands twice"),
        ("", "the file is empty"),
        ("\ufeff№;Название;Описание;Дата;Страна\n\n\n", "has no rows"),
        ("№;Название;Описание;Дата;Страна\n1;a\0b;;;", "zero bytes"),
    ],
)
def test_what_is_no_csv_is_told_with_its_place(text: str, word: str) -> None:
    """A quotation mark that is not closed, cells beyond the header, columns that are not there."""
    assert word in told(text.encode())


def test_values_are_translated_and_lists_are_parted() -> None:
    """Countries by name in three languages, by what the mapping says, several in a cell; editions
    in other languages; topics by label; formats of dates."""
    mapping = """
    [table]
    dates = ["%d/%m/%y"]
    body = "markdown"
    [fields]
    title = "T"
    body = "B"
    "en.title" = "T2"
    countries = "C"
    topics = "S"
    date = "D"
    "policy.number" = "N"
    [constants]
    language = "ru"
    kind = "policy"
    [values.countries]
    "РК" = "KZ"
    """
    rows = ["T", "B", "T2", "C", "S", "D", "N"], [
        "Указ", "*Да*", "Decree", "РК,Китай, Kyrgyzstan,俄罗斯", "Solid waste", "08/01/19", "7-п",
    ]  # fmt: skip
    [item], faults = read(csv_of(*rows, separator=";"), mapping)
    assert faults == []
    assert item.countries == ("KZ", "CN", "KG", "RU")
    assert item.topics == ("solid-waste",)
    assert item.body == "<p><em>Да</em></p>\n"
    assert item.translations["en"].title == "Decree"
    assert item.date == "2019-01-08"
    assert item.policy == {"number": "7-п"}


def test_ndjson_is_a_table_too() -> None:
    """Members are columns, also those inside others; what is no JSON is told by line and column."""
    mapping = '[fields]\nidentity = "id"\ntitle = "meta.title"\nbody = "text"\n'
    good = '{"id": 7, "meta": {"title": "Solid waste rules"}, "text": "Who collects what."}\n\n'
    [item], _ = read(good.encode(), mapping)
    assert (item.identity, item.title, item.language) == ("7", "Solid waste rules", "en")
    items, faults = read((good + '{"id": }\n[1]').encode(), mapping)
    assert items == []
    assert [each.place for each in faults] == ["row 3, column 8", "row 4"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[fields", "no TOML"),
        ('[fields]\nbody = "B"', "'title' needs a column"),
        ('[fields]\ntitle = "T"\ncolour = "C"', "is no field"),
        ('[fields]\ntitle = "T"\n"xx-yy.title" = "C"', "is no field"),
        ('[fields]\ntitle = "T"\n"en.body" = "C"', "'en' needs a title too"),
        ('[fields]\ntitle = "T"\n[constants]\ntitle = "C"', "a field and a constant"),
        ('[fields]\ntitle = "T"\n[constants]\nkind = "poem"', "must be one of"),
        ('[fields]\ntitle = "T"\n[table]\nheader = 0', "table.header"),
        ('[fields]\ntitle = "T"\n[tables]\nheader = 1', "tables"),
    ],
)
def test_mappings_that_cannot_be_used_are_told(text: str, word: str) -> None:
    """Before anything is read."""
    with pytest.raises(MappingFault, match=word):
        read_mapping(text)


def test_hostile_cells_are_text() -> None:
    """Markup in a cell of text is shown, in a cell of HTML it is cleaned; titles are plain."""
    mapping = (
        '[table]\nbody = "html"\n[fields]\ntitle = "T"\nbody = "B"\n[constants]\nlanguage="en"'
    )
    rows = ["T", "B"], ["<b>Bold</b> & more", "<p>Text<script>x()</script></p>"]
    [item], _ = read(csv_of(*rows), mapping)
    assert item.body == "<p>Text</p>"
    assert item.title == "<b>Bold</b> & more"
    [item], _ = read(csv_of(*rows), mapping.replace('"html"', '"text"'))
    assert item.body == "<p>&lt;p&gt;Text&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</p>"
