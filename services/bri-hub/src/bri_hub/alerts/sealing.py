"""Links that prove something: only the hub can have made them, and each for one purpose.

Rules:
- the key is a setting, or a file of the hub's own data (mode 0600) that is made when it is missing;
- each purpose has a key of its own, derived from that one: a link for leaving confirms nothing;
- links that confirm end after a time, those for leaving never do: they are in letters for ever;
- a webhook's secret is derived from its subscription, so none is kept anywhere.
"""

from base64 import b64encode
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

from bri_kit import signing
from bri_kit.errors import NotFound

_CONFIRMING, _MANAGING, _HOOK = "alerts.confirm", "alerts.manage", "alerts.webhook"


class LinkExpired(NotFound):
    """The link was good once."""

    title = "Expired"


def load_key(data: Path, setting: str) -> bytes:
    """The key of this hub; `setting` where it is not empty."""
    if setting:
        return sha256(setting.encode()).digest()
    return bytes(signing.load_or_create(data / "alerts.key"))


class Seal:
    """Makes links' secrets and checks them."""

    def __init__(self, key: bytes, confirming_seconds: int) -> None:
        self._key = key
        self._seconds = confirming_seconds
        kind: dict[str, Any] = {"digest_method": sha256, "key_derivation": "hmac"}
        self._confirming = URLSafeTimedSerializer(key, salt=_CONFIRMING, signer_kwargs=kind)
        self._managing = URLSafeSerializer(key, salt=_MANAGING, signer_kwargs=kind)

    def seal_request(self, request: list[str]) -> str:
        """A secret that confirms a request for as long as such links last."""
        return str(self._confirming.dumps(request))

    def open_request(self, secret: str) -> list[str]:
        """The request that a secret confirms.

        Raises:
            LinkExpired: it was made too long ago.
            NotFound: this hub did not make it.
        """
        try:
            found: list[str] = self._confirming.loads(secret, max_age=self._seconds)
        except SignatureExpired:
            raise LinkExpired from None
        except BadData:
            raise NotFound from None
        return found

    def seal_subscription(self, subscription_id: str) -> str:
        """A secret by which a subscription is changed and ended."""
        return str(self._managing.dumps(subscription_id))

    def open_subscription(self, secret: str) -> str:
        """The subscription that a secret is for.

        Raises:
            NotFound: this hub did not make it.
        """
        try:
            found: Any = self._managing.loads(secret)
        except BadData:
            raise NotFound from None
        return str(found)

    def hook_secret(self, subscription_id: str) -> bytes:
        """What a webhook's bodies are signed with."""
        return digest(self._key, f"{_HOOK} {subscription_id}".encode(), "sha256")

    def hook_secret_text(self, subscription_id: str) -> str:
        """The same, as Standard Webhooks write it."""
        return f"whsec_{b64encode(self.hook_secret(subscription_id)).decode()}"
