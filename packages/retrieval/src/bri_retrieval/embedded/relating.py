"""Records that are about the same as one record, on other cards.

Rules:
- with an embedder, those whose passages are nearest to any passage of the record;
- without one, or before the record is embedded, those that have most of the words of its titles;
- a record that is not there has no relations, and neither its own card nor itself is one.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from tantivy import Occur, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval.embedded import reading
from bri_retrieval.embedded.binding import find_cards
from bri_retrieval.embedded.cards import Shower
from bri_retrieval.embedded.fusing import nearest
from bri_retrieval.embedded.schema import SCHEMA, read_card
from bri_retrieval.engine import Mode, Query, Results
from bri_retrieval.meaning.fusion import kin_of
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning


def related(
    searcher: Searcher,
    record_id: str,
    query: Query,
    thesaurus: Thesaurus,
    meaning: "Meaning | None",
) -> Results:
    """The `limit` records that are most like one; the total counts no more than these."""
    card = find_cards(searcher, [record_id]).get(record_id)
    if card is None or query.limit < 1:
        return Results(0, ())
    near = kin_of(record_id, query.limit, meaning)
    mode: Mode = "meaning" if near else "words"
    alike = nearest(near.affinities) if near else _by_words(searcher, card, thesaurus)
    if alike is None:
        return Results(0, (), mode=mode)
    own = TantivyQuery.term_set_query(SCHEMA, "id", [each.id for each in card.members])
    wanted = TantivyQuery.boolean_query([(Occur.Must, alike), (Occur.MustNot, own)])
    found = searcher.search(wanted, limit=query.limit, count=False).hits
    shower = Shower((), replace(query, text=""))
    hits = shower.hits((Card.load(read_card(searcher, at)), score) for score, at in found)
    return Results(len(hits), hits, mode=mode)


def _by_words(searcher: Searcher, card: Card, thesaurus: Thesaurus) -> TantivyQuery | None:
    titles = " ".join(text.title for each in card.members for text in each.editions.values())
    asked = reading.read(searcher, titles, thesaurus).asked
    words = [(Occur.Should, each.query) for each in asked if each.query]
    return TantivyQuery.boolean_query(words) if words else None
