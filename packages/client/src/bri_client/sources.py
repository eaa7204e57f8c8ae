"""What a centre's node harvests: its sources, files of items, and what sources propose.

Reading needs any token of that centre, everything else an editor's.
"""

from collections.abc import Sequence
from typing import Any

from bri_client.call import Call, Listing, get, listing, post, put, said, segment

_SOURCES, _PROPOSALS = "/api/v1/sources", "/api/v1/proposals"

Document = dict[str, Any]


def sources() -> Listing[Document, Document]:
    """All sources, with how they were set up and how they go."""
    return listing(_SOURCES, {}, Document)


def source(name: str) -> Call[Document]:
    """One source; `last` tells how its last reading went."""
    return get(_path(name), Document)


def add(document: Document) -> Call[Document]:
    """Set a source up: `name`, `kind`, `url`, and what else the API's document says."""
    return post(_SOURCES, document, Document)


def change(name: str, document: Document, revision: int) -> Call[Document]:
    """Set a source up anew."""
    return put(_path(name), document, Document, {"If-Match": f'"{revision}"'})


def remove(name: str) -> Call[None]:
    """Forget a source; its records stay."""
    return Call("DELETE", _path(name), lambda _body: None, repeatable=True)


def run(name: str) -> Call[Document]:
    """Have a source read as soon as may be."""
    return post(f"{_path(name)}/run", None, Document)


def bring(
    name: str, items: Sequence[Document], settings: Document, *, publish: bool, whole: bool
) -> Call[Document]:
    """Keep a file's items, all or none; `whole` proposes to withdraw what it holds no longer."""
    document = {"items": items, "settings": settings, "publish": publish, "whole": whole}
    return post(f"{_path(name)}/items", document, Document)


def proposals(source: str = "") -> Listing[Document, Document]:
    """What sources propose and nobody has decided, the oldest first."""
    return listing(_PROPOSALS, said({"source": source, "limit": 100}), Document)


def accept(number: int) -> Call[Document]:
    """Do what is proposed."""
    return post(f"{_PROPOSALS}/{number}/accept", None, Document)


def refuse(number: int) -> Call[Document]:
    """Leave the record as it is."""
    return post(f"{_PROPOSALS}/{number}/refuse", None, Document)


def _path(name: str) -> str:
    return f"{_SOURCES}/{segment(name)}"
