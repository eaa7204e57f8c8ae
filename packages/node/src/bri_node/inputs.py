"""What editors send, as it is read: unknown fields are refused, never passed over in silence.

Rules:
- what the node itself sets and a fetched record shows (id, revision, state …) may be sent back and
  is not looked at;
- text holds no characters that XML 1.0 forbids (so feeds and harvesters can carry it) and no lone
  surrogates; titles and names are single lines without blanks around them;
- a body's size is checked here, before anything is made of it.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bri_kit import bounds, content


def _legible(text: str) -> str:
    if content.has_control_character(text):
        raise ValueError("must not hold control characters or lone surrogates")
    return text


def _one_line(text: str) -> str:
    return " ".join(_legible(text).split())


def _not_blank(text: str) -> str:
    if not text:
        raise ValueError("must not be blank")
    return text


def _not_too_large(body: str) -> str:
    limit = content.MAX_BODY_BYTES
    if len(body) > limit or (len(body) * 4 > limit and len(body.encode()) > limit):
        raise ValueError(f"must not be larger than {limit // 1024 // 1024} MiB")
    return _legible(body)


Text = Annotated[str, AfterValidator(_legible)]
Line = Annotated[str, AfterValidator(_one_line)]
Body = Annotated[str, AfterValidator(_not_too_large)]
ReadOnly = Annotated[Any, Field(description="Set by the node; ignored.")]
Format = Literal["html", "markdown"]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EditionInput(_Input):
    """The text in one language. `origin` is by default `original` for the original language and
    `human` for others; `format` that of the record."""

    title: Line
    summary: Text = ""
    body: Body
    origin: Line | None = None
    format: Format | None = None
    stale: ReadOnly = None


class SourceInput(_Input):
    """Who published the content first."""

    name: Line = ""
    url: Line = ""


class DatesInput(_Input):
    """ISO 8601 dates; `published` is the node's."""

    event: Line = ""
    original: Line = ""
    published: ReadOnly = None


class PolicyInput(_Input):
    """A legal instrument; only with the kind policy."""

    jurisdiction: Line = ""
    instrument: Line = ""
    number: Line = ""
    authority: Line = ""
    status: Line = ""
    adopted: Line = ""
    in_force: Line = ""
    amends: list[Line] = []
    repeals: list[Line] = []


class RecordInput(_Input):
    """A record. With PUT, an edition that is not sent is kept, and one sent as null is removed."""

    kind: Line
    original_language: Line
    editions: dict[Line, EditionInput | None]
    countries: list[Line] = []
    topics: list[Line] = []
    source: SourceInput | None = None
    dates: DatesInput | None = None
    policy: PolicyInput | None = None
    format: Format = "html"
    id: ReadOnly = None
    centre: ReadOnly = None
    revision: ReadOnly = None
    state: ReadOnly = None


class RetractionInput(_Input):
    """Why a record is withdrawn; readers see it in the record's place."""

    reason: Annotated[
        str,
        Field(max_length=bounds.MAX_REASON),
        AfterValidator(_legible),
        AfterValidator(str.strip),
        AfterValidator(_not_blank),
    ]
