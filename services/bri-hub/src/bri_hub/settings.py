"""What the hub can be told, by environment variables that begin with BRI_HUB_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from bri_hub.brake import Limits
from bri_kit import roles
from bri_kit.access import Access
from bri_kit.settings import Positive, ServiceSettings


class HubSettings(ServiceSettings):
    """`database_url` is a PostgreSQL database; empty is a SQLite file in the data directory.
    `nats_credentials` is the file of the hub's own credentials, none for a broker that asks for
    none; `nats_ca` holds certificates (PEM) to trust it by instead of the system's, which are told
    to centres too; `nats_public_url` is where centres dial, and `nats_keys` the folder with the
    keys that they are let in by, the data directory where it is not said.
    `search_url` is `host:port` of the search service, or of
    several replicas of it, separated by commas; the change log is served on
    `changes_port` of `changes_host`, over gRPC, to those who have the `changes_token`, which is
    made and kept in the data directory where it is empty. Several hub processes may share a
    PostgreSQL database: of those with `ingest` one ingests and serves the change log, the others
    answer readers only, and one of them goes on where it ends. Of the broker's stream
    `stream_replicas` are kept, 3 in a cluster of three servers. A centre is held by the brake where
    it rewrites or withdraws more than `brake_records` records, and more than the share
    `brake_share` of its own within `brake_seconds`, or `brake_long_share` within
    `brake_long_seconds`.

    Alerts by e-mail go through the server at `smtp_host`, from the plain address `smtp_sender`,
    and are off where either is empty. `smtp_security` is `starttls`, `ssl` or `none`. Links are
    made with `alerts_secret`, or with a key of the hub's own data where that is empty; those which
    confirm hold for `alerts_link_days`. Digests leave at `alerts_hour` (UTC); what is told at once
    gathers for `alerts_gathering_seconds` after each letter. An address may follow `alerts_each`
    lists, and one client ask for `alerts_letters_per_hour` letters or webhooks; `alerts_webhooks`
    says whether there are any. What everybody was told is kept for `alerts_keep_days`.

    A dump of everything is made each day at `dump_hour` (UTC), and the newest `dumps_kept` are
    kept; none is made where that is 0. They are in the folder `dumps`, of the data directory where
    it is not said; several processes that serve them share it."""

    model_config = SettingsConfigDict(env_prefix="BRI_HUB_")

    port: int = 8000
    database_url: SecretStr = SecretStr("")
    nats_url: str = "nats://127.0.0.1:8004"
    nats_credentials: Path | None = None
    nats_ca: Path | None = None
    nats_public_url: str = ""
    nats_keys: Path | None = None
    changes_host: str = "127.0.0.1"
    changes_port: int = 8005
    changes_token: SecretStr = SecretStr("")
    search_url: str = "127.0.0.1:8003"
    ingest: bool = True
    stream_replicas: Annotated[int, Field(ge=1, le=5)] = 1
    brake_records: int = 50
    brake_share: float = 0.10
    brake_seconds: float = 3600.0
    brake_long_share: float = 0.5
    brake_long_seconds: float = 7 * 86_400.0
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "ssl", "none"] = "starttls"
    smtp_sender: str = ""
    alerts_secret: SecretStr = SecretStr("")
    alerts_webhooks: bool = True
    alerts_hour: Annotated[int, Field(ge=0, le=23)] = 0
    alerts_gathering_seconds: Annotated[float, Field(ge=0)] = 300.0
    alerts_link_days: Positive = 2
    alerts_each: Positive = 20
    alerts_keep_days: Positive = 30
    alerts_letters_per_hour: Positive = 10
    dump_hour: Annotated[int, Field(ge=0, le=23)] = 1
    dumps_kept: Annotated[int, Field(ge=0)] = 7
    dumps: Path | None = None

    @property
    def database_address(self) -> str:
        """Where the database is, with its password; empty for the file."""
        return self.database_url.get_secret_value()

    @property
    def access(self) -> Access:
        """How the hub is let in at the broker."""
        return Access(self.nats_credentials, roles.HUB, self.nats_ca)

    @property
    def brake(self) -> Limits:
        """When the brake holds a centre."""
        return Limits(
            self.brake_records,
            self.brake_share,
            self.brake_seconds,
            self.brake_long_share,
            self.brake_long_seconds,
        )
