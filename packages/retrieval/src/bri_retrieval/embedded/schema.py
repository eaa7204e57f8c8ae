"""How records lie in a tantivy index, and how an index is opened.

Rules:
- one document a card; title, summary and body of all its editions in fields by family;
- `words` are spelt as in the text and `sounds` how titles sound: what may have been meant is looked
  up there, never ranked by;
- filters and facets are whole values in fast fields; what a card and its snippet show is stored as
  one value, so that a hit is one read;
- the cursor is a document of its own, without words, filters or dates: no search ever meets it;
- an index that another version wrote is not opened.
"""

from pathlib import Path
from typing import NamedTuple

import orjson
from tantivy import (
    DocAddress,
    Document,
    Index,
    Occur,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bri_retrieval.analysis import FAMILIES
from bri_retrieval.embedded import terms
from bri_retrieval.set_aside import SetAside
from bri_retrieval.stories.card import Card

FORMAT = 5
"""Grows with every change of the schema or the analysis: older indexes are then filled anew."""

PARTS = ("title", "summary", "body")
KEYWORDS = (
    *("centre", "kind", "country", "topic", "edition"),
    *("jurisdiction", "instrument", "status"),
)

_CURSOR_ID = ":cursor"


class Position(NamedTuple):
    """How far an index has come: the number of a change, the epoch of the log it is of, and the
    records that could not be indexed on the way."""

    number: int = 0
    epoch: str = ""
    set_aside: SetAside = SetAside()


class UnusableIndex(Exception):
    """The files are not an index of this version."""


def _build() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("members", fast=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("changed", fast=True)
    builder.add_text_field("typed", tokenizer_name="typed")
    builder.add_text_field("words", tokenizer_name="spaced", index_option="basic")
    builder.add_text_field("sounds", tokenizer_name="raw", index_option="basic")
    for family in FAMILIES:
        for part in PARTS:
            builder.add_text_field(f"{part}_{family}", tokenizer_name=family)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


SCHEMA = _build()


def open_index(path: Path) -> tuple[Index, Position]:
    """The index in the directory `path`, which is made where there is none, and how far it has
    come.

    Raises:
        UnusableIndex: another version wrote it, or it has documents but no cursor.
        ValueError, OSError: it cannot be read, or made.
    """
    path.mkdir(parents=True, exist_ok=True)
    index = _prepared(Index(SCHEMA, str(path), reuse=True))
    return index, read_position(index)


def index_in_memory() -> Index:
    """An empty index that no disk holds."""
    return _prepared(Index(SCHEMA))


def cursor_document(position: Position) -> Document:
    """The document that keeps the cursor."""
    document = Document()
    document.add_text("id", _CURSOR_ID)
    kept = {
        "format": FORMAT,
        "cursor": position.number,
        "epoch": position.epoch,
        "set_aside": position.set_aside.dump(),
    }
    document.add_bytes("card", orjson.dumps(kept))
    return document


def cursor_query() -> Query:
    """Finds the document that keeps the cursor."""
    return Query.term_query(SCHEMA, "id", _CURSOR_ID, index_option="basic")


def read_card(searcher: Searcher, address: DocAddress) -> bytes:
    """What is stored of the document at `address`."""
    stored: bytes = searcher.doc(address).to_dict()["card"][0]
    return stored


def count_records(searcher: Searcher) -> int:
    """How many records are on the cards."""
    wanted = {"records": {"sum": {"field": "members"}}}
    return int(searcher.aggregate(Query.all_query(), wanted)["records"]["value"])


def all_records(searcher: Searcher) -> list[str]:
    """Every record on a card, the newest card first."""
    cards = Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, cursor_query())])
    found = searcher.search(
        cards, limit=max(searcher.num_docs, 1), count=False, order_by_field="newest"
    )
    return [
        member.id
        for _, address in found.hits
        for member in Card.load(read_card(searcher, address)).members
    ]


def read_position(index: Index) -> Position:
    """How far the index was committed; 0 in an index without documents.

    Raises:
        UnusableIndex: the index has documents but no cursor, or is of another format.
    """
    searcher = index.searcher()
    if not searcher.num_docs:
        return Position()
    hits = searcher.search(cursor_query(), limit=1).hits
    if not hits:
        raise UnusableIndex("there are documents but no cursor")
    kept = orjson.loads(read_card(searcher, hits[0][1]))
    if kept["format"] != FORMAT:
        raise UnusableIndex(f"format {kept['format']}, not {FORMAT}")
    set_aside = SetAside.load(kept.get("set_aside"))
    return Position(int(kept["cursor"]), kept.get("epoch", ""), set_aside)


def analyzers() -> dict[str, TextAnalyzer]:
    """What becomes of the text in the fields of each family, and of titles as typed."""
    of_families = terms.analyzers()
    spaced = TextAnalyzerBuilder(Tokenizer.whitespace()).build()
    return {**of_families, "typed": of_families["xx"], "spaced": spaced}


def _prepared(index: Index) -> Index:
    for name, analyzer in analyzers().items():
        index.register_tokenizer(name, analyzer)
    index.config_reader(reload_policy="manual")
    return index
