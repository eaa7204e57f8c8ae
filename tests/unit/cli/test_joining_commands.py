"""`bri node` and `bri hub`, as far as they are about joining: what goes wrong, in one line each."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bri_cli import application, nodecheck, nodeline
from bri_cli.layout import Layout
from bri_cli.nodeline import Line
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_kit import authority, clock, complaints, joining
from bri_kit.authority import Authority
from bri_kit.joining import JoinRequest, Letter
from tests.unit.kit.test_sealing import altered

INIT = ("node", "init", "kz-igtic", "--name", "Centre", "--languages", "kk,ru,en")
Letters = Callable[..., str]


def call(*words: str) -> int:
    return application.call(list(words))


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data folder with a node that asked for admission."""
    folder = tmp_path / "data"
    hub = ("--hub", "tls://127.0.0.1:1", "--countries", "KZ", "--data", str(folder))
    assert call(*INIT, *hub) == DONE
    capsys.readouterr()
    return folder


def request_of(data: Path) -> JoinRequest:
    return joining.open_request((data / "kz-igtic.join-request.json").read_text())[0]


@pytest.fixture
def letter(data: Path, tmp_path: Path) -> Letters:
    """Writes a letter of a hub, with something else in it where that is said."""

    def write(hub: str = "hub", days: int = 0, **other: Any) -> str:
        keys = Authority(tmp_path / hub)
        asked = request_of(data)
        said = {
            "code": asked.code,
            "public_key": asked.public_key,
            "nats_user": asked.nats_user,
            "nats_url": "wss://hub.example",
            "hub_url": "https://hub.example",
            "hub_name": keys.name,
            "request": "0",
            "admitted_at": clock.now(),
        } | other
        until = clock.now() + timedelta(days=days) if days else None
        said.setdefault("claim", keys.admit(str(said["code"]), str(said["nats_user"]), until))
        path = tmp_path / "letter"
        path.write_text(joining.seal_letter(Letter.model_validate(said), keys.signing_key))
        return str(path)

    return write


def join(data: Path, letter: str, *more: str) -> int:
    return call("node", "join", letter, "--data", str(data), *more)


def test_a_node_is_made_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its keys are for their owner alone, and again is refused."""
    folder = data / "kz-igtic"
    assert {(folder / name).stat().st_mode & 0o777 for name in ("key", "nats.key")} == {0o600}
    before = (data / "node.toml").read_text()
    assert call(*INIT, "--data", str(data)) == NOT_BEGUN
    assert "is there already" in capsys.readouterr().err
    assert (data / "node.toml").read_text() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--languages", "kk,kazakh"), "languages.1"),
        (("--languages", ","), "languages"),
        (("--hub", "hub.example"), "hub: must be an address"),
        (("--countries", "KAZ"), "countries.0"),
        (("--name", ""), "names"),
    ],
)
def test_what_cannot_be_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, str], told: str
) -> None:
    """By its name, and nothing is left behind."""
    assert (
        call(*INIT[:3], *INIT[5:], "--data", str(tmp_path), "--name", "kk=x", *words) == NOT_BEGUN
    )
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_another_request_is_another(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same keys, or with another one for the broker; it may be printed."""
    first = request_of(data)
    assert call("node", "request", "--data", str(data), "--out", "-") == DONE
    printed, known = joining.open_request(capsys.readouterr().out)
    assert (printed.nats_user, printed.nonce != first.nonce) == (first.nats_user, True)
    assert call("node", "request", "--data", str(data), "--new-key") == DONE
    assert request_of(data).nats_user != first.nats_user
    assert request_of(data).public_key == first.public_key
    assert known


def test_a_letter_is_taken(data: Path, letter: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    """Its credentials are for their owner alone; where the file and the hub differ, it is told."""
    assert join(data, letter(ca="…")) == DONE
    told = capsys.readouterr().out
    assert "node.toml says tls://127.0.0.1:1, and wins" in told
    folder = data / "kz-igtic"
    assert (folder / "nats.creds").stat().st_mode & 0o777 == 0o600
    assert (folder / "hub-ca.pem").exists()
    assert join(data, letter()) == DONE
    assert not (folder / "hub-ca.pem").exists()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"code": "kz-other"}, "is for the centre 'kz-other'"),
        ({"public_key": "A" * 43 + "="}, "another key of this centre"),
        ({"claim": "a.b.c"}, "of no use"),
        ({"days": -1}, "have expired"),
    ],
)
def test_a_letter_that_is_not_for_us_is_refused(
    data: Path,
    letter: Letters,
    capsys: pytest.CaptureFixture[str],
    other: dict[str, Any],
    told: str,
) -> None:
    """And leaves nothing behind."""
    assert join(data, letter(**other)) == NEGATIVE
    assert told in capsys.readouterr().err
    assert not (data / "kz-igtic" / "nats.creds").exists()


def test_a_letter_that_was_altered_is_refused(
    data: Path, letter: Letters, capsys: pytest.CaptureFixture[str]
) -> None:
    """As is one that answers an earlier request, another's credentials, and what is no letter."""
    path = Path(letter())
    whole = path.read_text()
    path.write_text(altered(whole, nats_url="wss://evil.example"))
    assert join(data, str(path)) == NEGATIVE
    assert "altered" in capsys.readouterr().err
    path.write_text((data / "kz-igtic.join-request.json").read_text())
    assert join(data, str(path)) == NEGATIVE
    assert "it is a join-request" in capsys.readouterr().err
    assert join(data, str(path.with_name("none"))) == NOT_BEGUN
    path.write_text(whole)
    assert call("node", "request", "--data", str(data), "--new-key") == DONE
    assert join(data, str(path)) == NEGATIVE
    assert "answers an earlier request" in capsys.readouterr().err


def test_another_hub_has_to_be_named(
    data: Path, letter: Letters, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once a hub was joined; and from the first, where its key was told by another way."""
    other = Authority(tmp_path / "other").name
    assert join(data, letter(), "--hub-key", other) == NEGATIVE
    assert join(data, letter()) == DONE
    assert join(data, letter("other")) == NEGATIVE
    assert f"--hub-key {other}" in capsys.readouterr().err
    assert join(data, letter("other"), "--hub-key", other) == DONE


def findings(data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = call("node", "check", "--data", str(data), "--json")
    return status, {each["name"]: each for each in json.loads(capsys.readouterr().out)}


def test_a_check_tells_what_is_missing(
    data: Path, letter: Letters, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before joining, and after, with nobody at the other end of the line."""
    status, found = findings(data, capsys)
    assert (status, found["credentials"]["level"], found["line"]["level"]) == (1, "warn", "fail")
    assert join(data, letter(days=10)) == DONE
    capsys.readouterr()
    _, found = findings(data, capsys)
    assert found["credentials"]["level"] == "warn"
    assert "nobody answers there" in found["line"]["detail"]
    (data / "kz-igtic" / "nats.creds").chmod(0o644)
    assert "others on this machine" in findings(data, capsys)[1]["credentials"]["detail"]
    (data / "kz-igtic" / "nats.creds").write_text("damaged")
    assert findings(data, capsys)[1]["credentials"]["level"] == "fail"


def test_what_cannot_be_reached_is_not_waited_for(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither dialled nor asked for the time: a name that is none, a port that is shut."""

    def must_not(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(nodeline, "dial", must_not)
    monkeypatch.setattr(nodecheck, "_check_clock", must_not)
    for hub, told in (
        ("wss://no.such.host.invalid", "no host of this name"),
        ("wss://127.0.0.1:1", "nobody answers there"),
        ("nats://127.0.0.1:99999", "out of range"),
    ):
        text = (data / "node.toml").read_text()
        lines = [f'hub = "{hub}"' if each.startswith("hub ") else each for each in text.split("\n")]
        (data / "node.toml").write_text("\n".join(lines))
        _, found = findings(data, capsys)
        assert told in found["line"]["detail"]
        assert "versions" in found


def test_a_centre_that_was_suspended_is_told_so(
    data: Path, letter: Letters, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the hub says in public; where it says nothing, what the broker said."""

    async def dial(_: object) -> Line:
        return Line(complaints.NOT_TAKEN)

    assert join(data, letter()) == DONE
    capsys.readouterr()
    monkeypatch.setattr(nodeline, "reach", lambda _: "")
    monkeypatch.setattr(nodeline, "dial", dial)
    monkeypatch.setattr(nodeline, "standing", lambda _: "suspended")
    status, found = findings(data, capsys)
    assert (status, found["line"]["level"]) == (1, "fail")
    assert "suspended this centre" in found["line"]["detail"]
    monkeypatch.setattr(nodeline, "standing", lambda _: "")
    assert "revoked, or another hub's" in findings(data, capsys)[1]["line"]["detail"]


def test_a_database_of_newer_software_is_not_touched(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check says so, and nothing runs on it."""
    path = data / "kz-igtic" / "node.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    status, found = findings(data, capsys)
    assert (status, found["data"]["level"]) == (1, "fail")
    assert "newer" in found["data"]["detail"]
    assert call("node", "request", "--data", str(data)) == NOT_BEGUN
    assert "newer" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "request", "check"])
def test_a_folder_without_a_node_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """In one line, and by the check as its one finding."""
    assert call("node", command, "--data", str(tmp_path)) in (NOT_BEGUN, NEGATIVE)
    told = capsys.readouterr()
    assert "node.toml" in told.out + told.err


def test_a_hubs_keys_are_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And are needed for everything else."""
    data = ("--data", str(tmp_path))
    config = ("hub", "nats-config", "--folder", "/nats", *data)
    assert call(*config, "--plain") == NOT_BEGUN
    assert "bri hub init" in capsys.readouterr().err
    assert call("hub", "init", *data) == DONE
    first = capsys.readouterr().out
    assert call("hub", "init", *data) == DONE
    assert capsys.readouterr().out == first
    assert call(*config) == NOT_BEGUN
    assert call(*config, "--cert", "c.pem") == NOT_BEGUN
    capsys.readouterr()
    assert call(*config, "--plain", "--cluster", "c", "--route", "nats://b:6222") == DONE
    text = capsys.readouterr().out
    assert "cluster {" in text
    secrets = [path.read_bytes() for path in (tmp_path / "hub").glob("*.key")]
    assert not any(each in text.encode() for each in secrets)


def test_credentials_are_given_to_a_platform_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once; a name that cannot be a centre's is refused."""
    assert call("hub", "init", "--data", str(tmp_path)) == DONE
    words = ("hub", "credentials", "sco", str(tmp_path / "sco.creds"), "--data", str(tmp_path))
    assert call(*words) == DONE
    first = (tmp_path / "sco.creds").read_text()
    assert call(*words) == DONE
    assert (tmp_path / "sco.creds").read_text() == first
    for name in ("*", "hub", "sco.>"):
        assert call(*words[:2], name, *words[3:]) == NOT_BEGUN
    assert "credentials of sco" in capsys.readouterr().out


def test_files_are_called_alike_everywhere(tmp_path: Path) -> None:
    """The layout of `bri up` knows them without importing what makes them."""
    layout = Layout(tmp_path)
    assert layout.hub_credentials.name == authority.HUB_CREDENTIALS
    assert layout.credentials("sco").name == authority.CREDENTIALS
