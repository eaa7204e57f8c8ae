"""A broker that believes one hub's keys and nobody else, as in a real deployment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bri_kit import complaints, roles, transport
from bri_kit.access import Access
from bri_kit.authority import Authority
from bri_kit.broker_configuration import Certificate, Plan, configuration
from tests.support.nats import NatsServer

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Secured:
    """The server, the hub's keys, and where credentials of centres are put."""

    server: NatsServer
    authority: Authority
    folder: Path
    ca: Path | None = None

    def centre(self, code: str) -> Access:
        """How a centre is let in."""
        path = self.folder / f"{code}.creds"
        self.authority.provide(code, path)
        return Access(path, code, self.ca)

    def user(self, code: str) -> str:
        """The public key of a centre's user."""
        return self.authority.provide(code, self.folder / f"{code}.creds")[0]

    @property
    def hub(self) -> Access:
        """How the hub is let in."""
        return Access(self.authority.hub_credentials, roles.HUB, self.ca)

    @property
    def admin(self) -> Access:
        """How whoever tells of accounts is let in."""
        return Access(self.authority.admin_credentials, roles.ADMIN, self.ca)

    async def tell(self, revoked: dict[str, int]) -> None:
        """Have the server know who is revoked."""
        async with connected(self.server.url, self.admin) as client:
            claim = self.authority.federation_claim(revoked).encode()
            answer = await client.request(roles.CLAIMS_UPDATE, claim, timeout=SECONDS)
            assert b'"code":200' in answer.data, answer.data


def secured(
    folder: Path, certificate: Certificate | None = None, ca: Path | None = None
) -> Secured:
    """A broker that is not started yet."""
    authority = Authority(folder / "hub")

    def configure(server: NatsServer) -> str:
        plan = Plan(
            folder=str(server.folder),
            listen=f"127.0.0.1:{server.port or -1}",
            certificate=certificate,
            websocket=f"127.0.0.1:{server.web_port or -1}",
        )
        return configuration(plan, authority)

    return Secured(NatsServer(folder / "nats", configure), authority, folder, ca)


@asynccontextmanager
async def connected(url: str, access: Access) -> AsyncIterator[transport.Connection]:
    """A connection inside the block."""
    client = await dial(url, access)
    try:
        yield client
    finally:
        await client.close()


async def dial(url: str, access: Access, seconds: float = SECONDS) -> transport.Connection:
    """A connection, where one is had in time; an AssertionError says why there is none."""
    problems: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            return await transport.connect(url, "test", access=access, on_problem=problems.append)
    except TimeoutError:
        raise AssertionError(next((each for each in problems if each), "no answer")) from None


async def refusal(url: str, access: Access) -> str:
    """The first word about why there is no connection."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    dialling = asyncio.create_task(
        transport.connect(url, "test", access=access, on_problem=heard.put_nowait)
    )
    asking = asyncio.create_task(heard.get())
    async with asyncio.timeout(SECONDS):
        await asyncio.wait([dialling, asking], return_when=asyncio.FIRST_COMPLETED)
    try:
        if dialling.done():
            error = dialling.exception()
            assert error is not None, "it was let in"
            return complaints.explain(error if isinstance(error, Exception) else None)
        return asking.result()
    finally:
        asking.cancel()
        dialling.cancel()
        await asyncio.gather(asking, dialling, return_exceptions=True)
