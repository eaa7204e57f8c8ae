"""Admission: how a centre comes to take part. Its first key is taken once and never changed here.

Rules:
- a centre is admitted by what its node answers at `GET /api/v1/centre`; again is harmless and
  brings names, languages, countries and address up to date;
- another key under a known code is refused: whoever holds it is not proven to be that centre. A key
  that the node says it rotated to is left to the log, whose entries prove it;
- the hub need not run, and need not be restarted: it reads centres from its database.
"""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, field_validator
from sqlmodel import Session

from bri_hub.repository import keys
from bri_hub.tables import Centre, open_database
from bri_kit import database, log, signing
from bri_kit.clock import timestamp
from bri_kit.errors import AlreadyExists, InvalidInput
from bri_kit.joining import check_code
from bri_kit.problems import field_errors


class ChangedKey(AlreadyExists):
    """The centre is known by another public key."""

    title = "Known by another key"


def _decode_key(text: Any) -> bytes:
    key = b64decode(text, validate=True) if isinstance(text, str) else b""
    if len(key) != signing.KEY_BYTES:
        raise ValueError(f"must be {signing.KEY_BYTES} bytes in base64")
    return key


Key = Annotated[bytes, BeforeValidator(_decode_key)]


class FormerKey(BaseModel):
    """A key that a node says its centre has, or had, from the entry `first` on."""

    key: Key
    first: int


class Introduction(BaseModel):
    """What a node tells about its centre; whatever else it tells is left aside."""

    code: str
    names: dict[str, str]
    languages: list[str] = Field(min_length=1)
    edition_languages: list[str] = []
    countries: list[str] = []
    public_key: Key
    keys: list[FormerKey] = []
    url: str = ""

    @field_validator("code")
    @classmethod
    def _check_code(cls, code: str) -> str:
        return check_code(code)


def admit(data_dir: Path, centre: Mapping[str, Any]) -> None:
    """Let a centre take part; `centre` is what its node answers at `GET /api/v1/centre`.

    Raises:
        InvalidInput: the description lacks something or is not as it should be.
        ChangedKey: a centre of this code was admitted with another key.
    """
    engine = open_database(data_dir)
    try:
        with database.writing(engine) as session:
            take(session, centre)
    finally:
        engine.dispose()


def take(session: Session, centre: Mapping[str, Any]) -> None:
    """As `admit`, in a session."""
    _admit(session, _read(centre))


def check(session: Session, centre: Mapping[str, Any]) -> None:
    """Raise what `take` would, and change nothing."""
    introduction = _read(centre)
    known = session.get(Centre, introduction.code)
    if known is not None and not _is_same_log(session, known, introduction):
        raise ChangedKey(f"{known.code!r} was admitted with another public key.")


def _read(centre: Mapping[str, Any]) -> Introduction:
    try:
        return Introduction.model_validate(dict(centre))
    except ValidationError as error:
        found = field_errors(error.errors())
        raise InvalidInput("The centre's description cannot be used.", found) from error


def _first_key(introduction: Introduction) -> bytes:
    """The key that signs the first entry: later ones prove themselves as the log is read."""
    told = [each.key for each in introduction.keys if each.first == 1]
    return told[0] if told else introduction.public_key


def _is_same_log(session: Session, known: Centre, introduction: Introduction) -> bool:
    """Whether a centre is known by the key it tells, or tells that it rotated from one."""
    ring = keys.ring(session, known)
    told = {introduction.public_key, *(each.key for each in introduction.keys)}
    return any(ring.find(key) for key in told)


def _admit(session: Session, introduction: Introduction) -> None:
    # A centre that says nothing else publishes in the languages of its readers.
    introduction.edition_languages = introduction.edition_languages or introduction.languages
    known = session.get(Centre, introduction.code)
    if known is None:
        told = introduction.model_dump(exclude={"keys", "public_key"})
        centre = Centre(
            **told, public_key=_first_key(introduction), admitted_at=timestamp(), head=log.GENESIS
        )
        session.add(centre)
        return
    if not _is_same_log(session, known, introduction):
        raise ChangedKey(f"{known.code!r} was admitted with another public key.")
    known.names, known.languages = introduction.names, introduction.languages
    known.edition_languages = introduction.edition_languages
    known.countries = introduction.countries
    known.url = introduction.url or known.url
