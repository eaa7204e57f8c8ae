"""Refusals for want of authentication or authorisation, in the log: `request.denied`.

Rules:
- a line says when, the client's address, what was asked for and why it was refused; never what was
  sent;
- at most BURST lines at once and one a second: nobody fills a disk by being refused. What was left
  out is counted in the next line, and everything is in `http_request_duration_seconds` by status.
"""

import threading
from collections.abc import Sequence

import structlog
from starlette.types import Scope

from bri_kit.addresses import Network, client_of
from bri_kit.errors import BriError, Forbidden, Unauthenticated
from bri_kit.rates import Rate

BURST = 60
logger = structlog.get_logger()


class Denials:
    """Logs refusals; `trusted` are proxies whose X-Forwarded-For is believed. Its methods may be
    called from any thread."""

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = trusted
        self._rate = Rate(per_second=1, burst=BURST)
        self._unlogged = 0
        self._lock = threading.Lock()

    def note(self, fact: BriError, scope: Scope) -> None:
        """Log a refusal, if it is one."""
        if not isinstance(fact, Forbidden | Unauthenticated):
            return
        with self._lock:
            if self._rate.take(""):
                self._unlogged += 1
                return
            unlogged, self._unlogged = self._unlogged, 0
        logger.warning(
            "request.denied",
            status=fact.status,
            client=client_of(scope, self._trusted).key,
            method=scope["method"],
            path=scope["path"][:200],
            reason=fact.detail,
            unlogged=unlogged,
        )
