"""Whom an identity provider's tokens let in at the desk."""

import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import ValidationError

from bri_node.desk import oidc
from bri_node.profile import NodeSettings

KEY = ECKey.generate_key("P-256")


def settings(folder: Path, **more: Any) -> NodeSettings:
    return NodeSettings(
        data=folder, oidc_issuer="https://id.example", oidc_client_id="desk", _env_file=None, **more
    )


def checked(folder: Path, **claims: Any) -> Any:
    """What is made of a token with these claims beside valid ones."""
    told = {
        "iss": "https://id.example",
        "sub": "1",
        "aud": "desk",
        "nonce": "n",
        "exp": int(time.time()) + 60,
    }
    token = jwt.encode({"alg": "ES256"}, told | claims, KEY)
    keys = {"keys": [KEY.as_dict(private=False)]}
    return oidc.checked(token, keys, settings(folder), "n")


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["desk"]},
        {"azp": "desk"},
        {"aud": ["desk", "other"], "azp": "desk"},
    ],
)
def test_a_token_issued_to_this_client_is_taken(tmp_path: Path, claims: dict[str, Any]) -> None:
    assert checked(tmp_path, **claims)["sub"] == "1"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["desk", "other"], "azp": "other"},
        {"aud": ["desk", "other"]},
        {"azp": "other"},
        {"aud": "desk", "azp": ""},
        {"aud": ["other"]},
    ],
)
def test_a_token_issued_to_another_client_is_refused(
    tmp_path: Path, claims: dict[str, Any]
) -> None:
    """OpenID Connect Core 1.0, 3.1.3.7, 4 and 5."""
    with pytest.raises(oidc.ProviderFailed):
        checked(tmp_path, **claims)


@pytest.mark.parametrize("roles", ["=admin", "a=editor, =admin", "a=", "a", "a=chief"])
def test_a_role_without_a_group_is_a_configuration_error(tmp_path: Path, roles: str) -> None:
    """It would be given to whoever has an empty group; the setting is named at the start."""
    with pytest.raises(ValidationError, match="oidc_roles"):
        settings(tmp_path, oidc_roles=roles)


@pytest.mark.parametrize("groups", ["", " ", [""], ["", "other"], None, {"": 1}])
def test_an_empty_group_gives_no_role(tmp_path: Path, groups: object) -> None:
    some = settings(tmp_path, oidc_roles="heads=admin,")
    assert oidc.role_of({"roles": groups}, some) is None
