"""Links that prove something: only the hub can have made them, and each for one purpose.

Rules:
- the key is a setting, or a file of the hub's own data (mode 0600). It is made for a hub that
  nobody follows yet; later it is not, because links that were sent and webhooks rest on it;
- each purpose has a key of its own, derived from that one: a link for leaving confirms nothing;
- links that confirm end after a time, those for leaving never do: they are in letters for ever;
- a link that came in a letter about one subscription is good for that one. All that an address
  follows is behind a link that is sent to the address by itself, and ends after the same time;
- the link of a webhook holds what it asks for, so nothing is kept of one that is not proven yet;
- a webhook's secret is derived from its subscription, so none is kept anywhere.
"""

from base64 import b64encode
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer
from sqlmodel import Session, select

from bri_hub.alerts.tables import AlertSubscription
from bri_kit import signing
from bri_kit.errors import NotFound

FILE = "alerts.key"
_CONFIRMING, _MANAGING, _HOOK = "alerts.confirm", "alerts.manage", "alerts.webhook"
_HOOK_LINK, _ADDRESS = "alerts.webhook-link", "alerts.address"


class LinkExpired(NotFound):
    """The link was good once."""

    title = "Expired"


class KeyLost(signing.KeyFileUnreadable):
    """The key by which links were made is not there any more."""


def check_key(session: Session, data: Path, setting: str) -> None:
    """Raises KeyLost where somebody follows a search and the key is gone."""
    path = data / FILE
    if setting or path.exists():
        return
    if session.scalars(select(AlertSubscription).limit(1)).first() is None:
        return
    raise KeyLost(
        f"the key of alerts is lost: {path} is missing; restore the file from a backup. To go on "
        "with another, by which links in letters that were sent and webhooks' secrets end, put 32 "
        "random bytes there, or set BRI_HUB_ALERTS_SECRET"
    )


def load_key(data: Path, setting: str) -> bytes:
    """The key of this hub; `setting` where it is not empty."""
    if setting:
        return sha256(setting.encode()).digest()
    return bytes(signing.load_or_create(data / FILE))


class Seal:
    """Makes links' secrets and checks them."""

    def __init__(self, key: bytes, confirming_seconds: int) -> None:
        self._key = key
        self._seconds = confirming_seconds
        kind: dict[str, Any] = {"digest_method": sha256, "key_derivation": "hmac"}
        self._confirming = URLSafeTimedSerializer(key, salt=_CONFIRMING, signer_kwargs=kind)
        self._managing = URLSafeSerializer(key, salt=_MANAGING, signer_kwargs=kind)
        self._hooks = URLSafeSerializer(key, salt=_HOOK_LINK, signer_kwargs=kind)
        self._addresses = URLSafeTimedSerializer(key, salt=_ADDRESS, signer_kwargs=kind)

    def seal_request(self, request: list[str]) -> str:
        """A secret that confirms a request for as long as such links last."""
        return str(self._confirming.dumps(request))

    def open_request(self, secret: str) -> list[str]:
        """The request that a secret confirms.

        Raises:
            LinkExpired: it was made too long ago.
            NotFound: this hub did not make it.
        """
        found: list[str] = self._open_timed(self._confirming, secret)
        return found

    def seal_address(self, address: str) -> str:
        """A secret that proves, for as long as such links last, that its letter was read."""
        return str(self._addresses.dumps(address))

    def open_address(self, secret: str) -> str:
        """The address that a secret was sent to. Raises as `open_request`."""
        return str(self._open_timed(self._addresses, secret))

    def _open_timed(self, serializer: URLSafeTimedSerializer, secret: str) -> Any:
        try:
            return serializer.loads(secret, max_age=self._seconds)
        except SignatureExpired:
            raise LinkExpired from None
        except BadData:
            raise NotFound from None

    def seal_subscription(self, subscription_id: str) -> str:
        """A secret by which a subscription is changed and ended."""
        return str(self._managing.dumps(subscription_id))

    def open_subscription(self, secret: str) -> str:
        """The subscription that a secret is for, a webhook's own among them.

        Raises:
            NotFound: this hub did not make it.
        """
        hook = self.open_hook(secret)
        if hook is not None:
            return hook[0]
        try:
            return str(self._managing.loads(secret))
        except BadData:
            raise NotFound from None

    def seal_hook(self, request: list[str]) -> str:
        """The secret of a webhook: what it asks for, its subscription's identifier first."""
        return str(self._hooks.dumps(request))

    def open_hook(self, secret: str) -> list[str] | None:
        """What a webhook's secret asks for; None where it is none."""
        try:
            found: list[str] = self._hooks.loads(secret)
        except BadData:
            return None
        return found

    def hook_secret(self, subscription_id: str) -> bytes:
        """What a webhook's bodies are signed with."""
        return digest(self._key, f"{_HOOK} {subscription_id}".encode(), "sha256")

    def hook_secret_text(self, subscription_id: str) -> str:
        """The same, as Standard Webhooks write it."""
        return f"whsec_{b64encode(self.hook_secret(subscription_id)).decode()}"
