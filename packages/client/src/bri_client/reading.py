"""What hub and node answer alike: search, records, and vocabularies."""

from collections.abc import Sequence
from typing import Any, Literal

from bri_client.call import Call, Listing, get, listing, said, segment
from bri_client.documents import Country, Hit, Kind, Proof, Record, Results, Topic
from bri_client.errors import AnswerNotUnderstood

MOST_AT_ONCE = 100
LAST_OFFSET = 10_000
"""Beyond it a search answers no more; a narrower question does."""

Sort = Literal["relevance", "newest", "changed"]


def search(
    q: str = "",
    lang: str = "en",
    *,
    centre: Sequence[str] = (),
    kind: Sequence[Kind] = (),
    country: Sequence[str] = (),
    topic: Sequence[str] = (),
    edition: Sequence[str] = (),
    since: str = "",
    until: str = "",
    sort: Sort | Literal[""] = "",
    limit: int = 20,
    offset: int = 0,
) -> Listing[Results, Hit]:
    """Find records, asked in any language, shown in `lang`; an empty `q` lists all, newest first.
    `limit` is that of one page (at most 100)."""
    told = {"q": q, "lang": lang, "from": since, "to": until, "sort": sort}
    filters = {"centre": centre, "kind": kind, "country": country, "topic": topic}
    one = said({**told, **filters, "edition": edition})
    return _search(one, limit, offset)


def _search(one: dict[str, Any], limit: int, offset: int) -> Listing[Results, Hit]:
    def hits(results: Results) -> Sequence[Hit]:
        if not isinstance(results.get("hits"), list):
            raise AnswerNotUnderstood("the answer is not that of a search")
        return results["hits"]

    def after(results: Results) -> Listing[Results, Hit] | None:
        reached = offset + len(hits(results))
        more = reached > offset and reached < results["total"] and reached <= LAST_OFFSET
        return _search(one, limit, reached) if more else None

    params = {**one, "limit": limit, "offset": offset}
    return Listing(get("/api/v1/search", Results, params), hits, after)


def record(record_id: str) -> Call[Record]:
    """A record as it is now. A withdrawn one raises `Retracted`, which tells when, why and by
    whom."""
    return get(record_path(record_id), Record)


def record_path(record_id: str) -> str:
    """Where a record is."""
    return f"/api/v1/records/{segment(record_id)}"


def proof(record_id: str) -> Call[Proof]:
    """The newest signed entry about a record, and what it takes to verify it offline."""
    return get(f"{record_path(record_id)}/proof", Proof)


def topics() -> Listing[dict[str, Any], Topic]:
    """The topics, with labels and synonyms in all languages."""
    return listing("/api/v1/topics", {}, Topic)


def countries() -> Listing[dict[str, Any], Country]:
    """The countries, with their names."""
    return listing("/api/v1/countries", {}, Country)


def alive() -> Call[dict[str, Any]]:
    """Whether the service lives."""
    return get("/healthz", dict[str, Any])


def ready() -> Call[dict[str, Any]]:
    """Whether the service can serve; `Unavailable` says why not."""
    return get("/readyz", dict[str, Any])
