"""What is wrong with a connection to the broker, in words for whoever can mend it."""

import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from bri_kit.knocking import Knocking

REVOKED = "the broker says that these credentials are revoked"
EXPIRED = "the broker says that these credentials have expired"
NOT_TAKEN = "the broker does not take these credentials: they are revoked, or another hub's"
_SHOWN_OUT = {"revoked": REVOKED, "expired": EXPIRED, "authorization": NOT_TAKEN}
"""What the broker says to whom it does not let in, and what that means."""


logger = structlog.get_logger()


def is_shown_out(problem: str) -> bool:
    """Whether what is wrong with a connection is who we are."""
    return problem in _SHOWN_OUT.values()


def explain(error: Exception | None) -> str:
    """What went wrong with a connection, in words for whoever can mend it."""
    error = getattr(error, "certificate_error", error)  # as aiohttp wraps it, for WebSockets
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the broker's certificate is not trusted here: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS does not come about: {error}"
    told = str(error or "").removeprefix("nats: ").strip("' ")
    for word, meaning in _SHOWN_OUT.items():
        if word in told.lower():
            return meaning
    return told or (type(error).__name__ if error else "the connection was closed")


class Complaints:
    """What goes wrong while one connects to `url`, told to the log and to `on_problem` once for as
    long as it lasts."""

    def __init__(
        self, url: str, credentials: Path | None, on_problem: Callable[[str], None]
    ) -> None:
        self._url = url
        self._knocking = Knocking(credentials)
        self._on_problem = on_problem
        self._problem = ""

    async def take(self, error: Exception) -> None:
        """Something went wrong. Whoever reports it tries again when this returns, which it does
        after a while where it is about who we are."""
        if self._problem and isinstance(error, ConnectionResetError):
            # Who is shown the door is told why, and then, by the same line, that it is closed.
            logger.debug("nats.error", error=repr(error))
            return
        self._tell(explain(error))
        if is_shown_out(self._problem):
            await self._knocking.wait()

    def end(self) -> None:
        """There is a connection."""
        self._knocking.let_in()
        self._tell("")

    def _tell(self, news: str) -> None:
        if news == self._problem:
            return
        if news:
            logger.warning("nats.problem", url=self._url, problem=news)
        self._problem = news
        self._on_problem(news)
