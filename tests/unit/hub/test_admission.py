"""Who is admitted, and who is not."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bri_hub.admission import ChangedKey, admit
from bri_hub.repository import catalogue
from bri_hub.tables import Centre, open_database
from bri_hub.tokens import create_token, tokens_of
from bri_kit import database
from bri_kit.errors import InvalidInput

INTRODUCTION: Mapping[str, Any] = {
    "code": "kz-igtic",
    "names": {"en": "Green Technologies Centre", "ru": "Центр зелёных технологий"},
    "languages": ["ru", "en"],
    "countries": ["KZ"],
    "public_key": b64encode(bytes(range(32))).decode(),
    "url": "https://igtic.example",
    "hub": "https://hub.example",
}


def admitted(data: Path) -> Centre | None:
    engine = open_database(data)
    with database.reading(engine) as session:
        centre = catalogue.find_centre(session, "kz-igtic")
        if centre:
            session.expunge(centre)
    engine.dispose()
    return centre


def test_a_centre_is_admitted_by_what_its_node_says(tmp_path: Path) -> None:
    """Its log begins at nothing, whatever the node says besides."""
    admit(tmp_path, INTRODUCTION)
    centre = admitted(tmp_path)
    assert centre is not None
    assert centre.public_key == bytes(range(32))
    assert (centre.number, centre.head) == (0, bytes(32))
    assert centre.url == "https://igtic.example"


def test_admitting_again_brings_the_description_up_to_date(tmp_path: Path) -> None:
    """The key and the log stay; an address that is not told stays too."""
    admit(tmp_path, INTRODUCTION)
    admit(tmp_path, {**INTRODUCTION, "languages": ["kk"], "url": ""})
    centre = admitted(tmp_path)
    assert centre is not None
    assert centre.languages == ["kk"]
    assert centre.url == "https://igtic.example"


def test_another_key_under_a_known_code_is_refused(tmp_path: Path) -> None:
    """Whoever holds it is not proven to be that centre."""
    admit(tmp_path, INTRODUCTION)
    with pytest.raises(ChangedKey, match="kz-igtic"):
        admit(tmp_path, {**INTRODUCTION, "public_key": b64encode(bytes(32)).decode()})
    centre = admitted(tmp_path)
    assert centre is not None
    assert centre.public_key == bytes(range(32))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "KZ"),
        ("code", "hub"),
        ("code", "a.b"),
        ("languages", []),
        ("names", None),
        ("public_key", "AAAA"),
        ("public_key", "no base64!"),
        ("public_key", None),
    ],
)
def test_a_description_that_cannot_be_used_names_the_field(
    tmp_path: Path, field: str, value: Any
) -> None:
    """Nothing is stored."""
    with pytest.raises(InvalidInput) as raised:
        admit(tmp_path, {**INTRODUCTION, field: value})
    assert [each.field for each in raised.value.errors] == [field]


def test_a_token_of_the_hub_says_whose_it_is(tmp_path: Path) -> None:
    """It is kept as a hash; an unknown role is no role."""
    token = create_token(tmp_path, "admin", "ops")
    assert token.startswith("bri_hub_")
    with tokens_of(tmp_path) as tokens:
        assert token.rpartition("_")[2] not in repr(tokens.listed())
    with pytest.raises(KeyError):
        create_token(tmp_path, "king", "ops")
