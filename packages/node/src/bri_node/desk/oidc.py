"""Signing in by the centre's own identity provider: OpenID Connect, the authorisation code flow.

Rules (OpenID Connect Core 1.0; RFC 7636):
- where the provider answers is read from its discovery document, whose issuer must be the one that
  was configured;
- `state`, `nonce` and a PKCE verifier are made for each attempt, and only the browser that began it
  can end it: they are in a cookie of its own for TEN_MINUTES;
- the ID token's signature, issuer, audience, authorised party, expiry and nonce are checked;
  symmetric algorithms and `none` are not taken;
- a token with several audiences names this client as its authorised party, and no token names
  another (Core, 3.1.3.7, 4 and 5);
- a role comes from the person's groups by the settings; without one nobody is let in.
"""

import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from bri_kit import fetching
from bri_kit.addresses import parse_networks
from bri_kit.auth import Role
from bri_node.desk import signing, users
from bri_node.desk.cookies import ROOT
from bri_node.desk.turn import Turn, Visitor
from bri_node.profile import NodeSettings, read_roles

COOKIE = "bri_desk_oidc"
TEN_MINUTES = 600
_ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "EdDSA"]
_CLOCK_SKEW = 60
# The provider is the operator's choice, and often within the centre's own network.
_ANYWHERE = fetching.Bounds(
    allowed=parse_networks("0.0.0.0/0, ::/0"), max_bytes=1024 * 1024, seconds=10, max_redirects=0
)

router = APIRouter()
logger = structlog.get_logger()


class ProviderFailed(Exception):
    """The identity provider did not vouch for anybody; the message is for the operator."""


@router.get("/oidc")
async def begin(turn: Visitor, next: str = "/") -> Response:  # noqa: A002 - a name in addresses
    """Lead to the provider."""
    settings = turn.desk.settings
    try:
        provider = await _discover(settings)
    except ProviderFailed as fact:
        return await _failed(turn, fact)
    attempt = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "next": signing.inside(next),
    }
    question = urlencode(
        {
            "response_type": "code",
            "client_id": settings.oidc_client_id,
            "redirect_uri": _return_address(turn),
            "scope": "openid profile",
            "state": attempt["state"],
            "nonce": attempt["nonce"],
            "code_challenge": challenge_of(attempt["verifier"]),
            "code_challenge_method": "S256",
        }
    )
    answer = RedirectResponse(f"{provider['authorization_endpoint']}?{question}", 303)
    kept = urlsafe_b64encode(orjson.dumps(attempt)).decode()
    turn.cookies.give(answer, COOKIE, kept, TEN_MINUTES)
    return answer


@router.get("/oidc/return")
async def finish(turn: Visitor, code: str = "", state: str = "") -> Response:
    """Let in whom the provider vouches for."""
    try:
        attempt = _attempt(turn, state)
        claims = await _claims(turn, code, attempt)
        answer = await run_in_threadpool(_let_in, turn, claims, attempt["next"])
    except ProviderFailed as fact:
        answer = await _failed(turn, fact)
    turn.cookies.take(answer, COOKIE)
    return answer


async def _failed(turn: Turn, fact: ProviderFailed) -> Response:
    logger.warning("desk.oidc_failed", reason=str(fact), client=turn.address)
    return await run_in_threadpool(signing.form_page, turn, "/", "", "provider", 401)


def _return_address(turn: Turn) -> str:
    base = turn.desk.settings.public_url.rstrip("/")
    return f"{base or str(turn.request.base_url).split(ROOT)[0].rstrip('/')}{ROOT}/oidc/return"


def challenge_of(verifier: str) -> str:
    """What is shown of a PKCE verifier at first (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _attempt(turn: Turn, state: str) -> dict[str, str]:
    try:
        kept = orjson.loads(urlsafe_b64decode(turn.cookies.read(COOKIE)))
        attempt = {name: str(kept[name]) for name in ("state", "nonce", "verifier", "next")}
    except (ValueError, KeyError, TypeError) as fact:
        raise ProviderFailed("the answer came without a question of this browser") from fact
    if not state or not secrets.compare_digest(attempt["state"].encode(), state.encode()):
        raise ProviderFailed("the answer is to another question")
    return attempt


async def _discover(settings: NodeSettings) -> Mapping[str, Any]:
    issuer = settings.oidc_issuer.rstrip("/")
    if not issuer:
        raise ProviderFailed("no provider is configured")
    provider = await _fetch(f"{issuer}/.well-known/openid-configuration")
    if str(provider.get("issuer", "")).rstrip("/") != issuer:
        raise ProviderFailed("the discovery document is another issuer's")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not str(provider.get(name, "")).startswith(("https://", "http://")):
            raise ProviderFailed(f"the discovery document has no {name}")
    return provider


async def _fetch(url: str, fields: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    headers = {"Accept": "application/json"}
    content = None
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        content = urlencode(fields).encode()
    try:
        answer = await fetching.fetch(
            url, _ANYWHERE, method="POST" if content else "GET", content=content, headers=headers
        )
        document = orjson.loads(answer.body)
    except (fetching.FetchRefused, orjson.JSONDecodeError) as fact:
        raise ProviderFailed(f"{url} does not answer: {fact}") from fact
    if answer.status != 200 or not isinstance(document, dict):
        raise ProviderFailed(f"{url} answered {answer.status}")
    return document


async def _claims(turn: Turn, code: str, attempt: Mapping[str, str]) -> Mapping[str, Any]:
    """What the provider says of whoever signed in there."""
    settings = turn.desk.settings
    provider = await _discover(settings)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _return_address(turn),
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret.get_secret_value(),
        "code_verifier": attempt["verifier"],
    }
    tokens = await _fetch(provider["token_endpoint"], fields)
    keys = await _fetch(provider["jwks_uri"])
    return checked(str(tokens.get("id_token", "")), keys, settings, attempt["nonce"])


def checked(
    id_token: str, keys: Mapping[str, Any], settings: NodeSettings, nonce: str
) -> Mapping[str, Any]:
    """The claims of an ID token.

    Raises:
        ProviderFailed: it is not genuine, not for us, not for this attempt, or too old.
    """
    from joserfc import jwt  # 9 MB, and few centres have a provider
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        token = jwt.decode(id_token, key_set, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_CLOCK_SKEW,
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as fact:
        raise ProviderFailed(f"the ID token is not valid: {fact}") from fact
    if str(token.claims.get("iss", "")).rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise ProviderFailed("the ID token is another issuer's")
    audience, party = token.claims["aud"], token.claims.get("azp")
    is_for_several = isinstance(audience, list) and len(audience) > 1
    if party != settings.oidc_client_id and (party is not None or is_for_several):
        raise ProviderFailed("the ID token was issued to another client")
    return token.claims


def role_of(claims: Mapping[str, Any], settings: NodeSettings) -> Role | None:
    """The highest role that the person's groups give; None where they give none."""
    told = claims.get(settings.oidc_claim, [])
    groups = told.split() if isinstance(told, str) else told
    if not isinstance(groups, list):
        return None
    held = [role for group, role in read_roles(settings.oidc_roles) if group in groups]
    return max(held, default=None)


def _let_in(turn: Turn, claims: Mapping[str, Any], place: str) -> Response:
    role = role_of(claims, turn.desk.settings)
    if role is None:
        raise ProviderFailed("the person's groups give no role here")
    name = str(claims.get("preferred_username") or claims["sub"])
    shown = str(claims.get("name") or name)
    subject = f"{claims['iss']} {claims['sub']}"
    with turn.node.store.writing() as session:
        user = users.vouched(session, subject, name, shown, role)
    if user is None:
        raise ProviderFailed("the person is disabled here")
    return signing.let_in(turn, user, place, by="provider")
