"""The hub's connection to its broker, for as long as the hub runs.

A line that breaks comes back by itself. A connection that the broker ends, because our credentials
do not hold, is begun anew until somebody has mended them. Whenever there is a connection the broker
is told who is let in (`accounts`).
"""

import asyncio

import nats.errors
import structlog
from sqlalchemy import Engine

from bri_hub.accounts import Accounts
from bri_hub.parts import Parts
from bri_hub.settings import HubSettings
from bri_kit import authority, transport

_PAUSE_SECONDS = 1.0

logger = structlog.get_logger()


async def stay_connected(parts: Parts) -> None:
    """Have `parts.nats` be a connection, for ever."""
    while True:
        try:
            parts.nats = client = await _connect(parts)
            parts.connected.set()
            await client.until_ended()
        except (transport.ConnectionEnded, OSError, ValueError, nats.errors.Error) as reason:
            parts.connected.clear()
            logger.error("broker.lost", reason=str(reason))  # noqa: TRY400 - the reason is all
        await asyncio.sleep(_PAUSE_SECONDS)


def open_accounts(settings: HubSettings, engine: Engine) -> Accounts | None:
    """None where nobody made keys for this hub: its broker asks nobody who they are."""
    folder = settings.nats_keys or settings.data
    if not authority.is_in(folder):
        return None
    return Accounts(engine, authority.Authority(folder), settings.nats_url, settings.access)


async def _connect(parts: Parts) -> transport.Connection:
    async def tell_accounts() -> None:
        if parts.accounts is not None:
            parts.accounts.tell_soon()

    settings = parts.settings
    client = await transport.connect(
        settings.nats_url, "bri-hub", tell_accounts, access=settings.access
    )
    await tell_accounts()
    return client
