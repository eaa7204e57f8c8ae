"""The parts that a running hub is made of, as the API finds them."""

from dataclasses import dataclass, field

from nats.aio.client import Client
from sqlalchemy import Engine

from bri_hub.announcing import Announcements
from bri_hub.searching import SearchClient
from bri_hub.settings import HubSettings


@dataclass(slots=True)
class Parts:
    """Made when the application starts. `nats` is None until the broker was reached once;
    `changes_port` is where the change log is served."""

    settings: HubSettings
    engine: Engine
    search: SearchClient
    announcements: Announcements = field(default_factory=Announcements)
    nats: Client | None = None
    changes_port: int = 0
