"""Measurements in OpenMetrics text: requests by route, and whatever a service adds."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time from a request's arrival to the end of its answer.",
    ["method", "route", "status"],
    registry=REGISTRY,
)

REQUESTS_REFUSED = Counter(
    "http_requests_refused",
    "Requests answered 429, by the limit that they exceeded.",
    ["limit"],
    registry=REGISTRY,
)

DATABASE_FULL = Gauge(
    "database_full", "1 while the database has no room to store anything.", registry=REGISTRY
)
DATABASE_DAMAGED = Gauge(
    "database_damaged", "1 once a damaged page of the database was met.", registry=REGISTRY
)
STORAGE_FREE = Gauge("storage_free_bytes", "Free room where the data is.", registry=REGISTRY)


def exposition() -> bytes:
    """All measurements of this process."""
    text: bytes = generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
    return text
