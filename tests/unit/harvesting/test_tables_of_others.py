"""Tables as other programs and other countries write them."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from bri_harvesting.tables.workbook import _text
from bri_kit.vocabulary import country_code, country_name
from tests.unit.harvesting.tables import read

PLAIN = '[fields]\ntitle = "Title"\nbody = "Text"\n[constants]\nlanguage = "en"\n'


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=|", "sep=\t"])
def test_a_line_that_states_the_separator_is_no_row(first: str) -> None:
    """As Excel writes it; a fault's place counts it."""
    by = first.strip('"')[-1]
    data = f"{first}\r\nTitle{by}Text\r\nWaste, sorted{by}A text\r\n".encode()
    [item], faults = read(data, PLAIN)
    assert (item.title, item.place, faults) == ("Waste, sorted", "row 3", [])


def test_cells_of_several_lines_may_stand_anywhere() -> None:
    """In a preamble and in the header."""
    data = b'"A note\nof two lines"\nTitle;Text\nWaste;A text\n'
    [item], _ = read(data, f"[table]\nheader = 2\n{PLAIN}")
    assert item.title == "Waste"
    [item], _ = read(b'Title;"The\nText"\nWaste;x\n', PLAIN.replace('"Text"', '"The Text"'))
    assert item.body == "<p>x</p>"


def test_lone_surrogates_in_ndjson_are_replaced_and_said() -> None:
    """Half a character does not cost the table."""
    [item], faults = read(b'{"Title": "A \\ud83d", "Text": "x"}\n', PLAIN)
    assert (item.title, faults) == ("A \ufffd", [])
    assert "surrogate" in item.remarks[0]


def test_an_assumed_encoding_is_a_remark_of_each_row_that_it_concerns() -> None:
    """Rows of ASCII are beyond doubt."""
    items, _ = read("Title;Text\nA;5 µg/m³\nB;plain".encode("cp1252"), PLAIN)
    assert [item.body for item in items] == ["<p>5 µg/m³</p>", "<p>plain</p>"]
    assert [bool(item.remarks) for item in items] == [True, False]


def test_dates_of_a_table_are_bounded() -> None:
    """A Buddhist year is converted, also where the format is given; one ahead is refused."""
    mapping = PLAIN.replace("[constants]", 'date = "Date"\n[constants]')
    items, _ = read(b"Title;Text;Date\na;b;2567-06-05\nc;d;29/02/2567", mapping)
    assert [item.date for item in items] == ["2024-06-05", "2024-02-29"]
    _, [fault] = read(b"Title;Text;Date\na;b;2999-06-05", mapping)
    assert "future" in fault.detail
    formats = f'[table]\ndates = ["%d.%m.%Y"]\n{mapping}'
    [item], _ = read(b"Title;Text;Date\na;b;05.06.2567", formats)
    assert item.date == "2024-06-05"


def test_spaces_in_a_tables_addresses_are_kept() -> None:
    """They do not refuse the table."""
    mapping = PLAIN.replace("[constants]", 'url = "URL"\n[constants]')
    [item], _ = read(b"Title;Text;URL\na;b;https://env.example/My file.pdf", mapping)
    assert item.url == "https://env.example/My%20file.pdf"


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ("Line one_x000D_\nLine two", "Line one\nLine two"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("a_x0007_b", "ab"),
        ("file_x1.txt", "file_x1.txt"),
    ],
)
def test_escaped_characters_of_a_workbook_are_characters(held: str, text: str) -> None:
    """ECMA-376, 22.9.2.19."""
    assert _text(held) == text


def _strict() -> bytes:
    book = Workbook()
    book.active.append(["Title", "Text"])
    book.active.append(["Waste", "A text"])
    plain, strict = io.BytesIO(), io.BytesIO()
    book.save(plain)
    ours = b"http://schemas.openxmlformats.org/"
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(strict, "w") as copy:
        for part in archive.namelist():
            data = archive.read(part)
            for name in (b"spreadsheetml", b"drawingml"):
                data = data.replace(
                    ours + name + b"/2006/main", b"http://purl.oclc.org/ooxml/" + name + b"/main"
                )
            if part == "xl/workbook.xml":
                data = data.replace(
                    ours + b"officeDocument/2006/relationships",
                    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
                )
            if part.endswith(".rels"):
                data = data.replace(
                    ours + b"officeDocument/2006/relationships/",
                    b"http://purl.oclc.org/ooxml/officeDocument/relationships/",
                )
            copy.writestr(part, data)
    return strict.getvalue()


def test_strict_workbooks_are_read() -> None:
    """ISO/IEC 29500 Strict, which some programs save."""
    [item], faults = read(_strict(), PLAIN)
    assert (item.title, item.body, faults) == ("Waste", "<p>A text</p>", [])


COUNTRIES = """VN=Vietnam|TR=Turkey|RU=Russian Federation|LA=Laos|IR=Iran, Islamic Republic of|GB=UK
US=USA|AE=UAE|CZ=Czech Republic|KG=Кыргызстан|KZ=Республика Казахстан|RU=Российская Федерация
CN=КНР|US=США|BY=Белоруссия|CN=中华人民共和国|HK=中国香港|TW=中国台湾|AE=阿联酋|CI=Cote d'Ivoire
KZ=Қазақстан|UZ=O‘zbekiston|TJ=Тоҷикистон|MN=Монгол Улс|TH=ประเทศไทย|PK=پاکستان|IN=भारत|VN=Việt Nam
KR=Korea, Rep.|KP=DPRK|KG=Kyrgyz Republic|KG=Киргизия|BO=Bolivia (Plurinational State of)|KZ=KAZ
GM=The Gambia|MM=Burma|LA=Lao People’s Democratic Republic|TM=Туркмения|CI=Côte d’Ivoire|KG=kg
TW=Taiwan, Province of China|IR=ایران|LA=ລາວ|UA=Україна|GE=საქართველო|AM=Հայաստան"""


@pytest.mark.parametrize("pair", COUNTRIES.replace("\n", "|").split("|"))
def test_countries_are_known_by_the_names_in_use(pair: str) -> None:
    """In their own languages, officially, shortly and inverted."""
    code, _, name = pair.partition("=")
    assert country_code(name) == code


def test_names_of_no_country_or_of_two_are_none() -> None:
    """Nothing is guessed."""
    assert [country_code(name) for name in ("Congo", "Atlantis", "", "Europe")] == [""] * 4


def test_a_country_is_named_as_it_names_itself() -> None:
    """In Russian, as in its own texts."""
    assert country_name("KG", "ru") == "Кыргызстан"


def test_a_list_of_countries_may_hold_names_with_commas() -> None:
    """The separator of the list does not cut an inverted name."""
    mapping = PLAIN.replace("[constants]", 'countries = "C"\n[constants]')
    [item], _ = read("Title;Text;C\na;b;Iran, Islamic Republic of, 中国, USA".encode(), mapping)
    assert item.countries == ("IR", "CN", "US")
