"""Rows of an XLSX workbook (openpyxl, as a stream).

Rules:
- a workbook is a zip file: what it unfolds to is bounded before anything is read;
- of formulas the values count that were stored with them; one without is a fault, because nobody
  here calculates;
- a cell that is merged over several rows holds for each of them; one that is merged over several
  columns of ours is a fault, because nobody knows which is meant;
- empty rows cost time and nothing else; there are as many as a sheet can have.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from bri_harvesting.source import SourceFailed
from bri_harvesting.tables import strict_workbook
from bri_harvesting.tables.mapping import Table
from bri_harvesting.tables.rows import MAX_COLUMNS, Header, Row, RowFault, letter

MAX_UNFOLDED = 512 * 1024 * 1024
MAX_PARTS = 2_000
MAX_MERGED = 10_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# openpyxl lets through whatever a part that is not as it should be makes its parsers raise.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
_ESCAPED = re.compile("(?:_x[0-9A-Fa-f]{4}_)++")
_UNIT = re.compile("_x([0-9A-Fa-f]{4})_")
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


def rows(data: bytes, table: Table, wanted: Mapping[str, str]) -> Iterator[Row | RowFault]:
    """The rows of a workbook's sheet. Raises SourceFailed."""
    from openpyxl import load_workbook  # heavy

    _refuse_bomb(data)
    try:
        data = strict_workbook.transitional(data)
        with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as values:
            sheet = _sheet(values, table)
            traits = _Traits(data, sheet.title)
            if traits.formulas and table.formulas == "refuse":
                where = min(traits.formulas)
                raise SourceFailed("formula", f"{letter(where[1])}{where[0]} holds a formula")
            yield from _rows(sheet, traits, table, wanted)
    except _UNREADABLE as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> SourceFailed:
    return SourceFailed("not-a-table", f"the workbook cannot be read: {error}"[:300])


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _damaged(error) from None
    unfolded = sum(each.file_size for each in parts)
    if unfolded > MAX_UNFOLDED or len(parts) > MAX_PARTS:
        detail = f"the workbook unfolds to {unfolded} bytes in {len(parts)} parts"
        raise SourceFailed("too-large", f"{detail}; {MAX_UNFOLDED} and {MAX_PARTS} are read")


def _sheet(workbook: Any, table: Table) -> Any:
    names = workbook.sheetnames
    if not names:
        raise SourceFailed("not-a-table", "the workbook has no sheets: save it as .xlsx anew")
    if table.sheet and table.sheet not in names:
        shown = ", ".join(names)[:300]
        raise SourceFailed("mapping", f"there is no sheet {table.sheet!r}; the sheets are: {shown}")
    sheet = workbook[table.sheet or names[0]]
    if not hasattr(sheet, "iter_rows"):
        raise SourceFailed("not-a-table", f"the sheet {sheet.title!r} is a chart")
    return sheet


class _Traits:
    """What a sheet has beside its values: formulas and merged cells, by row and column; rows count
    from 1, columns from 0."""

    def __init__(self, data: bytes, title: str) -> None:
        self.formulas: set[tuple[int, int]] = set()
        self.over_columns: dict[tuple[int, int], str] = {}
        self.above: dict[tuple[int, int], tuple[int, int]] = {}
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            archive.open(_part_of(archive, title)) as part,
        ):
            self._scan(part)

    def _scan(self, part: Any) -> None:
        from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

        tags = (f"{_MAIN}c", f"{_MAIN}mergeCell", f"{_MAIN}row")
        merged = 0
        for _, element in etree.iterparse(
            part, tag=tags, resolve_entities=False, no_network=True, huge_tree=False
        ):
            if element.tag == f"{_MAIN}c" and element.find(f"{_MAIN}f") is not None:
                row, column = coordinate_to_tuple(element.get("r", "A1"))
                self.formulas.add((row, column - 1))
            elif element.tag == f"{_MAIN}mergeCell":
                merged += 1
                if merged > MAX_MERGED:
                    raise SourceFailed("too-many", f"more than {MAX_MERGED} cells are merged")
                self._merge(element.get("ref", "A1"), range_boundaries(element.get("ref", "A1")))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]

    def _merge(self, name: str, bounds: Any) -> None:
        left, top, right, bottom = bounds
        if right > left:
            self.over_columns[top, left - 1] = name
        for row in range(top + 1, min(bottom, top + MAX_MERGED) + 1):
            self.above[row, left - 1] = (top, left - 1)


def _part_of(archive: zipfile.ZipFile, title: str) -> str:
    """The part of the file that holds the sheet of this name."""
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    book = _xml(archive, "xl/workbook.xml")
    wanted = [
        each.get(relation) for each in book.iter(f"{_MAIN}sheet") if each.get("name") == title
    ]
    for each in _xml(archive, "xl/_rels/workbook.xml.rels"):
        if each.get("Id") in wanted:
            target = str(each.get("Target", "")).lstrip("/")
            return target if target.startswith("xl/") else f"xl/{target}"
    raise SourceFailed("not-a-table", f"the workbook does not say where the sheet {title!r} is")


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(name), parser)


def _rows(
    sheet: Any, traits: _Traits, table: Table, wanted: Mapping[str, str]
) -> Iterator[Row | RowFault]:
    header: Header | None = None
    held: dict[tuple[int, int], str] = {}
    kept = set(traits.above.values())
    columns: set[int] = set()
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = cells[:MAX_COLUMNS]
        if header is None:
            if number == table.header:
                header = Header([_text(each) for each in cells], wanted, number, letters=True)
                columns = {header.names.index(name) for name in wanted.values()}
        elif any(value is not None and value != "" for value in cells):
            texts = [_text(each) for each in cells]
            for at in kept & {(number, index) for index in range(len(texts))}:
                held[at] = texts[at[1]]
            fault = _fault(number, texts, traits, columns, header)
            yield fault or header.row(number, _filled(number, texts, traits, held, columns))
    if header is None:
        raise SourceFailed("mapping", f"there is no row {table.header} to hold the columns' names")


def _filled(
    number: int,
    texts: list[str],
    traits: _Traits,
    held: Mapping[tuple[int, int], str],
    columns: set[int],
) -> list[str]:
    texts += [""] * (max(columns, default=-1) + 1 - len(texts))
    for index in columns:
        above = traits.above.get((number, index))
        if above is not None:
            texts[index] = held.get(above, "")
    return texts


def _fault(
    number: int, texts: list[str], traits: _Traits, columns: set[int], header: Header
) -> RowFault | None:
    for index in sorted(columns):
        text = texts[index] if index < len(texts) else ""
        place = header.place(index)
        if (number, index) in traits.formulas and not text:
            return RowFault(number, place, "the formula has no stored value: save the file anew")
        if text in _ERRORS:
            return RowFault(number, place, f"the cell holds the error {text}")
        name = traits.over_columns.get((number, index), "")
        if name and any(other in columns for other in _others(name)):
            return RowFault(number, place, f"the cells {name} are merged over several columns")
    return None


def _others(name: str) -> range:
    """The columns, from 0, that a merged cell covers beside its first."""
    from openpyxl.utils.cell import range_boundaries

    left, _, right, _ = range_boundaries(name)
    return range(left, right)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else _ESCAPED.sub(_character, str(value))


def _character(found: re.Match[str]) -> str:
    """The characters that `_x000D_` stands for (ECMA-376, 22.9.2.19): a line end is one character,
    surrogates may come in pairs."""
    units = b"".join(int(each, 16).to_bytes(2, "big") for each in _UNIT.findall(found[0]))
    text = units.decode("utf-16-be", "replace").replace("\r", "")
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")
