"""Encodings that are declared, not declared, or wrongly declared: right, or a person is asked."""

import pytest

from bri_harvesting.encodings import Undecodable, decode, decode_markup

RU = "Министерство экологии утвердило порядок обращения с отходами"
KK = "Қазақстанның экология министрлігі қалдықтарды өңдеу ережелерін бекітті"
UK = "Міністерство екології затвердило її порядок поводження з відходами"
ZH = "生态环境部发布固体废物管理办法，各地将加强监督检查。"
ZT = "生態環境部發布固體廢物管理辦法，各地將加強監督檢查。"
JA = "環境省は廃棄物の処理に関する規則を発表しました。"
KO = "환경부는 폐기물 관리에 관한 규칙을 발표하였다"
TH = "กระทรวงสิ่งแวดล้อมประกาศกฎเกณฑ์การจัดการขยะมูลฝอย"
TR = "İstanbul'da çevre başlığı altında yeni yönetmelik yayımlandı"
DE = "Grüße für Ärzte in Köln und Zürich, Straße"

DECLARED = [
    ("iso-8859-1", "cp1252", "Zürich, São Paulo and Málaga – “five” cities"),
    ("ISO-8859-1", "cp1252", DE),
    ("windows-1252", "cp1252", DE),
    ("windows-1254", "cp1254", TR),
    ("iso-8859-9", "cp1254", TR),
    ("windows-1250", "cp1250", "Zażółć gęślą jaźń, Łódź"),
    ("windows-1251", "cp1251", UK),
    ("koi8-r", "koi8-r", RU),
    ("kz-1048", "kz1048", KK),
    ("gb2312", "gb18030", ZH),
    ("x-gbk", "gbk", ZH),
    ("big5", "big5", ZT),
    ("iso-2022-jp", "iso2022_jp", JA),
    ("shift_jis", "cp932", JA),
    ("tis-620", "cp874", TH),
]


@pytest.mark.parametrize(("name", "encoding", "text"), DECLARED)
def test_a_declaration_that_decodes_holds(name: str, encoding: str, text: str) -> None:
    """Whatever the letters are, and without a remark."""
    found = decode(text.encode(encoding), [name])
    assert (found.text, found.remark) == (text, "")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", RU),
        ("cp1251", RU.upper()),
        ("koi8-r", RU),
        ("koi8-r", RU.upper()),
        ("cp866", RU),
        ("iso8859-5", RU),
        ("gb18030", ZH),
        ("big5", ZT),
        ("cp932", JA),
        ("cp949", KO),
        ("utf-16", RU),
        ("utf-16-le", "id,title\n1,Waste in Köln"),
        ("cp1252", "25 °C – “warm”"),
    ],
)
def test_what_the_letters_tell_needs_no_declaration(encoding: str, text: str) -> None:
    """Beyond doubt, so without a remark."""
    found = decode(text.encode(encoding))
    assert (found.text, found.remark) == (text, "")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "id;value\n1;35 µg/m³"),
        ("cp1252", "Comune di Agliè"),
        ("cp1252", DE),
        ("kz1048", KK),
        ("cp1251", UK),
    ],
)
def test_what_is_only_likely_is_read_with_a_remark(encoding: str, text: str) -> None:
    """An editor sees it before anybody else."""
    found = decode(text.encode(encoding))
    assert found.text == text
    assert "check letters" in found.remark


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1254", TR), ("cp1250", "Była ładna jaźń"), ("kz1048", "Қала"), ("gb18030", "标题")],
)
def test_what_may_be_several_things_is_asked_for(encoding: str, text: str) -> None:
    """Nobody guesses: other letters at the same bytes, or too few of them."""
    with pytest.raises(Undecodable):
        decode(text.encode(encoding))


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [("iso-8859-1", "cp1251", RU), ("windows-1251", "koi8-r", RU), ("windows-1251", "kz1048", KK)],
)
def test_a_declaration_that_gives_no_language_does_not_hold(
    declared: str, encoding: str, text: str
) -> None:
    """Cyrillic declared as Latin-1, KOI8-R or the Kazakh standard declared as Windows-1251."""
    assert decode(text.encode(encoding), [declared]).text == text


def test_a_few_bad_bytes_in_utf_8_are_replaced_and_said() -> None:
    """One among nine umlauts, with a declaration; a few in a long text, without; one cut off."""
    umlauts = "äöüÄÖÜßäö".encode()
    data = b'<?xml version="1.0" encoding="UTF-8"?><a>' + umlauts + b"caf\xe9</a>"
    found = decode_markup(data)
    assert "äöüÄÖÜßäö" in found.text
    assert "caf\ufffd" in found.text
    assert "replaced" in found.remark
    assert "\ufffd" in decode(RU.encode() * 5 + b"\x95" + RU.encode()).text
    assert decode(RU.encode()[:-1]).text.startswith(RU[:-1])
