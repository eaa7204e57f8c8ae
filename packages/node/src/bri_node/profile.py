"""What makes one centre's platform different from another's: a profile, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic_settings import SettingsConfigDict

from bri_kit.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Profile:
    """A centre. `code` names it in identifiers and subjects and never changes; `names` and
    `languages` are those of its readers' interface; `edition_languages` are those it publishes in;
    `countries` are its members."""

    code: str
    names: Mapping[str, str]
    languages: Sequence[str]
    edition_languages: Sequence[str]
    countries: Sequence[str]
    default_port: int


class NodeSettings(ServiceSettings):
    """What a node is told, by variables that begin with BRI_NODE_.

    `nats_url` may be empty: the node then keeps its log to itself. `port` 0 is the profile's.
    """

    model_config = SettingsConfigDict(env_prefix="BRI_NODE_")

    port: int = 0
    nats_url: str = "nats://127.0.0.1:8004"
    hub_url: str = ""
