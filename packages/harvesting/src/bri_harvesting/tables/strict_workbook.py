"""Workbooks saved as `Strict Open XML` (ISO/IEC 29500 Strict), as the transitional kind.

The two differ in the names of their namespaces and in how dates are stored; openpyxl reads both
kinds of dates, but only the transitional names. The names are replaced part by part.
"""

import io
import zipfile

from bri_harvesting.source import SourceFailed

MAX_UNFOLDED = 64 * 1024 * 1024
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMES = (
    (b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (
        b"officeDocument/docPropsVTypes",
        b"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
    ),
    (
        b"officeDocument/extendedProperties",
        b"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
    ),
)


def transitional(data: bytes) -> bytes:
    """The workbook with transitional names; the same bytes if it has them already. Raises
    SourceFailed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _STRICT not in archive.read("xl/workbook.xml"):
            return data
        if sum(each.file_size for each in archive.infolist()) > MAX_UNFOLDED:
            detail = "the workbook is a large one of the strict kind: save it as Excel Workbook"
            raise SourceFailed("too-large", f"{detail} (.xlsx)")
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as copy:
            for part in archive.infolist():
                copy.writestr(part.filename, _renamed(archive.read(part)))
    return written.getvalue()


def _renamed(part: bytes) -> bytes:
    for name, transitional_name in _NAMES:
        part = part.replace(_STRICT + name, transitional_name)
    return part
