"""Claims by which a NATS server knows users, and words for what goes wrong with a connection."""

import base64
import json
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from bri_kit import authority, claims, complaints, nkey
from bri_kit.access import is_inbox_of
from bri_kit.authority import Authority
from bri_kit.claims import ClaimUnreadable
from bri_kit.nkey import Kind
from bri_kit.signing import KeyFileUnreadable

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SIGNER, USER = SigningKey(b"s" * 32), SigningKey(b"u" * 32)
ACCOUNT = nkey.public(SigningKey(b"a" * 32), Kind.ACCOUNT)


def a_claim(expires: datetime | None = None) -> str:
    return claims.user_claim("sco", nkey.public(USER, Kind.USER), ACCOUNT, SIGNER, NOW, expires)


def test_a_claim_is_read_as_it_was_written() -> None:
    """From a credentials file too."""
    user = claims.read_user(a_claim(NOW))
    assert (user.name, user.key, user.account) == ("sco", nkey.public(USER, Kind.USER), ACCOUNT)
    assert user.issued == user.expires == int(NOW.timestamp())
    assert claims.read_user(a_claim()).expires is None
    text = claims.credentials(a_claim(), nkey.seed(USER, Kind.USER))
    assert claims.claim_in(text) == a_claim()


def test_a_claim_that_was_altered_is_known() -> None:
    """Its signature is over every byte of it."""
    head, body, signature = a_claim().split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = base64.urlsafe_b64encode(json.dumps(said | {"name": "asean"}).encode()).decode()
    with pytest.raises(ClaimUnreadable, match="signature"):
        claims.read_user(f"{head}.{other.rstrip('=')}.{signature}")


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "é.é.é", "e30.e30.e30", "e30.W10.e30"])
def test_what_is_no_claim_is_told(text: str) -> None:
    """Whatever it is."""
    with pytest.raises(ClaimUnreadable):
        claims.read_user(text)
    with pytest.raises(ClaimUnreadable):
        claims.claim_in(text)


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    """Opening them again changes nothing."""
    assert not authority.is_in(tmp_path)
    first = Authority(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert first.provide("sco", tmp_path / "sco.creds")[1]
    again = Authority(tmp_path)
    assert again.provide("sco", tmp_path / "sco.creds") == first.provide(
        "sco", tmp_path / "sco.creds"
    )
    (tmp_path / "sco.creds").unlink()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert (again.name, again.federation) == (first.name, first.federation)
    assert authority.is_in(tmp_path)


def test_credentials_of_another_hub_are_made_anew(tmp_path: Path) -> None:
    """And those that are damaged, or somebody else's."""
    path = tmp_path / "sco.creds"
    ours = Authority(tmp_path / "ours")
    Authority(tmp_path / "other").provide("sco", path)
    assert ours.provide("sco", path)[1]
    assert ours.provide("asean", path)[1]
    path.write_text("damaged")
    assert ours.provide("asean", path)[1]
    assert not ours.provide("asean", path)[1]


def test_a_key_file_with_something_else_is_told(tmp_path: Path) -> None:
    """It is never written over."""
    (tmp_path / authority.OPERATOR_FILE).write_bytes(b"short")
    with pytest.raises(KeyFileUnreadable, match=r"nats-operator\.key holds 5 bytes"):
        Authority(tmp_path)
    assert (tmp_path / authority.OPERATOR_FILE).read_bytes() == b"short"


@pytest.mark.parametrize(
    ("reply", "answered"),
    [
        ("_INBOX.sco.abc.def", True),
        ("_INBOX.sco.abc", True),
        ("_INBOX.abc", True),
        ("_INBOX.abc.def", True),
        ("_INBOX.asean.abc.def", False),
        ("_INBOX", False),
        ("", False),
        ("bri.log.asean", False),
        ("bri.log.sco", False),
        ("$JS.API.STREAM.DELETE.BRI_LOG", False),
        ("$JS.ACK.BRI_LOG.hub.1.1.1.1.0", False),
        ("_INBOX_.sco.abc", False),
    ],
)
def test_answers_go_to_inboxes(reply: str, answered: bool) -> None:
    """Of the centre that asked, or without a name; nowhere else."""
    assert is_inbox_of(reply, "sco") is answered


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Exception("nats: 'Authorization Violation'"), "does not take these credentials"),
        (Exception("nats: 'User Authentication Revoked'"), "revoked"),
        (Exception("nats: 'User Authentication Expired'"), "expired"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "TLS does not come about"),
        (ConnectionRefusedError(111, "Connect call failed"), "Connect call failed"),
        (ValueError(), "ValueError"),
        (None, "closed"),
    ],
)
def test_what_goes_wrong_is_told_in_words(error: Exception | None, told: str) -> None:
    """For whoever can mend it."""
    assert told in complaints.explain(error)
