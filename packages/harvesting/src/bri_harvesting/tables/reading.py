"""From a table's rows to items: all of them, or faults and none.

A fault names the row and the column as the person finds them. What several rows share, such as an
identity, is a fault of the later one.
"""

from collections.abc import Iterator
from hashlib import sha256

from bri_harvesting.asking import Asker, conditions, validators
from bri_harvesting.source import (
    MAX_FAULTS,
    Cursor,
    Fault,
    Findings,
    Item,
    Limits,
    Mark,
    Source,
    SourceFailed,
)
from bri_harvesting.tables import rows, workbook
from bri_harvesting.tables.mapping import Mapping, MappingFault, Table, read_mapping
from bri_harvesting.tables.rowreading import CellFault, RowReading
from bri_harvesting.tables.rows import Row, RowFault

_READERS = {"csv": rows.delimited, "xlsx": workbook.rows, "ndjson": rows.objects}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


async def read(source: Source, cursor: Cursor, asker: Asker, limits: Limits) -> Findings:
    """What the table at an address holds, unless it is as it was."""
    try:
        mapping = read_mapping(source.mapping)
    except MappingFault as fact:
        raise SourceFailed("mapping", str(fact)) from None
    answer = await asker.get(source.url, conditions(cursor))
    digest = sha256(answer.body).hexdigest()
    if answer.status == 304 or digest == cursor.get("digest"):
        yield Mark({**cursor, **validators(answer)}, unchanged=True)
        return
    for finding in items_of(answer.body, mapping, source, limits):
        yield finding
        if isinstance(finding, Fault):
            return
    yield Mark({"digest": digest, **validators(answer)}, whole=True)


def items_of(
    data: bytes, mapping: Mapping, source: Source, limits: Limits
) -> Iterator[Item | Fault]:
    """All items of a table; or fatal faults, at most MAX_FAULTS, and no item.

    Raises:
        SourceFailed: it is not the table that the mapping describes.
    """
    items: list[Item] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for row in _READERS[_format(data, mapping.table)](data, mapping.table, mapping.fields):
        found = _fault(row) if isinstance(row, RowFault) else _item(row, mapping, source)
        if isinstance(found, Item):
            found = _told_apart(found, seen)
        if isinstance(found, Item):
            items.append(found)
        else:
            faults.append(found)
        if len(items) > limits.items:
            raise SourceFailed("too-many", f"the table has more than {limits.items} rows")
        if len(faults) == MAX_FAULTS:
            break
    if not items and not faults:
        raise SourceFailed("empty", "the table has no rows")
    yield from faults or items


def _format(data: bytes, table: Table) -> str:
    if not data.strip():
        raise SourceFailed("empty", "the file is empty")
    if data.startswith(_OLD_EXCEL):
        detail = "the file is of the old Excel format, or encrypted: save it as .xlsx"
        raise SourceFailed("not-a-table", detail)
    is_zip = data.startswith(b"PK\x03\x04")
    if is_zip != (table.format == "xlsx") and table.format:
        raise SourceFailed("not-a-table", f"the file is no {table.format.upper()}")
    if table.format:
        return table.format
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return "xlsx" if is_zip else "ndjson" if start == b"{" else "csv"


def _told_apart(item: Item, seen: dict[str, str]) -> Item | Fault:
    first = seen.setdefault(item.identity, item.place)
    if first == item.place:
        return item
    detail = f"the identity {item.identity[:100]!r} is that of {first} too"
    return Fault("repeated", detail, item.place, fatal=True)


def _fault(row: RowFault) -> Fault:
    place = f"row {row.number}" + (f", column {row.column}" if row.column else "")
    return Fault("cell", row.message, place, fatal=True)


def _item(row: Row, mapping: Mapping, source: Source) -> Item | Fault:
    try:
        return RowReading(row, mapping, source).item()
    except CellFault as fact:
        place = f"row {row.number}" + (f", column {fact.cell.column}" if fact.cell.column else "")
        return Fault("cell", fact.message, place, fatal=True)
