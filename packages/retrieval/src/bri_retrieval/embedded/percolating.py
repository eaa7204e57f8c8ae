"""Which of a few records have what each of many questions asks: search the other way round.

Rules:
- what a question asks is read as every engine reads it, with the thesaurus's other names in every
  language, so that a question in Russian meets a record in Chinese;
- a record has to have all of it: nothing is loosened where little is found, no spelling is
  corrected and nothing is guessed, because nobody is there to see that something else was meant;
- a record is asked for itself, not for the others of its story;
- the records are indexed in memory for the occasion, so a question costs no more where the corpus
  is large, and one whose words are in none of the records costs next to nothing.
"""

from collections.abc import Mapping, Sequence

import structlog
from tantivy import Index, Occur, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval import panics, question
from bri_retrieval.embedded.documents import document
from bri_retrieval.embedded.matching import ask
from bri_retrieval.embedded.schema import SCHEMA, analyzers
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus

_HEAP_BYTES = 15_000_000
_log = structlog.get_logger()

Places = Mapping[tuple[int, int], str]
"""The record at each address of the index."""


def percolate(
    cards: Mapping[str, Card], texts: Sequence[str], thesaurus: Thesaurus
) -> list[set[str]]:
    """For each of `texts`, the records that have everything it asks; `cards` has the card that each
    record is on. A text without words asks nothing that a record could have."""
    searcher = _index(cards)
    places = _places(searcher, cards)
    return [_matching(searcher, places, text, thesaurus) for text in texts]


def _index(cards: Mapping[str, Card]) -> Searcher:
    index = Index(SCHEMA)
    for name, analyzer in analyzers().items():
        index.register_tokenizer(name, analyzer)
    writer = index.writer(_HEAP_BYTES, 1)
    for record_id, card in cards.items():
        own = Card([each for each in card.members if each.id == record_id])
        try:
            with panics.as_errors():
                writer.add_document(document(own))
        except Exception:  # noqa: BLE001 - one record that cannot be read has nothing that is asked
            _log.exception("record.not_percolated", record=record_id)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher()


def _places(searcher: Searcher, names: Mapping[str, Card]) -> Places:
    found = {}
    for name in names:
        query = TantivyQuery.term_query(SCHEMA, "id", name, index_option="basic")
        for _, address in searcher.search(query, limit=1, count=False).hits:
            found[address.segment_ord, address.doc] = name
    return found


def _matching(searcher: Searcher, places: Places, text: str, thesaurus: Thesaurus) -> set[str]:
    terms = question.read(text)
    if not terms or not places:
        return set()
    asked = ask(searcher, terms, thesaurus, guessing=False)
    clauses = [(Occur.Must, each.query) for each in asked if each.query]
    if len(clauses) < len(asked):
        return set()
    query = TantivyQuery.boolean_query(clauses)
    hits = searcher.search(query, limit=len(places), count=False).hits
    return {places[address.segment_ord, address.doc] for _, address in hits}
