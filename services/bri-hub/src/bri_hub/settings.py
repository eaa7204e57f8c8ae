"""What the hub can be told, by environment variables that begin with BRI_HUB_."""

from pydantic_settings import SettingsConfigDict

from bri_kit.settings import ServiceSettings


class HubSettings(ServiceSettings):
    """`search_url` is `host:port` of the search service; the change log is served on
    `changes_port`, over gRPC, on the same host as the API."""

    model_config = SettingsConfigDict(env_prefix="BRI_HUB_")

    port: int = 8000
    nats_url: str = "nats://127.0.0.1:8004"
    changes_port: int = 8005
    search_url: str = "127.0.0.1:8003"
