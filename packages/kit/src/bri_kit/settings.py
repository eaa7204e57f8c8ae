"""What every service can be told, by environment variables; each service adds its own.

What is secret can be in a file instead, named like the variable, in the folder that `BRI_SECRETS`
names, or systemd's `CREDENTIALS_DIRECTORY`: environments are inherited and shown, files are not.
"""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from bri_kit.addresses import parse_networks


def _networks(text: str) -> str:
    parse_networks(text)
    return text


Networks = Annotated[str, AfterValidator(_networks)]
"""Networks and addresses, separated by commas, such as `10.1.0.0/16, ::1`."""

Positive = Annotated[int, Field(ge=1)]


def _https(text: str) -> str:
    if text and not (text.startswith("https://") and text.isprintable() and " " not in text):
        raise ValueError("must be an https address")
    return text


HttpsAddress = Annotated[str, AfterValidator(_https)]
"""An address of a page, or nothing."""


def secrets_folder() -> Path | None:
    """The folder with secrets in files, if there is one."""
    told = os.environ.get("BRI_SECRETS") or os.environ.get("CREDENTIALS_DIRECTORY") or ""
    return Path(told) if told and Path(told).is_dir() else None


def told(variable: str) -> str:
    """What a variable says, or else the file of a secret of its name; empty where neither does."""
    if value := os.environ.get(variable, ""):
        return value
    folder = secrets_folder()
    file = folder / variable if folder else None
    return file.read_text(encoding="utf-8").strip() if file and file.is_file() else ""


class ServiceSettings(BaseSettings):
    """Where a service keeps its data and listens, and how far its doors open. Subclasses set the
    prefix of the variables.

    - `trusted_proxies`: whose X-Forwarded-For is believed;
    - `unlimited_addresses`: who may ask as much as they like, where no proxy is between;
    - `requests_per_minute`, `token_requests_per_minute`: for each address and each token; a
      minute's worth may come at once;
    - `failures_per_minute`: tokens that are not valid, for each address and each token's beginning;
    - `upload_mib_per_hour`: for each address and token;
    - `max_body_mib`: of one request, imports excepted;
    - `body_idle_seconds`, `head_seconds`: how long a body may pause, and a request's head take;
    - `hsts_seconds`: how long browsers shall insist on HTTPS; 0 says nothing of it;
    - `hsts_subdomains`: whether they shall also at all hosts below this one;
    - `fetch_allowed`: private networks that may be asked on behalf of a user all the same;
    - `contact`: an e-mail address for those who harvest, and for those who report a vulnerability,
      who may also be led to a page (https); the address's own postmaster where it is empty;
    - `security_policy`: the address of a page that says how reports of vulnerabilities are handled;
    - `licence`: the address of the terms under which what is published may be used.
    """

    # What was set wrongly is told by its name: its value may hold a password.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    data: Path
    host: str = "127.0.0.1"
    port: int
    public_url: str = ""
    log_level: str = "INFO"
    trusted_proxies: Networks = "127.0.0.1, ::1"
    unlimited_addresses: Networks = "127.0.0.0/8, ::1"
    requests_per_minute: Positive = 6_000
    token_requests_per_minute: Positive = 6_000
    failures_per_minute: Positive = 10
    upload_mib_per_hour: Positive = 8_192
    max_body_mib: Positive = 32
    body_idle_seconds: Annotated[float, Field(gt=0)] = 30.0
    head_seconds: Annotated[float, Field(gt=0)] = 15.0
    hsts_seconds: Annotated[int, Field(ge=0)] = 0
    hsts_subdomains: bool = False
    fetch_allowed: Networks = ""
    contact: str = ""
    security_policy: HttpsAddress = ""
    licence: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in code first, then the environment, then files of secrets."""
        folder = secrets_folder()
        files = (SecretsSettingsSource(settings_cls, folder),) if folder else ()
        return init_settings, env_settings, *files

    @property
    def address(self) -> str:
        """The address that others reach this service by, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def contact_address(self) -> str:
        """The e-mail address to write to (RFC 2142, 5, where none is set)."""
        host = urlsplit(self.address).hostname or self.host
        postmaster = f"postmaster@{host if '.' in host else 'localhost.localdomain'}"
        return postmaster if self._has_contact_page or not self.contact else self.contact

    @property
    def contact_uri(self) -> str:
        """Where a vulnerability is reported: a page, or an e-mail address as a URI."""
        return self.contact if self._has_contact_page else f"mailto:{self.contact_address}"

    @property
    def _has_contact_page(self) -> bool:
        return self.contact.startswith("https://")
