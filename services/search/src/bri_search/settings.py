"""What search can be told, by environment variables that begin with BRI_SEARCH_."""

from pydantic_settings import SettingsConfigDict

from bri_kit.settings import ServiceSettings


class SearchSettings(ServiceSettings):
    """Search answers over gRPC at `host:port` and follows the change log at `hub_url`
    (`host:port`), telling the hub its `name`. `workers` questions are answered at the same time."""

    model_config = SettingsConfigDict(env_prefix="BRI_SEARCH_")

    port: int = 8003
    hub_url: str = "127.0.0.1:8005"
    name: str = "search"
    workers: int = 4
