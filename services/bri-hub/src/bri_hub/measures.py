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
ALARMS = Counter(
    "hub_alarms",
    "What somebody has to look at: a log that the brake holds, a forked history.",
    ["event", "centre"],
    registry=REGISTRY,
)
UNSTORED = Gauge(
    "hub_unstored_entries",
    "Entries that have arrived at the broker and could not be stored yet.",
    ["centre"],
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
RESEND_REQUESTS = Counter(
    "hub_resend_requests",
    "Requests to send entries again, by centre.",
    ["centre"],
    registry=REGISTRY,
)
LAG = Gauge(
    "hub_lag_entries",
    "Entries between the head of a centre's log here and the newest that is known to exist.",
    ["centre"],
    registry=REGISTRY,
)
COMPARISONS = Counter(
    "hub_comparisons", "Comparisons that nodes began of their logs with ours.", registry=REGISTRY
)
QUESTIONS_DROPPED = Counter(
    "hub_questions_dropped",
    "Questions of centres that were dropped for newer ones, by kind.",
    ["kind"],
    registry=REGISTRY,
)
MENDED = Counter("hub_mended", "Damaged entries and records that were mended.", registry=REGISTRY)
REWOUND = Counter(
    "hub_stream_rewound",
    "Times that the broker's stream was read again from where the database had come.",
    registry=REGISTRY,
)
REACH = Gauge(
    "hub_reach",
    "The number in a centre's log up to which a search replica shows everything.",
    ["centre", "place"],
    registry=REGISTRY,
)
ALERT_EVENTS = Counter(
    "hub_alert_events", "Things that those who follow searches are told.", registry=REGISTRY
)
ALERTS_SENT = Counter(
    "hub_alerts_sent",
    "Letters and webhooks, by what became of them.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
