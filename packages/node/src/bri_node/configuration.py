"""A centre's node in one file, `node.toml`: who it is, and what it is told.

Rules:
- what the file does not say has the default of `NodeSettings`; what an environment variable says
  (BRI_NODE_…) wins over the file, so that a container can be told otherwise;
- a key that is not known is an error, because it is a known one mistyped;
- paths are relative to the file;
- it holds no secret: keys and credentials are files beside it, in the folder of the centre.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bri_kit.authority import CREDENTIALS
from bri_kit.joining import Code, Countries, Languages, Letter, Line, Names, open_letter
from bri_node.profile import NodeSettings, Profile
from bri_pages.messages import spoken

NAME = "node.toml"
USER_KEY = "nats.key"
CA = "hub-ca.pem"
LETTER = "admission.json"

DEFAULT_PORT = 8001
_ENGLISH = "en"
_ACCENT = "#0f6b5c"
_OURS = {"data", "nats_url", "nats_credentials", "nats_ca", "hub_url"}
_SECRET = ("key", "secret", "password", "database_url")


class ConfigurationBroken(ValueError):
    """The file cannot be used; the message names the key and what is wrong with it."""


class _Written(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    languages: Languages
    interface: Languages | None = None
    countries: Countries = []
    contact: Line = ""
    hub: Line = ""
    hub_url: Line = ""
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = _ACCENT
    names: Names
    settings: dict[str, Any] = {}

    @field_validator("hub")
    @classmethod
    def _check_hub(cls, hub: str) -> str:
        check_address(hub)
        return hub

    @field_validator("settings")
    @classmethod
    def _check_settings(cls, settings: dict[str, Any]) -> dict[str, Any]:
        for name in settings:
            if name in _OURS or name not in NodeSettings.model_fields:
                raise ValueError(f"there is no setting {name!r}")
            if any(word in name for word in _SECRET):
                variable = f"BRI_NODE_{name.upper()}"
                raise ValueError(f"{name!r} is a secret: set {variable} instead")
        return settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """One node: its profile, whom it is run by, and the file that says so."""

    path: Path
    profile: Profile
    contact: str
    hub: str
    hub_url: str
    told: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """Where the node keeps its data, its keys and its credentials."""
        return self.path.parent / self.profile.code

    @property
    def letter(self) -> Letter | None:
        """What the hub answered last; None before it has."""
        try:
            return open_letter((self.folder / LETTER).read_text(encoding="utf-8"))[0]
        except (OSError, ValueError):
            return None

    @property
    def address(self) -> str:
        """Where the hub's broker is dialled: as the file says, else as the hub did."""
        letter = self.letter
        return self.hub or (letter.nats_url if letter else "")

    def settings(self) -> NodeSettings:
        """What the node is told, by the file, by the environment, and by the hub's letter.

        Raises:
            ConfigurationBroken: something that it is told cannot be.
        """
        letter = self.letter
        told = {
            "data": self.folder,
            "port": DEFAULT_PORT,
            "nats_url": self.address if self._has(CREDENTIALS) else "",
            "nats_credentials": self._existing(CREDENTIALS),
            "nats_ca": self._existing(CA),
            "hub_url": self.hub_url or (letter.hub_url if letter else ""),
            **self.told,
        }
        spoken = {name.upper() for name in os.environ}
        given = {
            name: each for name, each in told.items() if f"BRI_NODE_{name.upper()}" not in spoken
        }
        try:
            return NodeSettings(**given)
        except ValidationError as error:
            raise ConfigurationBroken(_told(self.path, error)) from None

    def _has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def _existing(self, name: str) -> Path | None:
        return self.folder / name if self._has(name) else None


def check_address(hub: str) -> None:
    """Raises ValueError where `hub` is not an address of a broker; empty is none yet."""
    scheme, separator, rest = hub.partition("://")
    if hub and (scheme not in ("wss", "tls", "ws", "nats") or not separator or not rest):
        raise ValueError("must be an address such as wss://hub.example or tls://hub.example:4222")


def read(path: Path) -> Configuration:
    """The node that a file describes.

    Raises:
        ConfigurationBroken: the file is not there, is not TOML, or says something that cannot be.
    """
    try:
        written = _Written.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ConfigurationBroken(f"there is no {path} (see 'bri node init')") from None
    except OSError as error:
        raise ConfigurationBroken(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationBroken(f"{path} is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationBroken(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigurationBroken(_told(path, error)) from None
    profile = Profile(
        code=written.code,
        names=written.names,
        languages=tuple(written.interface or readable(written.languages)),
        edition_languages=tuple(written.languages),
        countries=tuple(written.countries),
        default_port=DEFAULT_PORT,
        accent=written.accent,
    )
    return Configuration(
        path, profile, written.contact, written.hub, written.hub_url, written.settings
    )


def readable(languages: list[str]) -> list[str]:
    """Those of a centre's languages that its site can speak; English where it can speak none."""
    return [each for each in languages if spoken(each) == each] or [_ENGLISH]


def _told(path: Path, error: ValidationError) -> str:
    found = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(str(part) for part in each["loc"]) or "settings"
        message = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            message = "there is no such key"
        found.append(f"{place}: {message[:1].lower()}{message[1:]}")
    return f"{path}: {'; '.join(found)}"
