"""How a centre comes to take part: it asks, the hub answers with a letter, and the letter is kept.

Rules:
- the private keys are made here and stay here: that of the log, and that of the centre's user of
  the hub's broker;
- a letter is taken where it is for this centre, its key and its user, and where the operator who
  signed it is the one that was trusted before, if there was one: another one is a person's to name;
- a letter is taken whole: credentials come last, by which the node finds that it may dial.
"""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from bri_kit import claims, clock, joining, nkey, signing
from bri_kit.authority import CREDENTIALS, write_secret
from bri_kit.claims import ClaimUnreadable
from bri_kit.joining import JoinRequest, Letter
from bri_kit.keyring import Keyring, keys_json
from bri_kit.nkey import Kind
from bri_kit.sealing import SealBroken
from bri_node import keys
from bri_node.configuration import CA, LETTER, USER_KEY, Configuration
from bri_node.keys import KeyFile, Seal
from bri_node.store import open_store


class NotForUs(ValueError):
    """The letter is of no use here; the message says why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A centre's keys: the one that signs its log now, all that ever did, and its user's."""

    signing: SigningKey
    ring: Keyring
    user: SigningKey

    @property
    def public(self) -> str:
        """The public key of the log, in base64."""
        return b64encode(signing.public_key(self.signing)).decode()

    @property
    def nats_user(self) -> str:
        """The public key of the user."""
        return nkey.public(self.user, Kind.USER)


def identify(configuration: Configuration) -> Identity:
    """The centre's keys, made where there are none.

    Raises:
        bri_kit.unusable.DatabaseUnusable: the data is another centre's, or of newer software.
        bri_kit.signing.KeyFileUnreadable, bri_node.keys.KeyLost: a key is not what it was.
    """
    folder, code = configuration.folder, configuration.profile.code
    store = open_store(folder, code, configuration.settings().database_address)
    try:
        seal = Seal(code, KeyFile(folder / "key"))
        with store.writing() as session:
            key = keys.signing_key(session, seal)
            ring = keys.ring(session, seal)
    finally:
        store.close()
    return Identity(key, ring, signing.load_or_create(folder / USER_KEY))


def renew_user(configuration: Configuration) -> None:
    """Have the next request name another user, because the present one's key was seen by others.
    What it lets in by stays until the hub has answered."""
    key = configuration.folder / USER_KEY
    key.unlink(missing_ok=True)


def write_request(configuration: Configuration) -> str:
    """The text of a join request. Raises as `identify`."""
    identity, profile = identify(configuration), configuration.profile
    request = JoinRequest(
        code=profile.code,
        names=dict(profile.names),
        languages=list(profile.languages),
        edition_languages=list(profile.edition_languages),
        countries=list(profile.countries),
        contact=configuration.contact,
        url=configuration.settings().public_url,
        public_key=identity.public,
        keys=keys_json(identity.ring),
        nats_user=identity.nats_user,
        made_at=clock.now(),
        nonce=secrets.token_hex(16),
    )
    return joining.seal_request(request, identity.signing)


def take_letter(configuration: Configuration, text: str, hub: str = "") -> Letter:
    """Keep what the hub answered. `hub` is the operator's key as the hub told it by another way,
    and need not be given.

    Raises:
        NotForUs: the letter was altered, is for somebody else, or another hub's.
        DatabaseUnusable, KeyFileUnreadable, KeyLost: as `identify`.
    """
    try:
        letter, operator = joining.open_letter(text)
    except SealBroken as reason:
        raise NotForUs(f"the admission file cannot be taken: {reason}") from None
    if letter.code != configuration.profile.code:
        raise NotForUs(
            f"the admission file is for the centre {letter.code!r}, this is "
            f"{configuration.profile.code!r}"
        )
    identity = identify(configuration)
    _check_keys(letter, identity)
    _check_operator(configuration, operator, hub)
    _keep(configuration.folder, letter, identity, text)
    return letter


def kept_letter(folder: Path) -> tuple[Letter, str] | None:
    """The letter that was taken last, and the operator who signed it."""
    try:
        return joining.open_letter((folder / LETTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _check_keys(letter: Letter, identity: Identity) -> None:
    if letter.public_key != identity.public:
        raise NotForUs(
            "the admission file is for another key of this centre: ask for admission with a new "
            "request ('bri node request')"
        )
    if letter.nats_user != identity.nats_user:
        raise NotForUs(
            "the admission file answers an earlier request, whose key for the broker is gone: wait "
            "for the answer to the newest, or make a new one ('bri node request')"
        )
    try:
        user = claims.read_user(letter.claim)
    except ClaimUnreadable as reason:
        raise NotForUs(f"the credentials in the admission file are of no use: {reason}") from None
    if (user.name, user.key) != (letter.code, letter.nats_user):
        raise NotForUs("the credentials in the admission file are somebody else's")
    if user.expires is not None and user.expires <= clock.now().timestamp():
        raise NotForUs("the credentials in the admission file have expired")


def _check_operator(configuration: Configuration, operator: str, told: str) -> None:
    kept = kept_letter(configuration.folder)
    if told and operator != told.strip():
        raise NotForUs(f"the admission file is signed by {operator}, not by {told.strip()}")
    if kept is not None and not told and kept[1] != operator:
        raise NotForUs(
            f"the admission file is signed by {operator}; this centre joined a hub whose key is "
            f"{kept[1]}. If it is to change hubs, say so: --hub-key {operator}"
        )


def _keep(folder: Path, letter: Letter, identity: Identity, text: str) -> None:
    write_secret(folder / LETTER, text)
    if letter.ca:
        write_secret(folder / CA, letter.ca)
    else:
        (folder / CA).unlink(missing_ok=True)
    seed = nkey.seed(identity.user, Kind.USER)
    write_secret(folder / CREDENTIALS, claims.credentials(letter.claim, seed))
