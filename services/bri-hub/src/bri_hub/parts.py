"""The parts that a running hub is made of, as the API finds them."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import nats.errors
from bri.log.v1 import log_pb2
from sqlalchemy import Engine

from bri_hub.accounts import Accounts
from bri_hub.alerts.subscribing import HubAlerts
from bri_hub.alerts.websub import FeedHub
from bri_hub.announcing import Announcements
from bri_hub.backlog import Backlog
from bri_hub.exchange.working import Exchange
from bri_hub.reaches import Reaches
from bri_hub.resending import Reminders
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings
from bri_kit import transport


@dataclass(slots=True)
class Parts:
    """Made when the application starts. `nats` is None until the broker was reached once;
    `changes_port` is where the change log is served, by a process that holds the lease.
    `accounts` is None where the broker asks nobody who they are."""

    settings: HubSettings
    engine: Engine
    search: SearchClient
    announcements: Announcements = field(default_factory=Announcements)
    reaches: Reaches = field(default_factory=Reaches)
    reminders: Reminders = field(default_factory=Reminders)
    nats: transport.Connection | None = None
    accounts: Accounts | None = None
    changes_port: int = 0
    backlog: Backlog = field(default_factory=Backlog)
    alerts: HubAlerts | None = None
    exchange: Exchange | None = None
    feed_hub: FeedHub | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)

    async def broker(self) -> transport.Connection:
        """The connection to the broker, as soon as there is one."""
        await self.connected.wait()
        assert self.nats is not None
        return self.nats

    async def tell_centre(self, receipts: log_pb2.Receipts) -> None:
        """Send receipts as a hint, which may be lost."""
        if self.nats is not None and self.nats.is_connected:
            with suppress(nats.errors.Error):
                subject = transport.receipt_subject(receipts.centre)
                await self.nats.publish(subject, receipts.SerializeToString())
