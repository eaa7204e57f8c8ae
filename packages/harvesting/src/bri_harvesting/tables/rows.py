"""Rows of a file, each with its number and with names for its cells, whatever the file's kind.

Rules:
- a row is told by the number that the person sees: of the line in a text, of the row in a sheet;
- rows without anything in them are passed over, however many there are;
- the header's names are compared without needless spaces; two columns of the same name that the
  mapping wants are a fault, because nobody knows which is meant.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

from bri_harvesting import json_reader
from bri_harvesting.encodings import Decoded, Undecodable, decode
from bri_harvesting.source import SourceFailed
from bri_harvesting.tables.mapping import Table

MAX_CELL = 2 * 1024 * 1024
MAX_COLUMNS = 1_000
_SEPARATORS = ";\t|,"
_SEPARATOR_LINE = re.compile(r"\"?sep=([^\w\s\"]|\t)\"?(?:\r\n|\n|\r)", re.I)


class RowFault(ValueError):
    """A row, or a cell of it, cannot be read; `column` is empty for the whole row."""

    def __init__(self, number: int, column: str, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, as text; `column` is how a person finds it."""

    text: str
    column: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `cells` are by the column's name; `remarks` are on how its characters were read."""

    number: int
    cells: Mapping[str, Cell]
    remarks: tuple[str, ...] = ()


class Header:
    """The columns of a file by their names."""

    def __init__(
        self, names: Sequence[str], wanted: Mapping[str, str], number: int, letters: bool = False
    ) -> None:
        """`wanted` are the columns that the mapping names, by field. Raises SourceFailed."""
        self.names = [" ".join(name.split()) for name in names[:MAX_COLUMNS]]
        self._letters = letters
        for name in dict.fromkeys(wanted.values()):
            held = self.names.count(name)
            if held != 1:
                what = f"there is no column {name!r}" if not held else f"{name!r} stands twice"
                shown = ", ".join(filter(None, self.names))[:300]
                detail = f"row {number}: {what}; the columns are: {shown}"
                raise SourceFailed("mapping", detail)

    def place(self, index: int) -> str:
        """How a person finds the column at `index`: `C (Дата)`, `3 (Дата)`."""
        name = self.names[index] if index < len(self.names) else ""
        label = letter(index) if self._letters else str(index + 1)
        return f"{label} ({name})" if name else label

    def row(self, number: int, texts: Sequence[str], remark: str = "") -> Row:
        """The cells of a row under their names."""
        cells = {
            name: Cell(texts[index] if index < len(texts) else "", self.place(index))
            for index, name in enumerate(self.names)
            if name
        }
        concerned = remark and not all(map(str.isascii, texts))
        return Row(number, cells, (remark,) if concerned else ())


def letter(index: int) -> str:
    """A sheet's name for a column, counted from 0: A, B … Z, AA."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def delimited(data: bytes, table: Table, wanted: Mapping[str, str]) -> Iterator[Row | RowFault]:
    """The rows of a CSV file. Raises SourceFailed."""
    decoded = _decoded(data, table)
    text, stated = _without_separator_line(decoded.text)
    if "\0" in text:
        raise SourceFailed("not-a-table", "the file holds zero bytes, and is no text")
    csv.field_size_limit(MAX_CELL)
    separator = table.separator or stated or _separator(text, table.header, wanted)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: Header | None = None
    position, began, offset = 0, 1 + bool(stated), bool(stated)
    try:
        for texts in reader:
            position, number, began = position + 1, began, reader.line_num + 1 + offset
            if header is None:
                if position == table.header:
                    header = Header(texts, wanted, number)
            elif any(each.strip() for each in texts):
                yield _delimited_row(header, number, texts, decoded.remark)
    except csv.Error as error:
        yield RowFault(max(began, reader.line_num + offset), "", f"the line is no CSV: {error}")
    if header is None:
        raise SourceFailed("mapping", f"there is no row {table.header} to hold the columns' names")


def _without_separator_line(text: str) -> tuple[str, str]:
    """The text after a first line `sep=;`, which Excel writes and reads, and the separator."""
    found = _SEPARATOR_LINE.match(text)
    return (text[found.end() :], found[1]) if found else (text, "")


def _delimited_row(
    header: Header, number: int, texts: Sequence[str], remark: str
) -> Row | RowFault:
    beyond = [index for index in range(len(header.names), len(texts)) if texts[index].strip()]
    if beyond:
        held = f"the row has {len(texts)} cells and the header {len(header.names)}"
        return RowFault(number, header.place(beyond[0]), f"{held}: is a quotation mark missing?")
    return header.row(number, texts, remark)


def _decoded(data: bytes, table: Table) -> Decoded:
    if table.encoding:
        try:
            text = data.decode(table.encoding)
        except LookupError:
            raise SourceFailed("mapping", f"{table.encoding!r} is no encoding") from None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            detail = f"line {line}: a character is not in {table.encoding}, as the mapping says"
            raise SourceFailed("encoding", detail) from None
        return Decoded(text.removeprefix("\ufeff"))
    try:
        return decode(data)
    except Undecodable as fact:
        raise SourceFailed("encoding", f"{fact}; say which one in the mapping") from None


def _separator(text: str, header: int, wanted: Mapping[str, str]) -> str:
    """The separator that makes the most of the wanted columns of the header."""
    columns = set(wanted.values())

    def found(separator: str) -> int:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:  # by rows and not by lines: a cell may hold several
            cells = next(islice(reader, header - 1, header), [])
        except csv.Error:
            return 0
        return sum(" ".join(each.split()) in columns for each in cells)

    return max(_SEPARATORS, key=found)


def objects(data: bytes, table: Table, wanted: Mapping[str, str]) -> Iterator[Row | RowFault]:
    """The lines of an NDJSON file; a column is a member, `a.b` one inside another. Raises
    SourceFailed."""
    decoded = _decoded(data, table)
    for number, text in enumerate(decoded.text.split("\n"), 1):
        if not text.strip():
            continue
        try:
            document, remark = json_reader.loads(text)
        except json_reader.NotJSON as error:
            yield RowFault(number, str(error.column), f"the line is no JSON: {error}")
            continue
        if not isinstance(document, dict):
            yield RowFault(number, "", "the line is no JSON object")
            continue
        cells = {name: Cell(_member(document, name), name) for name in wanted.values()}
        remarks = (decoded.remark if not text.isascii() else "", remark)
        yield Row(number, cells, tuple(filter(None, remarks)))


def _member(document: object, name: str) -> str:
    for part in [name] if isinstance(document, dict) and name in document else name.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    if isinstance(document, list):
        return "\n".join(str(each) for each in document)
    if isinstance(document, bool) or document is None:
        return "" if document is None else str(document).lower()
    return (
        str(document)
        if isinstance(document, str | int | float)
        else orjson.dumps(document).decode()
    )
