"""Workbooks as people keep them: what a cell, a sheet or a whole file can hide."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from bri_harvesting.source import SourceFailed
from tests.unit.harvesting.tables import HEADER, MAPPING, ROW, read


def xlsx_of(fill: Callable[[Any], None]) -> bytes:
    book = Workbook()
    fill(book.active)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def sheet(rows: list[list[Any]]) -> Callable[[Any], None]:
    def fill(page: Any) -> None:
        for row in rows:
            page.append(row)

    return fill


def test_a_workbook_is_read() -> None:
    """Numbers without a point, dates as dates, and cells merged over rows hold for each of them."""
    from datetime import datetime

    def fill(page: Any) -> None:
        sheet(
            [
                HEADER,
                [1.0, "Первый", "a", datetime(2019, 1, 8), "KZ"],  # noqa: DTZ001
                [2, "Второй", "b", "8 января 2019", None],
            ]
        )(page)
        page.merge_cells("E2:E3")

    items, faults = read(xlsx_of(fill))
    assert faults == []
    assert [(each.identity, each.date, each.countries) for each in items] == [
        ("1", "2019-01-08", ("KZ",)),
        ("2", "2019-01-08", ("KZ",)),
    ]


def test_cells_that_nobody_can_read_are_told() -> None:
    """A formula without a stored value, an error, and cells that are merged over two columns of
    ours."""

    def fill(page: Any) -> None:
        sheet([HEADER, [1, "=A1&A2", "a", None, "KZ"], [2, "#REF!", "b", None, "KZ"]])(page)
        page.append([3, "Третий", "c", None, "KZ"])
        page.merge_cells("B4:C4")

    items, faults = read(xlsx_of(fill))
    assert items == []
    assert [each.place for each in faults] == [
        "row 2, column B (Название)",
        "row 3, column B (Название)",
        "row 4, column B (Название)",
    ]
    assert "no stored value" in faults[0].detail
    assert "#REF!" in faults[1].detail
    assert "B4:C4" in faults[2].detail


def test_values_that_were_stored_with_formulas_count() -> None:
    """Unless the mapping wants no formulas at all."""
    data = xlsx_of(sheet([HEADER, [1, "=A1", "a", None, "KZ"]]))
    stored = _replace(data, "<v></v>", "<v>Готово</v>", "<v />", "<v>Готово</v>", "<v/>")
    [item], faults = read(stored)
    assert faults == []
    assert item.title == "Готово"
    mapping = MAPPING.replace("[fields]", '[table]\nformulas = "refuse"\n[fields]')
    with pytest.raises(SourceFailed, match="B2 holds a formula"):
        read(stored, mapping)


def _replace(data: bytes, *patterns: str) -> bytes:
    """A workbook whose formula has a stored value, as a spreadsheet program writes it."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for pattern in patterns:
                    if "Готово" not in pattern:
                        text = text.replace(pattern.encode(), "<v>Готово</v>".encode())
                text = text.replace(b'<c r="B2"><f>', b'<c r="B2" t="str"><f>')
            new.writestr(name, text)
    return output.getvalue()


def test_a_million_empty_rows_are_passed_over() -> None:
    """A sheet whose last row is the last that there can be holds what it holds."""

    def fill(page: Any) -> None:
        sheet([HEADER, [1, "Первый", "a", None, "KZ"]])(page)
        page.cell(1_048_576, 1, 2)
        page.cell(1_048_576, 2, "Последний")

    items, faults = read(xlsx_of(fill))
    assert faults == []
    assert [each.place for each in items] == ["row 2", "row 1048576"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04 nothing", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    ],
)
def test_what_is_no_workbook_is_told(data: bytes, word: str) -> None:
    """Half of one, and one of the old kind."""
    with pytest.raises(SourceFailed, match=word) as failed:
        read(data)
    assert failed.value.code == "not-a-table"


def test_a_workbook_that_unfolds_without_end_is_refused() -> None:
    """A zip bomb is known by what it says of itself, before anything is unfolded."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        zeros = b"\0" * (64 * 1024 * 1024)
        for number in range(9):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", zeros)
    with pytest.raises(SourceFailed, match="unfolds to") as failed:
        read(output.getvalue())
    assert failed.value.code == "too-large"


def test_a_workbook_that_lost_a_part_is_told() -> None:
    """Whatever openpyxl makes of it."""
    data = xlsx_of(sheet([HEADER, ROW]))
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
        output = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w") as new:
            for name in old.namelist():
                new.writestr(name, b"<a>" if name == part else old.read(name))
        with pytest.raises(SourceFailed):
            read(output.getvalue())


def test_sheets_are_chosen_by_name() -> None:
    """And one that is not there is told with those that are."""
    data = xlsx_of(sheet([HEADER, ROW]))
    mapping = MAPPING.replace("[fields]", '[table]\nsheet = "Кейсы"\n[fields]')
    with pytest.raises(SourceFailed, match="no sheet 'Кейсы'; the sheets are: Sheet"):
        read(data, mapping)
