"""What is sent where on NATS.

| subject | carries | from, to |
| --- | --- | --- |
| `bri.log.<centre>` | SignedEntry, kept by JetStream | node → hub |
| `bri.probe` | nothing, kept by JetStream | hub → nobody |
| `bri.receipt.<centre>` | Receipts, a hint | hub → node |
| `bri.ask.<centre>` | ReceiptsRequest, answered with Receipts | node → hub |
| `bri.resend.<centre>` | ResendRequest, a hint | hub → node |
| `bri.compare.<centre>` | CompareRequest, answered with CompareResponse | node → hub |

The names are told by `transport` too. They are here by themselves for whoever speaks of the broker
without speaking to it.
"""

STREAM = "BRI_LOG"
HUB_CONSUMER = "hub"
PREFIX = "bri"
PROBE_SUBJECT = f"{PREFIX}.probe"
"""In the stream and read by nobody: by this the hub sees whether anything is stored."""


def log_subject(centre: str) -> str:
    """Where a centre's entries go; `*` for all centres."""
    return f"{PREFIX}.log.{centre}"


def receipt_subject(centre: str) -> str:
    """Where the hub's receipts to a centre go."""
    return f"{PREFIX}.receipt.{centre}"


def ask_subject(centre: str) -> str:
    """Where a centre asks for receipts; `*` for all centres."""
    return f"{PREFIX}.ask.{centre}"


def resend_subject(centre: str) -> str:
    """Where the hub asks a centre to send entries again."""
    return f"{PREFIX}.resend.{centre}"


def compare_subject(centre: str) -> str:
    """Where a centre compares its log with what the hub holds; `*` for all centres."""
    return f"{PREFIX}.compare.{centre}"


def centre_of_subject(subject: str) -> str:
    """The centre that a subject of ours ends with."""
    return subject.rpartition(".")[2]
