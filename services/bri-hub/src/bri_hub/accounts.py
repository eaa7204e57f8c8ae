"""Telling the broker who is let in: the one account claim in which all who are revoked stand.

Rules:
- it is told at each connection of the hub, because a broker may come back with an older one, and
  after each decision; at once connections of the revoked are cut;
- what could not be told is told again until the broker has taken it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import nats.errors
import orjson
import structlog
from sqlalchemy import Engine

from bri_hub import credentials
from bri_kit import complaints, database, roles, transport
from bri_kit.access import ANYBODY, Access
from bri_kit.authority import Authority

_SECONDS = 5.0
_PAUSE_SECONDS = 1.0

logger = structlog.get_logger()


class Untold(Exception):
    """The broker was not told, or did not take it; the message says why."""


class Accounts:
    """Tells one broker, or one cluster. Belongs to one event loop."""

    def __init__(
        self, engine: Engine, authority: Authority, url: str, access: Access = ANYBODY
    ) -> None:
        """`access` says by which certificates the broker is trusted."""
        self.authority = authority
        self._engine = engine
        self._url = url
        self._access = replace(access, credentials=authority.admin_credentials, name=roles.ADMIN)
        self._due = asyncio.Event()

    def tell_soon(self) -> None:
        """The broker may not know what we know."""
        self._due.set()

    async def keep_telling(self) -> None:
        """Tell whenever that is due, for ever."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self.tell()
            except Untold as reason:
                logger.warning("accounts.untold", reason=str(reason))
                self._due.set()
                await asyncio.sleep(_PAUSE_SECONDS)

    async def tell(self) -> None:
        """Tell now.

        Raises:
            Untold: the broker cannot be reached, or refuses.
        """
        revoked = await asyncio.to_thread(self._revoked)
        claim = self.authority.federation_claim(revoked).encode()
        problems: list[str] = []
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await self._ask(claim, problems.append)
        except (TimeoutError, OSError, ValueError, nats.errors.Error) as error:
            told = next((each for each in reversed(problems) if each), "")
            raise Untold(told or complaints.explain(error)) from error
        _check(answer)
        logger.info("accounts.told", revoked=len(revoked))

    async def _ask(self, claim: bytes, hear: Callable[[str], None]) -> bytes:
        client = await transport.connect(
            self._url, "bri-hub-admin", access=self._access, on_problem=hear
        )
        try:
            return (await client.request(roles.CLAIMS_UPDATE, claim, timeout=_SECONDS)).data
        finally:
            await client.close()

    def _revoked(self) -> dict[str, int]:
        with database.reading(self._engine) as session:
            return dict(credentials.revoked_users(session))


def _check(answer: bytes) -> None:
    try:
        document = orjson.loads(answer)
        taken = document.get("data", {}).get("code") == 200
    except (ValueError, AttributeError):
        document, taken = answer[:200], False
    if not taken:
        raise Untold(f"the broker did not take it: {document!r}")
