"""What a centre and the hub write to each other when the centre joins: a request and a letter.

Rules:
- a request is signed with the key that signs the centre's log, so that key is proven to be there;
- neither holds a secret: a private key never leaves where it was made;
- a letter is signed by the hub's operator, names the centre, its key and its user of the broker,
  and so is of no use to anybody else.
"""

import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, TypeVar

from babel.localedata import locale_identifiers
from nacl.signing import SigningKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bri_kit import nkey, sealing, signing, vocabulary
from bri_kit.nkey import Kind
from bri_kit.sealing import SealBroken, Sealed

REQUEST = "join-request"
LETTER = "admission"

AHEAD = timedelta(days=1)
"""So far a centre's clock may be ahead of the hub's, and so old a request is before it is told."""
LONGEST = timedelta(days=30)
"""So old a request may be."""

_CODE = re.compile(r"[a-z][a-z0-9-]{1,31}")
_RESERVED = frozenset({"hub", "admin", "nats", "search", "logs"})
_MAX_LISTED = 64


def check_code(code: str) -> str:
    """The code, where a centre can have it. Raises ValueError."""
    if not _CODE.fullmatch(code) or code.endswith("-"):
        raise ValueError(
            "must be 2 to 32 of a-z, 0-9 and '-', beginning with a letter and not ending with '-'"
        )
    if code in _RESERVED:
        raise ValueError(f"{code!r} means something else here")
    return code


def check_language(tag: str) -> str:
    """The tag, where a language is called so (BCP 47, as CLDR knows them). Raises ValueError."""
    if tag not in _languages():
        raise ValueError(f"{tag[:40]!r} is no language that is known here, such as 'kk' or 'ru'")
    return tag


def check_country(code: str) -> str:
    """The code, where a country has it (ISO 3166-1 alpha-2). Raises ValueError."""
    if code not in vocabulary.country_codes():
        raise ValueError(f"{code[:40]!r} is no country's code, such as 'KZ'")
    return code


@cache
def _languages() -> frozenset[str]:
    return frozenset(each.replace("_", "-") for each in locale_identifiers()) - {"root"}


def _check_key(text: str) -> str:
    if len(b64decode(text, validate=True)) != signing.KEY_BYTES:
        raise ValueError(f"must be {signing.KEY_BYTES} bytes in base64")
    return text


def _check_user(text: str) -> str:
    nkey.decode(text, Kind.USER)
    return text


Code = Annotated[str, AfterValidator(check_code)]
Language = Annotated[str, AfterValidator(check_language)]
Country = Annotated[str, AfterValidator(check_country)]
Key = Annotated[str, Field(max_length=64), AfterValidator(_check_key)]
NatsUser = Annotated[str, Field(max_length=80), AfterValidator(_check_user)]
Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Names = Annotated[dict[Language, Annotated[Line, Field(min_length=1)]], Field(min_length=1)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=_MAX_LISTED)]
Countries = Annotated[list[Country], Field(max_length=300)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


_Kind = TypeVar("_Kind", bound=_Said)


class JoinRequest(_Said):
    """What a centre says of itself. `keys` are all that its log ever had, as `keys_json` tells
    them; `nats_user` is the public key of its user of the broker."""

    code: Code
    names: Names
    languages: Languages
    edition_languages: Languages
    countries: Countries
    contact: Line = ""
    url: Line = ""
    public_key: Key
    keys: list[dict[str, Any]] = Field(default=[], max_length=1_000)
    nats_user: NatsUser
    made_at: datetime
    nonce: Annotated[str, Field(min_length=16, max_length=64)]


class Letter(_Said):
    """What the hub answers: `claim` is the centre's user as the broker believes it; `ca` the
    certificates (PEM) to trust it by, empty for the system's."""

    code: Code
    public_key: Key
    nats_user: NatsUser
    claim: str
    nats_url: Line
    hub_url: Line
    ca: str = ""
    hub_name: Line
    request: str
    admitted_at: datetime


def seal_request(request: JoinRequest, key: SigningKey) -> str:
    """The text of a request."""
    return sealing.seal(REQUEST, request.model_dump(mode="json"), key)


def open_request(text: str) -> tuple[JoinRequest, str]:
    """A request, and by what it is known.

    Raises:
        SealBroken: it was altered, is not signed by the key that it names, or not a request.
    """
    sealed = sealing.unseal(REQUEST, text)
    request = _parse(JoinRequest, sealed, "join request")
    if b64encode(sealed.key).decode() != request.public_key:
        raise SealBroken("it is not signed by the key that it names")
    if request.made_at.tzinfo is None:
        raise SealBroken("it does not say in which time zone it was made")
    return request, sealed.id


def seal_letter(letter: Letter, operator: SigningKey) -> str:
    """The text of a letter of admission."""
    return sealing.seal(LETTER, letter.model_dump(mode="json"), operator)


def open_letter(text: str) -> tuple[Letter, str]:
    """A letter, and the operator's key that signed it, as people compare it.

    Raises:
        SealBroken: it was altered, or is no letter.
    """
    sealed = sealing.unseal(LETTER, text)
    return _parse(Letter, sealed, "admission file"), nkey.encode(sealed.key, Kind.OPERATOR)


def _parse(model: type[_Kind], sealed: Sealed, what: str) -> _Kind:
    try:
        return model.model_validate(sealed.said)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SealBroken(f"the {what} cannot be used: {place}: {first['msg']}") from error
