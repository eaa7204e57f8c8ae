"""The mapping file: which column is which field. TOML, checked before anything is read.

[table]                         # all of it may be left out
format = "csv"                  # csv, xlsx or ndjson; else told from the file
sheet = "Кейсы"                 # XLSX; else the first
header = 1                      # the row that holds the columns' names
separator = ";"                 # CSV; else told from the header
encoding = "windows-1251"       # else told from the text
body = "text"                   # text, html or markdown
list_separator = ","            # between several countries or topics in one cell
dates = ["%d.%m.%Y"]            # else whatever is a date
formulas = "values"             # or "refuse"

[fields]                        # field = "column"
identity = "№"
title = "Название"
body = "Описание"
date = "Дата"
countries = "Страна"
"en.title" = "Title"            # another language's edition
"en.body" = "Description"
"policy.number" = "Номер"

[constants]                     # the same for all rows
kind = "case"
language = "ru"

[values.countries]              # what stands in cells = what it means
"Казахстан" = "KZ"
"""

import tomllib
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bri_kit import content, vocabulary

FIELDS = tuple("identity title body summary url date event language source_name kind".split())
LISTS = ("countries", "topics")
POLICY = tuple("jurisdiction instrument number authority status adopted in_force".split())
_TEXTS = ("title", "body", "summary")
_MAX_BYTES = 256 * 1024


class MappingFault(ValueError):
    """The mapping file cannot be used; the message says where and why."""


def _field(name: str) -> str:
    head, _, tail = name.partition(".")
    if name in FIELDS or name in LISTS or (head == "policy" and tail in POLICY):
        return name
    if tail in _TEXTS and vocabulary.is_language(head):
        return name
    known = ", ".join((*FIELDS, *LISTS, "LANGUAGE.title", "policy.NAME"))
    raise ValueError(f"is no field; fields are {known}")


def _column(name: str) -> str:
    if not name.strip():
        raise ValueError("is no column's name")
    return " ".join(name.split())


FieldName = Annotated[str, AfterValidator(_field)]
Column = Annotated[str, AfterValidator(_column)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Part):
    """How the file is read."""

    format: Literal["", "csv", "xlsx", "ndjson"] = ""
    sheet: str = ""
    header: int = Field(1, ge=1, le=100)
    separator: str = Field("", max_length=1)
    encoding: str = Field("", max_length=40)
    body: Literal["text", "html", "markdown"] = "text"
    list_separator: str = Field(",", min_length=1, max_length=3)
    dates: tuple[str, ...] = ()
    formulas: Literal["values", "refuse"] = "values"


class Mapping(_Part):
    """A mapping file."""

    table: Table = Table()
    fields: dict[FieldName, Column]
    constants: dict[FieldName, str | list[str]] = {}
    values: dict[FieldName, dict[str, str]] = {}


def read_mapping(text: str) -> Mapping:
    """The mapping that a TOML file holds.

    Raises:
        MappingFault: it is none.
    """
    if len(text.encode("utf-8", "replace")) > _MAX_BYTES:
        raise MappingFault(f"the mapping is larger than {_MAX_BYTES} bytes")
    try:
        mapping = Mapping.model_validate(tomllib.loads(text.removeprefix("\ufeff")))
    except tomllib.TOMLDecodeError as error:
        raise MappingFault(f"the mapping is no TOML: {error}") from None
    except ValidationError as error:
        raise MappingFault(_told(error)) from None
    _check(mapping)
    return mapping


def _told(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False)[:10]
    places = (".".join(str(part) for part in each["loc"] if part != "[key]") for each in found)
    texts = (each["msg"].removeprefix("Value error, ") for each in found)
    return "; ".join(f"{place}: {text}" for place, text in zip(places, texts, strict=True))


def _check(mapping: Mapping) -> None:
    told = {*mapping.fields, *mapping.constants}
    if "title" not in mapping.fields:
        raise MappingFault("fields: 'title' needs a column")
    if twice := set(mapping.fields) & set(mapping.constants):
        raise MappingFault(f"{sorted(twice)[0]!r} is a field and a constant at once")
    for name, value in mapping.constants.items():
        if isinstance(value, list) and name not in LISTS:
            raise MappingFault(f"constants.{name}: must be one text")
    kind = mapping.constants.get("kind")
    if kind is not None and kind not in content.KINDS:
        raise MappingFault(f"constants.kind: must be one of {', '.join(content.KINDS)}")
    for name in told:
        head, _, tail = name.partition(".")
        if tail and head != "policy" and f"{head}.title" not in told:
            raise MappingFault(f"fields: {head!r} needs a title too")
