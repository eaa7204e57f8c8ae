"""What every service can be told, by environment variables; each service adds its own."""

from pathlib import Path

from pydantic_settings import BaseSettings


class ServiceSettings(BaseSettings):
    """Where a service keeps its data and listens. Subclasses set the prefix of the variables."""

    data: Path
    host: str = "127.0.0.1"
    port: int
    public_url: str = ""
    log_level: str = "INFO"

    @property
    def address(self) -> str:
        """The address that others reach this service by, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
