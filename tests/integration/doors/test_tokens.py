"""Tokens from the command line to a running service, and back."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_hub.tables import open_database
from bri_hub.tokens import identify
from bri_hub.tokens import tokens_of as hub_tokens
from bri_kit import auth, clock, database, migrations
from bri_kit.auth import Role
from bri_kit.errors import NotFound, Unauthenticated
from bri_node.migrations import SCHEMA
from bri_node.store import open_store
from bri_node.tokens import tokens_of
from tests.integration.doors.conftest import Service

RECORD = {
    "kind": "news",
    "original_language": "en",
    "editions": {"en": {"title": "t", "body": "<p>x</p>"}},
}
Bri = Callable[..., str]


@pytest.fixture
def bri(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bri:
    """What `bri token …` prints for the centre `sco` whose data is in a folder of the test's."""
    open_store(tmp_path / "sco", "sco").close()
    open_database(tmp_path / "hub").dispose()

    def bri(*words: str, whose: tuple[str, ...] = ("--centre", "sco"), status: int = DONE) -> str:
        arguments = ["token", *words, "--data", str(tmp_path), *whose]
        assert application.call(arguments) == status
        return capsys.readouterr().out.strip()

    return bri


async def can_write(node: Service, token: str) -> bool:
    answer = await node.client(token).post("/api/v1/records", json=RECORD)
    assert answer.status_code in (201, 401)
    return answer.status_code == 201


async def test_a_revoked_token_is_refused_at_once(node: Service) -> None:
    """Another process revokes it; the service that runs asks its database each time."""
    token = node.tokens[Role.EDITOR]
    assert await can_write(node, token)
    with tokens_of(node.data, "sco") as tokens:
        tokens.revoke(token)
    assert not await can_write(node, token)
    assert await can_write(node, node.tokens[Role.CONTRIBUTOR])
    told = await node.client(token).post("/api/v1/records", json=RECORD)
    assert "revoked" in told.json()["detail"]


async def test_a_token_expires(node: Service) -> None:
    """It is valid up to its time and not after."""
    with tokens_of(node.data, "sco") as tokens:
        soon = clock.rfc3339(clock.now() + timedelta(hours=1))
        token = tokens.issue(Role.EDITOR, "passing", soon)
    assert await can_write(node, token)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        assert not await can_write(node, token)


def test_the_hub_knows_its_own_tokens_alone(tmp_path: Path) -> None:
    """A node's is told whose it is; a revoked one is told that."""
    with hub_tokens(tmp_path) as tokens:
        token = tokens.issue(Role.ADMIN, "ops")
        engine = open_database(tmp_path)
        assert identify(engine, f"Bearer {token}").role is Role.ADMIN
        with pytest.raises(Unauthenticated, match="issued by 'sco'"):
            identify(engine, f"Bearer {auth.new_token('sco')}")
        tokens.revoke(token)
        with pytest.raises(Unauthenticated, match="revoked"):
            identify(engine, f"Bearer {token}")
        engine.dispose()


def test_tokens_are_made_listed_and_revoked_on_the_command_line(bri: Bri) -> None:
    """What is printed as JSON names them by an id, which revoking takes."""
    token = bri("create", "--role", "editor", "--name", "李伟", "--days", "30")
    bri("create", "--role", "admin", "--name", "ops", whose=("--hub",))
    [listed] = json.loads(bri("list", "--json"))
    assert (listed["name"], listed["role"], listed["state"]) == ("李伟", "editor", "valid")
    assert listed["expires_at"] > listed["created_at"]
    assert token not in bri("list")
    assert listed["id"] in bri("list")
    assert "ops" in bri("list", whose=("--hub",))
    revoked = json.loads(bri("revoke", listed["id"], "--json"))
    assert revoked["state"] == "revoked"
    assert json.loads(bri("revoke", token, "--json"))["revoked_at"] == revoked["revoked_at"]
    assert json.loads(bri("list", "--json"))[0]["state"] == "revoked"


@pytest.mark.parametrize("name", ["", "abc", "000000000000", "bri_sco_unknown", "%", "'; --"])
def test_what_names_no_token_revokes_none(bri: Bri, name: str) -> None:
    """An id that is too short names none, though only one token be there."""
    bri("create", "--role", "editor", "--name", "a")
    bri("revoke", name, status=NEGATIVE)
    assert json.loads(bri("list", "--json"))[0]["state"] == "valid"


@pytest.mark.parametrize("whose", [(), ("--centre", "asean"), ("--centre", "sco", "--hub")])
def test_whose_token_it_is_must_be_said(bri: Bri, whose: tuple[str, ...]) -> None:
    """Exactly one, and one whose data is here."""
    bri("list", whose=whose, status=NOT_BEGUN)


def test_no_token_is_kept(tmp_path: Path) -> None:
    """Whoever copies the database has no token."""
    with tokens_of(tmp_path, "sco") as tokens:
        token = tokens.issue(Role.EDITOR, "a")
        tokens.identify(f"Bearer {token}")
    secret = token.rpartition("_")[2].encode()
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())


def test_the_last_use_is_noted_seldom(tmp_path: Path) -> None:
    """The first time, and again only after minutes: a request does not cost a write."""
    with tokens_of(tmp_path, "sco") as tokens:
        token = f"Bearer {tokens.issue(Role.EDITOR, 'a')}"
        assert tokens.listed()[0].used_at is None
        tokens.identify(token)
        first = tokens.listed()[0].used_at
        tokens.identify(token)
        assert tokens.listed()[0].used_at == first
        with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
            tokens.identify(token)
        assert str(tokens.listed()[0].used_at) > str(first)


def test_a_use_that_cannot_be_noted_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that only reads still lets in whom it knows."""
    with tokens_of(tmp_path, "sco") as tokens:
        token = tokens.issue(Role.EDITOR, "a")
        monkeypatch.setattr(tokens, "_set", _fail)
        assert tokens.identify(f"Bearer {token}").name == "a"


def _fail(*_: Any) -> None:
    from sqlalchemy.exc import OperationalError

    raise OperationalError("UPDATE", {}, Exception("disk full"))


def test_two_tokens_of_one_id_are_not_confused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However unlikely: then neither is revoked."""
    made = iter(["f" * 63 + "a", "f" * 63 + "b"])
    with tokens_of(tmp_path, "sco") as tokens:
        monkeypatch.setattr(auth, "token_hash", lambda _token: next(made))
        tokens.issue(Role.EDITOR, "a")
        tokens.issue(Role.EDITOR, "b")
        with pytest.raises(NotFound, match="2 tokens"):
            tokens.revoke("f" * 12)


def test_tokens_of_an_older_version_are_known(tmp_path: Path) -> None:
    """Their table lacks columns, which it gets when the data is opened."""
    with tokens_of(tmp_path, "sco") as tokens:
        token = tokens.issue(Role.EDITOR, "a")
    engine = database.connect(database.sqlite_url(tmp_path / "node.db"))
    migrations.migrate(engine, SCHEMA, migrations.FIRST)
    engine.dispose()
    with tokens_of(tmp_path, "sco") as tokens:
        assert tokens.identify(f"Bearer {token}").role is Role.EDITOR
        assert tokens.listed()[0].state == "valid"
