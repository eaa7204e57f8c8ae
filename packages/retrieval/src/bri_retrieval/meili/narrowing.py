"""Filters and facets, as Meilisearch is asked for them.

Rules:
- values of one filter are alternatives, filters add up, and none has a say in the ranking;
- a facet obeys every filter but its own; a range of dates is no choice of years, so all obey it;
- a value is text in quotes, whatever it is: none can end the filter that it stands in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from bri_retrieval.engine import Query
from bri_retrieval.folding import printable

SHOWN = "shown = true"
"""What every record has, and nothing else."""

_LONGEST_VALUE = 200

Filters = Mapping[str, str]
"""By facet; that of dates is `date`."""


def filters(query: Query) -> Filters:
    """What `query` narrows its results to."""
    return dict(_filters(query))


def narrowed(by: Filters, but: str = "") -> Sequence[str]:
    """All of the filters `by`, except the one named `but`."""
    return [SHOWN, *(each for name, each in by.items() if name != but)]


def equals(name: str, value: str) -> str:
    """The filter of records whose `name` is, or has, `value`."""
    return f"{name} = {_quoted(value)}"


def among(name: str, values: Iterable[str]) -> str:
    """The filter of what has any of `values`."""
    return f"{name} IN [{', '.join(map(_quoted, values))}]"


def _filters(query: Query) -> Iterator[tuple[str, str]]:
    values: Mapping[str, Sequence[str]] = {
        "centre": query.centres,
        "kind": query.kinds,
        "country": query.countries,
        "topic": query.topics,
        "edition": query.editions,
        "jurisdiction": query.jurisdictions,
        "instrument": query.instruments,
        "status": query.statuses,
    }
    for name, wanted in values.items():
        if wanted:
            yield name, among(name, wanted)
    if query.since or query.until:
        first = date.fromisoformat(query.since) if query.since else date.min
        last = date.fromisoformat(query.until) if query.until else date.max
        yield "date", f"day {first.toordinal()} TO {last.toordinal()}"


def _quoted(value: str) -> str:
    text = printable(value[:_LONGEST_VALUE]).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
