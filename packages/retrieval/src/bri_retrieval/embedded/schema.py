"""How records lie in a tantivy index, and how an index is opened.

Rules:
- one document a record; title, summary and body of all its editions in fields by family;
- filters and facets are whole values in fast fields; what a card and its snippet show is stored as
  one value, so that a hit is one read;
- the cursor is a document of its own, without words, filters or dates: no search ever meets it;
- an index that another version wrote, or that cannot be read, is removed and begun again.
"""

import shutil
from pathlib import Path

import orjson
import structlog
from tantivy import (
    DocAddress,
    Document,
    Filter,
    Index,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bri_retrieval.analysis import FAMILIES

FORMAT = 1
"""Grows with every change of the schema or the analysis: older indexes are then filled anew."""

PARTS = ("title", "summary", "body")
KEYWORDS = ("centre", "kind", "country", "topic", "edition")

_CURSOR_ID = ":cursor"
_log = structlog.get_logger()


class UnusableIndex(Exception):
    """The files are not an index of this version."""


def _build() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("year", fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_text_field("typed", tokenizer_name="typed")
    for family in FAMILIES:
        for part in PARTS:
            builder.add_text_field(f"{part}_{family}", tokenizer_name=family)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


SCHEMA = _build()


def open_index(path: Path) -> tuple[Index, int]:
    """The index in the directory `path` and its cursor; an empty one if there is none to use."""
    path.mkdir(parents=True, exist_ok=True)
    try:
        index = _open(path)
        return index, read_cursor(index)
    except (UnusableIndex, ValueError, OSError) as reason:
        _log.warning("index.rebuilt", path=str(path), reason=str(reason))
        shutil.rmtree(path)
        path.mkdir()
        return _open(path), 0


def cursor_document(cursor: int) -> Document:
    """The document that keeps the cursor."""
    document = Document()
    document.add_text("id", _CURSOR_ID)
    document.add_bytes("card", orjson.dumps({"format": FORMAT, "cursor": cursor}))
    return document


def cursor_query() -> Query:
    """Finds the document that keeps the cursor."""
    return Query.term_query(SCHEMA, "id", _CURSOR_ID, index_option="basic")


def read_card(searcher: Searcher, address: DocAddress) -> bytes:
    """What is stored of the document at `address`."""
    stored: bytes = searcher.doc(address).to_dict()["card"][0]
    return stored


def read_cursor(index: Index) -> int:
    """The committed cursor; 0 in an index without documents.

    Raises:
        UnusableIndex: the index has documents but no cursor, or is of another format.
    """
    searcher = index.searcher()
    if not searcher.num_docs:
        return 0
    hits = searcher.search(cursor_query(), limit=1).hits
    if not hits:
        raise UnusableIndex("there are documents but no cursor")
    kept = orjson.loads(read_card(searcher, hits[0][1]))
    if kept["format"] != FORMAT:
        raise UnusableIndex(f"format {kept['format']}, not {FORMAT}")
    return int(kept["cursor"])


def analyzers() -> dict[str, TextAnalyzer]:
    """What becomes of prepared text in the fields of each family, and of titles as typed."""
    english, russian = Filter.stemmer("english"), Filter.stemmer("russian")
    words, marked_words = Tokenizer.simple(), Tokenizer.regex(r"[\p{L}\p{M}\p{N}]+")
    stemmed = TextAnalyzerBuilder(words).filter(russian).filter(english).build()
    unstemmed = TextAnalyzerBuilder(marked_words).build()
    return {"zh": stemmed, "en": stemmed, "ru": stemmed, "xx": unstemmed, "typed": unstemmed}


def _open(path: Path) -> Index:
    index = Index(SCHEMA, str(path), reuse=True)
    for name, analyzer in analyzers().items():
        index.register_tokenizer(name, analyzer)
    index.config_reader(reload_policy="manual")
    return index
