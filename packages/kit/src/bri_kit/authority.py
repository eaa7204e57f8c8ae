"""The keys that the hub lets others in by: the broker believes its operator, and nobody else.

In the folder, each for its owner alone (mode 0600):

| file | is the key of | signs |
| --- | --- | --- |
| `nats-operator.key` | the operator | accounts, and the hub's letters to those who join |
| `nats-system.key`, `nats-federation.key` | the accounts | nothing; they are names |
| `nats-centres.key`, `nats-hubs.key`, `nats-admins.key` | signers, one a role | its users |
| `nats-hub.creds`, `nats-admin.creds` | the hub's own users | |

Rules:
- keys are made once, all of them, before the credentials that follow from them: where credentials
  are there and a key is not, it is lost (`KeysLost`), and nothing is made in its place, because
  centres and brokers believe the old one. Credentials that are missing are made again;
- what is there is never changed: a folder may be opened by several at once, and as often as one
  likes;
- a centre's private key is never here, except where the hub's operator runs the centre as well.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

from bri_kit import claims, clock, nkey, roles, signing
from bri_kit.claims import Account, Storage
from bri_kit.nkey import Kind

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

OPERATOR_FILE = "nats-operator.key"
HUB_CREDENTIALS = "nats-hub.creds"
CREDENTIALS = "nats.creds"
"""What a centre's own are called, in the folder of its node."""

_STORAGE = Storage(streams=4, consumers=64)
"""Our one stream and its consumer, and room to make them anew. How many bytes is the server's to
say: what an account is promised must be there, or there is no JetStream at all."""


_NAMES = ("operator", "system", "federation", "centres", "hubs", "admins")
_ADMIN_CREDENTIALS = "nats-admin.creds"


class KeysLost(signing.KeyFileUnreadable):
    """Keys of the hub were made, and are not there any more."""


def lost(folder: Path, what: str) -> KeysLost:
    """The error of a folder in which `what` is missing."""
    return KeysLost(
        f"keys of the hub are lost: {what} is missing in {folder}; restore the folder from a "
        "backup. To begin with new keys, by which every centre has to join again, delete what is "
        "left of nats-*.key and nats-*.creds there, and run 'bri hub init'"
    )


def is_in(folder: Path) -> bool:
    """Whether somebody made the keys in this folder."""
    return (folder / OPERATOR_FILE).is_file()


class Authority:
    """The keys in `folder`.

    Raises:
        KeysLost: a key was made, and is not there.
        bri_kit.signing.KeyFileUnreadable: a key's file holds something else.
        OSError: the folder cannot be read, or written where something is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._check_complete()
        self._operator = self._load("operator")
        self.system = nkey.public(self._load("system"), Kind.ACCOUNT)
        self.federation = nkey.public(self._load("federation"), Kind.ACCOUNT)
        self._centres, self._hubs, self._admins = map(self._load, ("centres", "hubs", "admins"))
        self.hub_credentials = folder / HUB_CREDENTIALS
        self.admin_credentials = folder / _ADMIN_CREDENTIALS
        self._give(roles.HUB, self.hub_credentials, self._hubs, self.federation)
        self._give(roles.ADMIN, self.admin_credentials, self._admins, self.system)

    @property
    def key(self) -> bytes:
        """The operator's public key, by which centres know the hub."""
        return signing.public_key(self._operator)

    @property
    def name(self) -> str:
        """The same as people compare it."""
        return nkey.public(self._operator, Kind.OPERATOR)

    def operator_claim(self) -> str:
        """What a server is configured with."""
        return claims.operator_claim("bri", self._operator, self.system, clock.now())

    def system_claim(self) -> str:
        """The account from which servers are told of accounts."""
        signer = nkey.public(self._admins, Kind.ACCOUNT)
        account = Account("system", self.system, {signer: roles.admin_scope()})
        return claims.account_claim(account, self._operator, clock.now())

    def first_claim(self) -> str:
        """What a server is to know of the federation before the hub has told it. It is older than
        anything that is told, because a server keeps the newer one: it must not forget who was
        revoked only because it started."""
        return self.federation_claim({}, _LONG_AGO)

    def federation_claim(self, revoked: Mapping[str, int], at: datetime | None = None) -> str:
        """The account of the hub and all centres; `revoked` maps users' keys to the times up to
        which their claims are void."""
        scopes = {
            nkey.public(self._centres, Kind.ACCOUNT): roles.centre_scope(),
            nkey.public(self._hubs, Kind.ACCOUNT): roles.hub_scope(),
        }
        account = Account("federation", self.federation, scopes, _STORAGE, revoked)
        return claims.account_claim(account, self._operator, at or clock.now())

    def admit(self, centre: str, user: str, expires: datetime | None = None) -> str:
        """The claim of a centre's user, whose private key only the centre has.

        Raises:
            ValueError: a centre cannot be called so.
        """
        roles.check_name(centre)
        return claims.user_claim(centre, user, self.federation, self._centres, clock.now(), expires)

    def provide(self, centre: str, path: Path) -> tuple[str, bool]:
        """Credentials with a private key, for a centre that the hub's operator runs as well, in the
        file `path`; answers the user's public key, and whether they are new. Raises as
        `admit`."""
        roles.check_name(centre)
        return self._give(centre, path, self._centres, self.federation)

    @property
    def signing_key(self) -> SigningKey:
        """The operator's private key."""
        return self._operator

    def _give(self, name: str, path: Path, signer: SigningKey, account: str) -> tuple[str, bool]:
        """Have `path` hold credentials of this authority; see `provide`."""
        with suppress(OSError, claims.ClaimUnreadable):
            user = claims.read_user(claims.claim_in(path.read_text()))
            if (user.name, user.account) == (name, account):
                return user.key, False
        key = SigningKey.generate()
        public = nkey.public(key, Kind.USER)
        claim = claims.user_claim(name, public, account, signer, clock.now())
        write_secret(path, claims.credentials(claim, nkey.seed(key, Kind.USER)))
        return public, True

    def _check_complete(self) -> None:
        given = (HUB_CREDENTIALS, _ADMIN_CREDENTIALS)
        if any((self._folder / name).exists() for name in given):
            for path in map(self._path, _NAMES):
                if not path.exists():
                    raise lost(self._folder, path.name)

    def _path(self, name: str) -> Path:
        return self._folder / f"nats-{name}.key"

    def _load(self, name: str) -> SigningKey:
        return signing.load_or_create(self._path(name))


def write_secret(path: Path, text: str) -> None:
    """Have `path` hold `text`, whole, on disk and for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    signing.sync_folder(path)
