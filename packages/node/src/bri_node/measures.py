"""Measurements of a node, beside those of every service."""

from prometheus_client import Counter, Gauge

from bri_kit.metrics import REGISTRY

_CENTRE = ["centre"]

WRITTEN = Gauge("node_entries_written", "Entries in the log.", _CENTRE, registry=REGISTRY)
SENT = Gauge("node_entries_sent", "Entries that the broker has taken.", _CENTRE, registry=REGISTRY)
WAITING = Gauge(
    "node_entries_waiting", "Entries without a final receipt.", _CENTRE, registry=REGISTRY
)
HUB_HEAD = Gauge(
    "node_hub_head", "The number up to which the hub holds the log.", _CENTRE, registry=REGISTRY
)
INDEXED = Gauge(
    "node_index_cursor", "The last entry that this node's search shows.", _CENTRE, registry=REGISTRY
)
SET_ASIDE = Gauge(
    "node_records_set_aside",
    "Records that could not be indexed, and are found by nobody until they are revised.",
    _CENTRE,
    registry=REGISTRY,
)
RESENT = Counter("node_entries_resent", "Entries sent once more.", _CENTRE, registry=REGISTRY)
RECOVERED = Counter(
    "node_entries_recovered", "Entries fetched back from the hub.", _CENTRE, registry=REGISTRY
)
COMPARISONS = Counter(
    "node_comparisons",
    "Comparisons of the log with what the hub holds, by outcome.",
    ["centre", "outcome"],
    registry=REGISTRY,
)
COMPARISON_BYTES = Counter(
    "node_comparison_bytes", "Bytes that comparisons moved.", _CENTRE, registry=REGISTRY
)


def tell(centre: str, written: int, sent: int, settled: int, hub_head: int) -> None:
    """Tell how delivery goes."""
    WRITTEN.labels(centre).set(written)
    SENT.labels(centre).set(sent)
    WAITING.labels(centre).set(max(0, written - settled))
    HUB_HEAD.labels(centre).set(hub_head)
