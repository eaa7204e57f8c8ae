"""What people say of a source, and what a file's items look like; unknown fields are refused."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bri_harvesting import markup
from bri_harvesting.source import Item, Kind
from bri_kit import content, vocabulary
from bri_node.inputs import Line, Text

MIN_MINUTES, MAX_MINUTES = 5, 60 * 24 * 31
MAX_MAPPING = 256 * 1024
MAX_ITEMS = 20_000
FILE = "file"
"""The kind of a source that has no address: somebody brings its items."""


def _address(url: str) -> str:
    if not url or markup.address(url, "") != url:
        raise ValueError("must be an http or https address of at most 2000 characters")
    return url


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _country(code: str) -> str:
    if code not in vocabulary.country_codes():
        raise ValueError(f"{code!r} is not a known country")
    return code


def _topic(code: str) -> str:
    if code not in vocabulary.topics():
        raise ValueError(f"{code!r} is not a known topic")
    return code


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
RecordKind = Literal["news", "policy", "case", "cooperation", "technology"]


class SourceSettings(BaseModel):
    """What holds for all of a source's items that say nothing else. `language` is what it is
    written in; `mapping` is a table's mapping file; `links` is a regular expression that the
    addresses of a list page's articles match; `set` is an OAI-PMH set."""

    model_config = ConfigDict(extra="forbid")

    record_kind: RecordKind = "news"
    language: Line = ""
    countries: Annotated[list[Annotated[str, AfterValidator(_country)]], Field(max_length=50)] = []
    topics: Annotated[list[Annotated[str, AfterValidator(_topic)]], Field(max_length=50)] = []
    source_name: Annotated[Line, Field(max_length=content.MAX_TEXT)] = ""
    mapping: Annotated[Text, Field(max_length=MAX_MAPPING)] = ""
    links: Annotated[Text, Field(max_length=500), AfterValidator(_pattern)] = ""
    set: Annotated[Line, Field(max_length=200)] = ""


class SourceInput(SourceSettings):
    """A source as an editor describes it. With `publish` its items are published as they come, else
    they are drafts. `paused` keeps it from being read until somebody asks."""

    kind: Kind
    url: Annotated[Line, AfterValidator(_address)]
    publish: bool = False
    every_minutes: Annotated[int, Field(ge=MIN_MINUTES, le=MAX_MINUTES)] = 60
    paused: bool = False

    @model_validator(mode="after")
    def _check_mapping(self) -> "SourceInput":
        if self.kind == "table":
            from bri_harvesting.tables import read_mapping

            read_mapping(self.mapping)
        elif self.mapping:
            raise ValueError("mapping: is only for tables")
        return self

    @property
    def settings(self) -> SourceSettings:
        """What is told of its items."""
        told = self.model_dump(include=set(SourceSettings.model_fields))
        return SourceSettings.model_validate(told)


class NewSource(SourceInput):
    """A source with its name."""

    name: Name


class ItemsInput(BaseModel):
    """The items of a file. `whole` says that the file holds everything, so that what it does not
    hold any more is proposed for withdrawal."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[Item], Field(max_length=MAX_ITEMS)]
    publish: bool = False
    whole: bool = False
    settings: SourceSettings = SourceSettings()
