"""Measurements in OpenMetrics text: requests by route, and whatever a service adds."""

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
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


def exposition() -> bytes:
    """All measurements of this process."""
    text: bytes = generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
    return text
