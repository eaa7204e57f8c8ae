"""tantivy as somebody uses it who needs a search and nothing more: what the engine is measured by.

The same texts as they are, in fields by language with tantivy's own analysers; the same filters and
dates; the same stored texts. No folding, no words as they are spelt or sound, no titles as they are
typed, no cursor. Chinese comes cut by the same dictionary: without that it would not be found.
"""

from pathlib import Path

import rjieba
from tantivy import (
    Document,
    Filter,
    Index,
    IndexWriter,
    Schema,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bri_retrieval.embedded.documents import Card
from bri_retrieval.engine import FACETS
from bri_retrieval.stories.card import keywords
from tests.bench.corpus import LANGUAGES

_STEMMERS = {"en": "english", "ru": "russian"}
_FIELDS = [f"{part}_{language}" for part in ("title", "body") for language in LANGUAGES]
_SEPARATOR = "\f"


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic", stored=True)
    for name in FACETS:
        if name == "year":
            builder.add_unsigned_field(name, indexed=True, fast=True)
        else:
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for field in _FIELDS:
        builder.add_text_field(field, tokenizer_name=field[-2:], stored=True)
    return builder.build()


SCHEMA = _schema()


def open_index(path: Path) -> Index:
    """The index in the directory `path`, which is made where it is not there."""
    path.mkdir(parents=True, exist_ok=True)
    index = Index(SCHEMA, str(path), reuse=True)
    for language in LANGUAGES:
        index.register_tokenizer(language, _analyzer(language))
    return index


def open_writer(path: Path, heap_bytes: int) -> IndexWriter:
    """What writes to it, with one thread, as the engine's own."""
    return open_index(path).writer(heap_bytes, 1)


def document(card: Card) -> Document:
    """The document of a card."""
    found = Document()
    for member in card.members:
        found.add_text("id", member.id)
        for name, values in keywords(member).items():
            for value in filter(None, values):
                found.add_text(name, value)
        found.add_unsigned("year", int(member.date[:4]))
        for language, text in member.editions.items():
            found.add_text(f"title_{language}", _cut(text.title, language))
            found.add_text(f"body_{language}", _cut(text.body, language))
    return found


def _analyzer(language: str) -> TextAnalyzer:
    if language == "zh":
        return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.lowercase()).build()
    words = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
    return words.filter(Filter.stemmer(_STEMMERS[language])).build()


def _cut(text: str, language: str) -> str:
    return _SEPARATOR.join(rjieba.cut(text)) if language == "zh" else text
