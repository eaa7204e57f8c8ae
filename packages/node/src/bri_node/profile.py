"""What makes one centre's platform different from another's: a profile, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from bri_kit.auth import Role
from bri_kit.settings import Networks, Positive, ServiceSettings


@dataclass(frozen=True, slots=True)
class Profile:
    """A centre. `code` names it in identifiers and subjects and never changes; `names` and
    `languages` are those of its readers' interface; `edition_languages` are those it publishes in;
    `countries` are its members. `accent` is the CSS colour of its site; white text must be read on
    it (WCAG 2.2: a contrast of 4.5)."""

    code: str
    names: Mapping[str, str]
    languages: Sequence[str]
    edition_languages: Sequence[str]
    countries: Sequence[str]
    default_port: int
    accent: str = "#0f6b5c"


def read_roles(text: str) -> list[tuple[str, Role]]:
    """Groups and the roles that they give, as `env-editors=editor, env-heads=admin` says it.

    Raises:
        ValueError: a group or a role is missing, or there is no such role.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    found = []
    for group, _, role in pairs:
        name = role.strip().upper()
        if not group.strip() or name not in Role.__members__:
            raise ValueError("write group=role, with a role of contributor, editor or admin")
        found.append((group.strip(), Role[name]))
    return found


def _roles(text: str) -> str:
    read_roles(text)
    return text


class NodeSettings(ServiceSettings):
    """What a node is told, by variables that begin with BRI_NODE_.

    `nats_url` may be empty: the node then keeps its log to itself. `nats_credentials` is the file
    by which the hub's broker lets it in, none for one that asks nobody; `nats_ca` holds
    certificates (PEM) to trust it by instead of the system's. `port` 0 is the profile's.
    `database_url` is a PostgreSQL database; empty is a SQLite file in the data directory, and
    `{centre}` in it is the centre's code, with `_` for `-`.
    Every `resync_seconds` the log is compared with what the hub holds. `harvest` says whether this
    process reads the centre's sources: of several on one database only one should. A dump of
    everything published is made each day at `dump_hour` (UTC) in the folder `dumps` of the data
    directory, and the newest `dumps_kept` are kept; none is made where that is 0.

    The editor's desk:
    - a session ends after `session_idle_minutes` without a request, and after `session_hours`;
    - `translate_url` is a service that translates (see `bri_node.desk.translating`), empty for
      none; `translate_key` is sent to it as a bearer token, `translate_allowed` are private
      networks that it may be in, `translate_seconds` is how long it may take;
    - `oidc_issuer` is the address of an OpenID provider, empty for none; `oidc_client_id` and
      `oidc_client_secret` are what it knows this node by; `oidc_claim` holds a person's groups, and
      `oidc_roles` says what they may do here, such as `env-editors=editor, env-heads=admin`.
    """

    model_config = SettingsConfigDict(env_prefix="BRI_NODE_")

    port: int = 0
    nats_url: str = "nats://127.0.0.1:8004"
    nats_credentials: Path | None = None
    nats_ca: Path | None = None
    hub_url: str = ""
    database_url: SecretStr = SecretStr("")
    resync_seconds: float = Field(default=3600.0, ge=1)
    harvest: bool = True
    dump_hour: int = Field(default=1, ge=0, le=23)
    dumps_kept: int = Field(default=2, ge=0)
    session_idle_minutes: Positive = 120
    session_hours: Positive = 14
    translate_url: str = ""
    translate_key: SecretStr = SecretStr("")
    translate_allowed: Networks = ""
    translate_seconds: float = Field(default=30.0, gt=0, le=300)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = "roles"
    oidc_roles: Annotated[str, AfterValidator(_roles)] = ""

    @property
    def database_address(self) -> str:
        """Where the database is, with its password; empty for the file."""
        return self.database_url.get_secret_value()
