"""What was revoked after a backup was made does not come to life again with it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NOT_BEGUN
from bri_kit import auth
from tests.integration.database.folders import names, on_files

pytestmark = on_files


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    assert application.call(list(arguments)) == DONE, capsys.readouterr().err
    return capsys.readouterr().out


def new_token(capsys: pytest.CaptureFixture[str], data: Path, whose: Sequence[str]) -> str:
    arguments = ["token", "create", "--data", str(data), *whose, "--role", "editor", "--name", "x"]
    return run(capsys, *arguments).split()[0]


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def values(file: Path, question: str) -> list[object]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute(question)]


def is_valid(file: Path, token: str) -> bool:
    question = f"SELECT revoked_at FROM token WHERE hash = '{auth.token_hash(token)}'"
    return values(file, question) == [None]


@pytest.fixture
def tokens(data: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """One of a centre that is revoked later, and one that is not."""
    return [new_token(capsys, data, ["--centre", "sco"]) for _ in range(2)]


_USER = (
    "INSERT INTO desk_user (id, name, shown, role, password, language, created_at)"
    " VALUES (7, 'li', 'Li', 2, 'old', '', '2026')"
)
_SESSION = "INSERT INTO desk_session VALUES ('h', 7, '2026', '2026', '2999')"
_SEARCH = "INSERT INTO alert_search (id, created_at, newest, asked) VALUES ('s', '2026', 0, 'q=x')"
_FOLLOWS = (
    "INSERT INTO alert_subscription (id, search_id, channel, target, language, rhythm, state,"
    " created_at, due_at, cursor, pending, attempts)"
    " VALUES ('f', 's', 'mail', 'a@b.example', 'en', 'daily', 'active', '2026', '2026', 0, 0, 0)"
)


@pytest.fixture
def backup(data: Path, tokens: list[str], tmp_path: Path) -> Path:
    """Made before anything is revoked."""
    change(data / "sco/node.db", _USER, _SESSION)
    change(data / "hub/hub.db", _SEARCH, _FOLLOWS)
    file = tmp_path / "bri.backup"
    assert application.call(["backup", "--data", str(data), str(file)]) == DONE
    return file


@pytest.fixture
def revoked(data: Path, tokens: list[str], backup: Path) -> str:
    """What was revoked, changed and ended after the backup; the token."""
    revoke = ["token", "revoke", "--data", str(data), "--centre", "sco", tokens[0]]
    assert application.call(revoke) == DONE
    change(data / "sco/node.db", "UPDATE desk_user SET password = 'new', disabled_at = '2026'")
    change(
        data / "hub/hub.db",
        "DELETE FROM alert_subscription",
        "UPDATE centre SET state = 'suspended' WHERE code = 'asean'",
    )
    return tokens[0]


def test_what_the_old_folder_revoked_stays_revoked(
    data: Path, backup: Path, tokens: list[str], revoked: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Tokens, users, passwords, limits on centres, and who follows no more; others stay good."""
    target = tmp_path / "new"
    said = run(capsys, "restore", str(backup), "--data", str(target), "--former", str(data))
    assert "tokens" not in said
    assert [is_valid(target / "sco/node.db", each) for each in tokens] == [False, True]
    assert values(target / "sco/node.db", "SELECT password FROM desk_user") == ["new"]
    assert values(target / "sco/node.db", "SELECT disabled_at FROM desk_user") == ["2026"]
    states = "SELECT state FROM centre WHERE code = 'asean'"
    assert values(target / "hub/hub.db", states) == ["suspended"]
    assert values(target / "hub/hub.db", "SELECT id FROM alert_subscription") == []


def test_without_the_old_folder_what_is_valid_again_is_said(
    backup: Path, tokens: list[str], revoked: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The tokens are counted; nobody is signed in."""
    target = tmp_path / "new"
    said = run(capsys, "restore", str(backup), "--data", str(target))
    assert "sco: 4 tokens and 0 credentials of centres are valid" in said
    assert all(is_valid(target / "sco/node.db", each) for each in tokens)
    assert values(target / "sco/node.db", "SELECT hash FROM desk_session") == []


def test_everything_can_be_ended_at_once(
    backup: Path, tokens: list[str], revoked: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """For a machine that is lost."""
    target = tmp_path / "new"
    said = run(capsys, "restore", str(backup), "--data", str(target), "--end-access")
    assert "tokens" not in said
    assert not any(is_valid(target / "sco/node.db", each) for each in tokens)


def test_a_folder_that_is_not_the_former_one_changes_nothing(backup: Path, tmp_path: Path) -> None:
    """It is said, and nothing is restored."""
    (tmp_path / "empty").mkdir()
    arguments = ["restore", str(backup), "--data", str(tmp_path / "new")]
    for wrong in ("empty", "missing"):
        assert application.call([*arguments, "--former", str(tmp_path / wrong)]) == NOT_BEGUN
    assert names(tmp_path / "new") == set()
