"""Measurements of the hub, beside those of every service."""

from prometheus_client import Counter, Gauge, Histogram

from bri_kit.metrics import REGISTRY

ENTRIES = Counter("hub_entries", "Entries answered, by verdict.", ["verdict"], registry=REGISTRY)
REFUSED = Counter("hub_refused", "Bytes that were refused, by fault.", ["fault"], registry=REGISTRY)
BATCH_SECONDS = Histogram(
    "hub_batch_duration_seconds",
    "Time from a batch's arrival to its commit.",
    registry=REGISTRY,
)
FAILURES = Counter(
    "hub_batch_failures", "Batches that the database did not take at once.", registry=REGISTRY
)
HEAD = Gauge("hub_change_head", "The number of the newest change.", registry=REGISTRY)
FOLLOWER_CURSOR = Gauge(
    "hub_follower_cursor",
    "The change that a follower of the change log was sent last.",
    ["follower"],
    registry=REGISTRY,
)
