"""Measurements in OpenMetrics text: requests by route, and whatever a service adds."""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
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


def exposition() -> bytes:
    """All measurements of this process."""
    text: bytes = generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
    return text
