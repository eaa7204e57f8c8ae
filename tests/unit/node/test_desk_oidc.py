"""Whom an identity provider's tokens let in at the desk."""

import hmac
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
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


@pytest.mark.parametrize("claims", [{"exp": 1}, {"nbf": 2**40}, {"exp": None}, {"sub": None}])
def test_a_token_out_of_its_time_is_refused(tmp_path: Path, claims: dict[str, Any]) -> None:
    """And one that does not say until when it holds, or of whom it is."""
    with pytest.raises(oidc.ProviderFailed):
        checked(tmp_path, **claims)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "jwk", "jku"])
def test_a_token_brings_neither_its_algorithm_nor_its_key(tmp_path: Path, algorithm: str) -> None:
    """Unsigned, signed with the public key as a password, or by a key that it brings along."""
    foreign = ECKey.generate_key("P-256")
    header: dict[str, Any] = {"alg": "ES256"}
    if algorithm in ("none", "HS256"):
        header["alg"] = algorithm
    elif algorithm == "jwk":
        header["jwk"] = foreign.as_dict(private=False)
    else:
        header["jku"] = "https://evil.example/keys"
    until = int(time.time()) + 60
    claims = {"iss": "https://id.example", "sub": "1", "aud": "desk", "nonce": "n", "exp": until}
    token = _by_hand(header, claims, foreign)
    keys = {"keys": [KEY.as_dict(private=False)]}
    with pytest.raises(oidc.ProviderFailed):
        oidc.checked(token, keys, settings(tmp_path), "n")


def _by_hand(header: dict[str, Any], claims: dict[str, Any], foreign: ECKey) -> str:
    """A token as somebody makes it who keeps no rule."""
    signed = b".".join(map(_encoded, (orjson.dumps(header), orjson.dumps(claims))))
    if header["alg"] == "none":
        signature = b""
    elif header["alg"] == "HS256":
        signature = hmac.digest(KEY.as_pem(private=False), signed, "sha256")
    else:
        signature = JWSRegistry.algorithms["ES256"].sign(signed, foreign)
    return (signed + b"." + _encoded(signature)).decode()


def _encoded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


@pytest.mark.parametrize("roles", ["=admin", "a=editor, =admin", "a=", "a", "a=chief"])
def test_a_role_without_a_group_is_a_configuration_error(tmp_path: Path, roles: str) -> None:
    """It would be given to whoever has an empty group; the setting is named at the start."""
    with pytest.raises(ValidationError, match="oidc_roles"):
        settings(tmp_path, oidc_roles=roles)


@pytest.mark.parametrize("groups", ["", " ", [""], ["", "other"], None, {"": 1}])
def test_an_empty_group_gives_no_role(tmp_path: Path, groups: object) -> None:
    some = settings(tmp_path, oidc_roles="heads=admin,")
    assert oidc.role_of({"roles": groups}, some) is None
