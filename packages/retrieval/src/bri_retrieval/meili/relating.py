"""Records that are about the same as one record, on other cards. The rules are those of every
engine (embedded.relating)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bri_retrieval.embedded.cards import Shower
from bri_retrieval.engine import Mode, Query, Results
from bri_retrieval.meaning.fusion import Kin, kin_of
from bri_retrieval.meili import reading
from bri_retrieval.meili.joining import Wanted
from bri_retrieval.meili.narrowing import among, narrowed
from bri_retrieval.meili.ranking import Ranking
from bri_retrieval.meili.remembering import Hit
from bri_retrieval.meili.source import Source
from bri_retrieval.stories.card import Card
from bri_retrieval.thesaurus import Thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

_POOL = 100

_Scored = list[tuple[Hit, float]]


def related(
    source: Source, record_id: str, query: Query, thesaurus: Thesaurus, meaning: "Meaning | None"
) -> Results:
    """The `limit` records that are most like one; the total counts no more than these."""
    card = source.cards_of([record_id]).get(record_id)
    if card is None or query.limit < 1:
        return Results(0, ())
    near = kin_of(record_id, query.limit, meaning)
    mode: Mode = "meaning" if near else "words"
    alike = _by_meaning(source, card, near) if near else _by_words(source, card, thesaurus)
    places = alike[: query.limit]
    cards = source.cards([hit for hit, _ in places])
    shower = Shower((), replace(query, text=""))
    hits = shower.hits((cards[hit["id"]], score) for hit, score in places if hit["id"] in cards)
    return Results(len(hits), hits, mode=mode)


def _by_meaning(source: Source, card: Card, near: Kin) -> _Scored:
    affinities = {name: worth for name, worth in near.affinities.items() if worth > 0}
    wanted = [Wanted("", among("records", affinities))]
    return _others(source, wanted, card, Ranking((), 0, replace(near, affinities=affinities)))


def _by_words(source: Source, card: Card, thesaurus: Thesaurus) -> _Scored:
    titles = " ".join(text.title for _, text in card.texts())
    asked = [each for each in reading.read(source, titles, thesaurus).asked if each.own]
    wanted = [Wanted(each.own.piece) for each in asked if each.own]
    return _others(source, wanted, card, Ranking(asked, source.total(), None)) if wanted else []


def _others(source: Source, wanted: list[Wanted], card: Card, ranking: Ranking) -> _Scored:
    own = f"NOT {among('records', card.ids)}"
    hits = source.joined(wanted, [*narrowed({}), own], _POOL).hits
    return ranking.ordered(hits, source.weighable(hits))
