"""Filters and facets, as Meilisearch is asked for them.

Rules:
- values of one filter are alternatives, filters add up, and none has a say in the ranking;
- a facet obeys every filter but its own; a range of dates is no choice of years, so all obey it;
- a value is text in quotes, whatever it is: none can end the filter that it stands in.
"""

from collections.abc import Iterable, Mapping, Sequence

from bri_retrieval.engine import Query
from bri_retrieval.folding import printable

SHOWN = "shown = true"
"""What every record has, and nothing else."""

_LONGEST_VALUE = 200

Filters = Mapping[str, str]
"""By facet; that of dates is `date`."""


def filters(query: Query) -> Filters:
    """What `query` narrows its results to."""
    by = {name: among(name, wanted) for name, wanted in query.filters.items()}
    if query.days:
        first, last = query.days
        by["date"] = f"day {first} TO {last}"
    return by


def narrowed(by: Filters, but: str = "") -> Sequence[str]:
    """All of the filters `by`, except the one named `but`."""
    return [SHOWN, *(each for name, each in by.items() if name != but)]


def equals(name: str, value: str) -> str:
    """The filter of records whose `name` is, or has, `value`."""
    return f"{name} = {_quoted(value)}"


def among(name: str, values: Iterable[str]) -> str:
    """The filter of what has any of `values`."""
    return f"{name} IN [{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    text = printable(value[:_LONGEST_VALUE]).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
