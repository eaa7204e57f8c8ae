"""From a question to a page of cards.

Rules:
- a question is asked strictly first: all terms. Where fewer than ENOUGH records have them all,
  about half of the terms are enough, and then any;
- filters and pages have no say in that: a facet counts what choosing it shows, pages fit together;
- what has no words finds nothing; what is empty lists everything, the newest first;
- where there is an embedder, words and meaning are asked together (see fusing); records near in
  meaning count when it is asked whether a reading finds enough.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import structlog
from tantivy import Occur, Order, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval import panics
from bri_retrieval.embedded import facets, reading
from bri_retrieval.embedded.cards import Shower
from bri_retrieval.embedded.documents import Card
from bri_retrieval.embedded.fusing import Fusion, exact
from bri_retrieval.embedded.matching import Asked
from bri_retrieval.embedded.recency import favoured
from bri_retrieval.embedded.schema import cursor_query, read_card
from bri_retrieval.engine import FACETS, Mode, Query, Results
from bri_retrieval.meaning.embedder import EmbedderUnavailable
from bri_retrieval.meaning.fusion import CANDIDATES, FILTERED_CANDIDATES, RECENT_AFFINITY
from bri_retrieval.thesaurus import Thesaurus

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning

_log = structlog.get_logger()

A_SENTENCE = 5
"""Who asks in so many words never finds all of them. Beside what is near in meaning, half are
enough at once; without it, only where too few records have them all."""

ENOUGH = 10
"""So many records that match strictly make it needless to look for more."""


def search(
    searcher: Searcher, query: Query, thesaurus: Thesaurus, meaning: "Meaning | None" = None
) -> Results:
    """One page of what `query` asks for."""
    read = reading.read(searcher, query.text, thesaurus)
    asked = read.asked
    if query.text.strip() and not asked:
        return Results(0, (), {name: {} for name in FACETS})
    filters = facets.filters(query)
    fusion = _fusion(searcher, query, asked, meaning)
    by = _order(query, asked)

    def page(matching: TantivyQuery) -> Any:
        narrowed = facets.narrowed(matching, filters)
        return searcher.search(
            narrowed if by else _ranked(searcher, narrowed, fusion, query.mode),
            limit=max(query.limit, 1),
            offset=query.offset,
            order_by_field=by,
            order=Order.Desc,
        )

    readings = _readings(asked, fusion, query.mode)
    matching, found = _strictest(searcher, readings, page, narrow=bool(filters))
    shower = Shower([term for each in asked for term in each.shown], query)
    hits = shower.hits(
        (Card.load(read_card(searcher, address)), 0.0 if by else score)
        for score, address in found.hits[: query.limit]
    )
    counts, partial = facets.count(searcher, matching, filters, query.deadline)
    mode = query.mode if fusion else "words"
    return Results(_count(found), hits, counts, read.meant, partial, mode)


def _order(query: Query, asked: Sequence[Asked]) -> str | None:
    """The field that hits are in the order of; None for the best match first."""
    if query.sort == "changed":
        return "changed"
    return "newest" if query.sort == "newest" or not asked else None


def _count(found: Any) -> int:
    """How many documents matched; the library's stubs leave it out."""
    return int(found.count)


def _fusion(
    searcher: Searcher, query: Query, asked: Sequence[Asked], meaning: "Meaning | None"
) -> Fusion | None:
    """What is near in meaning; None where words alone are asked, or can be."""
    if meaning is None or query.mode == "words" or not asked:
        return None
    try:
        count = FILTERED_CANDIDATES if facets.filters(query) else CANDIDATES
        with panics.as_errors():
            kin = meaning.akin(query.text, count, query.deadline)
    except EmbedderUnavailable:
        return None
    except Exception:  # noqa: BLE001 - it is logged
        # Whatever it is, words find the records without it.
        _log.exception("meaning.failed")
        return None
    return Fusion(asked, exact(searcher, asked, query.text), kin)


def _ranked(
    searcher: Searcher, found: TantivyQuery, fusion: Fusion | None, mode: Mode
) -> TantivyQuery:
    if fusion is None:
        return favoured(found, _today())
    ranked = fusion.ranked(searcher, found, words=mode != "meaning")
    return favoured(ranked, _today(), RECENT_AFFINITY)


def _today() -> date:
    return datetime.now(UTC).date()


def _strictest(
    searcher: Searcher,
    readings: Iterator[TantivyQuery],
    page: Callable[[TantivyQuery], Any],
    *,
    narrow: bool,
) -> tuple[TantivyQuery, Any]:
    """The first of `readings` that finds enough, or the last, with its page. A page tells how many
    there are, so nothing is searched twice, but where filters made them fewer."""
    for matching in readings:
        found = searcher.search(matching, limit=1) if narrow else page(matching)
        if _count(found) >= ENOUGH:
            break
    return matching, page(matching) if narrow else found


def _readings(asked: Sequence[Asked], fusion: Fusion | None, mode: Mode) -> Iterator[TantivyQuery]:
    """The question from the strictest reading to the loosest; at least one."""
    if not asked:
        everything = TantivyQuery.all_query()
        yield TantivyQuery.boolean_query(
            [(Occur.Must, everything), (Occur.MustNot, cursor_query())]
        )
        return
    if fusion and mode == "meaning":
        yield fusion.found(None)
        return
    quoted = sum(each.required for each in asked)
    levels = _levels(len(asked) - quoted, least=0 if quoted else 1)
    if fusion and len(asked) >= A_SENTENCE:
        levels = levels[1:] or levels
    for required in levels:
        lexical = _requiring(asked, required)
        found = fusion.found(lexical) if fusion else lexical
        yield found or TantivyQuery.empty_query()


def _levels(optional: int, least: int) -> list[int]:
    """How many of so many optional terms are required: all, about half, as few as make sense."""
    return sorted({optional, (optional + 1) // 2, min(optional, least)}, reverse=True)


def _requiring(asked: Sequence[Asked], required: int) -> TantivyQuery | None:
    """Matches records with every quoted term and so many of the others."""
    quoted = [each.query for each in asked if each.required]
    others = [each.query for each in asked if not each.required and each.query]
    if None in quoted or len(others) < required:
        return None
    occur = Occur.Must if required == len(others) else Occur.Should
    clauses = [(Occur.Must, query) for query in quoted if query]
    clauses += [(occur, query) for query in others]
    return TantivyQuery.boolean_query(
        clauses, minimum_number_should_match=required if occur == Occur.Should else None
    )
