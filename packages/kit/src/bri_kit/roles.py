"""Who may do what on the broker.

| role | publishes | hears |
| --- | --- | --- |
| centre | `bri.log`, `bri.ask`, `bri.compare`, of its own code | `bri.receipt`, `bri.resend`, of its own code; its inbox |
| hub | `bri.receipt.*`, `bri.resend.*`, `bri.probe`, JetStream's API, one answer to each question | `bri.ask.*`, `bri.compare.*`; its inbox |
| admin | `$SYS.REQ.CLAIMS.UPDATE`, in the system account | its inbox |

Rules:
- nobody but a centre publishes its log, the hub neither; logs are read through JetStream alone,
  whose API is the hub's;
- what is not in the table is refused.
"""  # noqa: E501 - a table

import re

from bri_kit import subjects
from bri_kit.access import inbox
from bri_kit.claims import Scope

HUB = "hub"
ADMIN = "admin"
CENTRE = "centre"

CLAIMS_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"
"""Where a server is told of an account; it answers what became of it."""

MAX_PAYLOAD = 8 * 1024**2
"""The largest message that the broker takes, in bytes; an entry is at most 7 MiB."""

_NAME = "{{name()}}"
_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}")


def check_name(centre: str) -> None:
    """A centre's name becomes part of what it may do, so it must not hold what subjects are made of
    (`.`, `*`, `>`). Raises ValueError."""
    if not _CODE.fullmatch(centre):
        raise ValueError(f"a centre cannot be called {centre[:40]!r}")


def centre_scope() -> Scope:
    """What every centre may do, each in its own name."""
    asked = (subjects.log_subject, subjects.ask_subject, subjects.compare_subject)
    heard = (subjects.receipt_subject, subjects.resend_subject)
    return Scope(
        role=CENTRE,
        publish=[subject(_NAME) for subject in asked],
        subscribe=[*(subject(_NAME) for subject in heard), f"{inbox(_NAME)}.>"],
        subscriptions=32,
        payload=MAX_PAYLOAD,
    )


def hub_scope() -> Scope:
    """What the hub may do."""
    told = (subjects.receipt_subject, subjects.resend_subject)
    heard = (subjects.ask_subject, subjects.compare_subject)
    jetstream = ("$JS.API.>", f"$JS.ACK.{subjects.STREAM}.>")
    return Scope(
        role=HUB,
        publish=[*(subject("*") for subject in told), subjects.PROBE_SUBJECT, *jetstream],
        subscribe=[*(subject("*") for subject in heard), f"{inbox(HUB)}.>"],
        answers=1,
        answer_seconds=60,
    )


def admin_scope() -> Scope:
    """What it takes to tell a server of accounts."""
    return Scope(ADMIN, publish=[CLAIMS_UPDATE], subscribe=[f"{inbox(ADMIN)}.>"])
