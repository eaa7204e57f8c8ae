"""Measurements of a search replica, beside those of every service."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import nan

from prometheus_client import Counter, Gauge, Histogram

from bri_kit.metrics import REGISTRY
from bri_retrieval.engine import EngineUnavailable

QUESTION_SECONDS = Histogram(
    "search_question_duration_seconds",
    "Time from a question's arrival to its answer, by kind (search, suggest, …) and outcome.",
    ["kind", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
REFUSED = Counter(
    "search_questions_refused",
    "Questions refused at once, because as many as may be were under way.",
    registry=REGISTRY,
)
PARTIAL = Counter(
    "search_answers_partial", "Answers without all facets, for want of time.", registry=REGISTRY
)
BY_WORDS = Counter(
    "search_answers_by_words",
    "Answers by words alone to questions that asked for meaning too: the embedder is away or busy.",
    registry=REGISTRY,
)
UNDER_WAY = Gauge("search_questions_under_way", "Questions being answered.", registry=REGISTRY)
CURSOR = Gauge("search_cursor", "The number of the last change found.", registry=REGISTRY)
LAG = Gauge(
    "search_cursor_lag", "Changes between the cursor and the hub's newest.", registry=REGISTRY
)
RECORDS = Gauge("search_records", "Records that can be found.", registry=REGISTRY)
BACKLOG = Gauge(
    "search_embedding_backlog", "Records that wait for their embedding.", registry=REGISTRY
)
SET_ASIDE_MEANING = Gauge(
    "search_embedding_set_aside",
    "Records without an embedding, because the embedder crashed over their text more than once.",
    registry=REGISTRY,
)
MODE = Gauge(
    "search_by_meaning", "1 where questions are compared by meaning too.", registry=REGISTRY
)
SET_ASIDE = Gauge(
    "search_records_set_aside", "Records that could not be indexed.", registry=REGISTRY
)
NOT_LINKED = Gauge(
    "search_records_not_linked",
    "Records that could not be looked at for stories.",
    registry=REGISTRY,
)
IMPAIRED = Gauge(
    "search_index_impaired",
    "1 where the index cannot be written, or is being filled again after damage.",
    registry=REGISTRY,
)
_READ = {
    "cursor": CURSOR,
    "lag": LAG,
    "records": RECORDS,
    "backlog": BACKLOG,
    "set_aside_meaning": SET_ASIDE_MEANING,
    "meaning": MODE,
    "set_aside": SET_ASIDE,
    "not_linked": NOT_LINKED,
    "impaired": IMPAIRED,
}


@contextmanager
def watching(reading: Mapping[str, Callable[[], float]]) -> Iterator[None]:
    """Ask these, by the names in _READ, whenever the measurements are read, as long as the block
    lasts: what is closed cannot be asked any more."""
    for name, read in reading.items():
        _READ[name].set_function(partial(_number, read))
    try:
        yield
    finally:
        for name in reading:
            _READ[name].set_function(lambda: 0.0)


def _number(read: Callable[[], float]) -> float:
    """What `read` answers; no number where the engine does not: all else is still to be read."""
    try:
        return read()
    except EngineUnavailable:
        return nan
