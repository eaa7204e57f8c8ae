"""Users of the desk, from the command line."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_kit.auth import Role
from bri_node.desk import sessions, users
from bri_node.desk.sessions import Lasting
from bri_node.store import open_store

Bri = Callable[..., str]


@pytest.fixture
def bri(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bri:
    """What `bri user …` prints for the centre `sco` whose data is in a folder of the test's."""
    open_store(tmp_path / "sco", "sco").close()

    def bri(*words: str, typed: str = "", status: int = DONE, centre: str = "sco") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        arguments = ["user", *words, "--data", str(tmp_path), "--centre", centre]
        assert application.call(arguments) == status
        told = capsys.readouterr()
        return (told.out if status == DONE else told.err).strip()

    return bri


def verified(tmp_path: Path, name: str, password: str) -> users.User | None:
    with users.store_of(tmp_path / "sco", "sco") as store, store.reading() as session:
        found = users.find_credentials(session, name)
    return found.user if users.is_password(found, password) else None


def test_a_user_is_made_changed_and_disabled(tmp_path: Path, bri: Bri) -> None:
    """Each command holds at once, and the password is in none of what is printed or kept."""
    made = bri(
        "create",
        "Gulnara",
        *("--role", "editor", "--name", "Гүлнара Әбдіқадырова", "--password-stdin"),
        typed="first password\n",
    )
    assert "first password" not in made
    user = verified(tmp_path, "gulnara", "first password")
    assert user is not None
    assert (user.shown, user.role) == ("Гүлнара Әбдіқадырова", Role.EDITOR)
    bri("password", "gulnara", "--password-stdin", typed="second password\n")
    assert verified(tmp_path, "gulnara", "first password") is None
    assert verified(tmp_path, "gulnara", "second password") is not None
    bri("disable", "gulnara")
    assert verified(tmp_path, "gulnara", "second password") is None
    [listed] = json.loads(bri("list", "--json"))
    assert listed["name"] == "gulnara"
    assert listed["disabled_at"] is not None
    assert "password" not in listed
    assert "gulnara" in bri("list")
    assert b"second password" not in (tmp_path / "sco" / "node.db").read_bytes()


def test_a_users_sessions_are_ended(tmp_path: Path, bri: Bri) -> None:
    """All of them at once; the user may sign in again."""
    bri("create", "li", "--role", "editor", "--password-stdin", typed="long enough\n")
    lasting = Lasting(timedelta(hours=1), timedelta(hours=1))
    with users.store_of(tmp_path / "sco", "sco") as store:
        user = verified(tmp_path, "li", "long enough")
        assert user is not None
        with store.writing() as session:
            secrets = [sessions.begin(session, user, lasting) for _ in range(2)]
        assert all(sessions.recognise(store, secret, lasting) for secret in secrets)
        assert bri("sign-out", "li") == "li is signed out everywhere"
        assert not any(sessions.recognise(store, secret, lasting) for secret in secrets)
    assert verified(tmp_path, "li", "long enough") is not None


@pytest.mark.parametrize(
    ("words", "typed", "status", "told"),
    [
        (("create", "li", "--role", "boss", "--password-stdin"), "long enough", NOT_BEGUN, "boss"),
        (("create", "li", "--role", "editor", "--password-stdin"), "short", NEGATIVE, "10"),
        (("create", " ", "--role", "editor", "--password-stdin"), "long enough", NEGATIVE, "name"),
        (("create", "li", "--role", "editor"), "", NOT_BEGUN, "--password-stdin"),
        (("disable", "nobody"), "", NEGATIVE, "nobody"),
        (("sign-out", "nobody"), "", NEGATIVE, "nobody"),
        (("password", "nobody", "--password-stdin"), "long enough", NEGATIVE, "nobody"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    bri: Bri, words: tuple[str, ...], typed: str, status: int, told: str
) -> None:
    """The line names the fact."""
    error = bri(*words, typed=typed, status=status)
    assert told in error
    assert "\n" not in error


def test_names_are_taken_once_whatever_their_case(bri: Bri) -> None:
    """Two people never have one name."""
    bri("create", "li", "--role", "editor", "--password-stdin", typed="long enough")
    again = ("create", "LI", "--role", "editor", "--password-stdin")
    assert "already" in bri(*again, typed="long enough", status=NEGATIVE)


def test_the_hub_has_no_desk(bri: Bri) -> None:
    """Users are a centre's."""
    assert "no desk" in bri("list", centre="hub", status=NOT_BEGUN)
