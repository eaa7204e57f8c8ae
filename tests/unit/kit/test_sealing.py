"""Files that say who wrote them, and what a centre and the hub write to each other."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from nacl.signing import SigningKey

from bri_kit import joining, nkey, sealing, signing
from bri_kit.joining import JoinRequest, Letter
from bri_kit.nkey import Kind, NotAKey
from bri_kit.sealing import SealBroken

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KEY, USER, OPERATOR = SigningKey(b"k" * 32), SigningKey(b"u" * 32), SigningKey(b"o" * 32)


def a_request(**other: Any) -> JoinRequest:
    said: dict[str, Any] = {
        "code": "kz-igtic",
        "names": {"kk": "Орталық", "en": "Centre"},
        "languages": ["ru", "en"],
        "edition_languages": ["kk", "ru", "en"],
        "countries": ["KZ"],
        "contact": "desk@centre.example",
        "public_key": b64encode(signing.public_key(KEY)).decode(),
        "nats_user": nkey.public(USER, Kind.USER),
        "made_at": NOW,
        "nonce": "0" * 32,
    }
    return JoinRequest.model_validate(said | other)


def altered(text: str, **inner: Any) -> str:
    """The text with something else in what was signed."""
    document = json.loads(text)
    document["signed"] = json.dumps(json.loads(document["signed"]) | inner)
    return json.dumps(document)


def test_a_request_says_who_made_it() -> None:
    """It is read as it was written, and known by the same name each time."""
    text = joining.seal_request(a_request(), KEY)
    request, known = joining.open_request(text)
    assert request == a_request()
    assert known == joining.open_request(text)[1]
    assert joining.open_request(joining.seal_request(a_request(nonce="1" * 32), KEY))[1] != known


@pytest.mark.parametrize(
    "inner",
    [{"code": "sco"}, {"contact": "x@y.example"}, {"made_at": "2027-01-01T00:00:00Z"}, {}],
)
def test_a_request_that_was_altered_is_known(inner: dict[str, Any]) -> None:
    """Whatever it is that was; even if it only was written anew."""
    text = joining.seal_request(a_request(), KEY)
    with pytest.raises(SealBroken, match="altered"):
        joining.open_request(altered(text, **inner))


def test_a_request_is_signed_by_the_key_that_it_names() -> None:
    """Nobody asks for admission with another's key."""
    with pytest.raises(SealBroken, match="not signed by the key that it names"):
        joining.open_request(joining.seal_request(a_request(), USER))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"code": "Hub!"}, "code"),
        ({"code": "hub"}, "code"),
        ({"code": "x" * 40}, "code"),
        ({"languages": ["zz-nonsense"]}, "languages"),
        ({"languages": []}, "languages"),
        ({"edition_languages": ["kazakh"]}, "edition_languages"),
        ({"countries": ["XX"]}, "countries"),
        ({"names": {}}, "names"),
        ({"names": {"kk": "two\nlines"}}, "names"),
        ({"public_key": "AAAA"}, "public_key"),
        ({"nats_user": nkey.public(USER, Kind.ACCOUNT)}, "nats_user"),
        ({"made_at": "yesterday"}, "made_at"),
        ({"contact": "x" * 400}, "contact"),
    ],
)
def test_what_a_request_says_is_checked(other: dict[str, Any], told: str) -> None:
    """However well it is signed; the field is named."""
    said = a_request().model_dump(mode="json") | other
    with pytest.raises(SealBroken, match=told):
        joining.open_request(sealing.seal(joining.REQUEST, said, KEY))


def test_a_request_names_its_time_zone() -> None:
    """Else nobody knows when it was made."""
    said = a_request().model_dump(mode="json") | {"made_at": "2026-11-22T08:00:00"}
    with pytest.raises(SealBroken, match="time zone"):
        joining.open_request(sealing.seal(joining.REQUEST, said, KEY))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "\x00", "{" * 500, '{"kind": 1}', "日本"])
def test_what_is_no_file_of_ours_is_told(text: str) -> None:
    """Empty, damaged, of another kind of thing."""
    with pytest.raises(SealBroken, match="no join-request"):
        joining.open_request(text)


def test_what_is_too_long_is_not_read() -> None:
    """Nobody sends that much to join."""
    with pytest.raises(SealBroken, match="too long"):
        joining.open_request(" " * 70_000)


def test_one_kind_is_not_taken_for_another() -> None:
    """Not even where somebody writes the other's name on it."""
    text = joining.seal_request(a_request(), KEY)
    with pytest.raises(SealBroken, match="it is a join-request"):
        joining.open_letter(text)
    renamed = json.dumps(json.loads(text) | {"kind": joining.LETTER})
    with pytest.raises(SealBroken, match="altered"):
        joining.open_letter(renamed)
    newer = json.dumps(json.loads(text) | {"format": 2})
    with pytest.raises(SealBroken, match="newer software"):
        joining.open_request(newer)


def test_a_letter_names_the_operator_who_signed_it() -> None:
    """By which a centre knows the hub."""
    letter = Letter(
        code="kz-igtic",
        public_key=a_request().public_key,
        nats_user=a_request().nats_user,
        claim="…",
        nats_url="wss://hub.example",
        hub_url="https://hub.example",
        hub_name=nkey.public(OPERATOR, Kind.OPERATOR),
        request="0",
        admitted_at=NOW,
    )
    assert joining.open_letter(joining.seal_letter(letter, OPERATOR)) == (letter, letter.hub_name)


def test_keys_are_written_as_nats_writes_them() -> None:
    """With a letter for what they are for, and a checksum that sees a typing mistake."""
    public = signing.public_key(USER)
    text = nkey.public(USER, Kind.USER)
    assert (text[0], nkey.decode(text, Kind.USER)) == ("U", public)
    assert nkey.public(OPERATOR, Kind.OPERATOR)[0] == "O"
    assert nkey.seed(USER, Kind.USER)[:2] == "SU"
    for wrong in (text[:-1] + "A", text[:10], "", "é", text.lower()):
        with pytest.raises(NotAKey):
            nkey.decode(wrong, Kind.USER)
    with pytest.raises(NotAKey, match="not a key of an account"):
        nkey.decode(text, Kind.ACCOUNT)
