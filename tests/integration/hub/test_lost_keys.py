"""Keys of the hub that are gone are not replaced by others without a word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.broker import write_configuration
from bri_cli.layout import Layout
from bri_hub.alerts.tables import AlertSearch, AlertSubscription
from bri_hub.credentials import give
from bri_hub.tables import open_database
from bri_kit import database
from bri_kit.authority import Authority, KeysLost
from tests.support import postgres

AT = "2026-11-22T08:00:00Z"
NAMES = ("operator", "system", "federation", "centres", "hubs", "admins")
STARTS_ON_FILES = pytest.mark.skipif(
    postgres.is_wanted(), reason="the process that is started finds a SQLite file"
)


def started(module: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A process that is to refuse."""
    environment = {**os.environ, "BRI_HUB_PORT": "1", "BRI_HUB_CHANGES_PORT": "1", **settings}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if "hub.db" not in path.name}


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_is_gone_is_not_made_again(tmp_path: Path, name: str) -> None:
    """Once all were made, each of them is what centres or the broker believe."""
    Authority(tmp_path)
    (tmp_path / f"nats-{name}.key").unlink()
    before = files_in(tmp_path)
    with pytest.raises(KeysLost, match=f"nats-{name}.key") as lost:
        Authority(tmp_path)
    assert "restore" in str(lost.value)
    assert files_in(tmp_path) == before


def test_keys_that_were_not_all_made_are_completed(tmp_path: Path) -> None:
    """A process that was killed in between has given nobody anything yet."""
    first = Authority(tmp_path)
    for name in ("nats-admins.key", "nats-hub.creds", "nats-admin.creds"):
        (tmp_path / name).unlink()
    assert Authority(tmp_path).name == first.name


def test_credentials_that_are_gone_are_made_again(tmp_path: Path) -> None:
    """They follow from the keys, and nobody else has them."""
    first = Authority(tmp_path)
    first.hub_credentials.unlink()
    assert Authority(tmp_path).name == first.name
    assert first.hub_credentials.exists()


def admitted(layout: Layout) -> None:
    """A hub that gave credentials."""
    write_configuration(layout)
    folder = layout.folder("hub")
    engine = open_database(folder)
    with database.writing(engine) as session:
        give(session, Authority(folder), "sco", layout.credentials("sco"))
    engine.dispose()
    for path in folder.glob("nats-*"):
        path.unlink()


@STARTS_ON_FILES
def test_all_keys_are_missed_where_credentials_were_given(tmp_path: Path) -> None:
    """A folder whose keys are all gone looks like a new one; its database does not. Whoever means
    to begin with new keys says so."""
    layout = Layout(tmp_path, 1)
    admitted(layout)
    before = files_in(layout.folder("hub"))
    for told in (
        started("bri_cli.broker", str(tmp_path), "1"),
        started("bri_hub", BRI_HUB_DATA=str(layout.folder("hub"))),
    ):
        assert told.returncode == 2
        [line] = told.stderr.splitlines()
        assert "keys of the hub are lost" in line
        assert "bri hub init" in line
    assert files_in(layout.folder("hub")) == before
    assert application.call(["hub", "init", "--data", str(tmp_path)]) == 0
    write_configuration(layout)


@STARTS_ON_FILES
def test_the_key_of_alerts_is_missed_where_somebody_follows(tmp_path: Path) -> None:
    """Links in letters that were sent and the secrets of webhooks follow from it. Without
    subscriptions it is made."""
    engine = open_database(tmp_path)
    with database.writing(engine) as session:
        session.add(AlertSearch(id="search", asked="q=water", created_at=AT))
        session.flush()
        session.add(
            AlertSubscription(
                id="one", search_id="search", channel="mail", target="a@example.org",
                language="en", rhythm="daily", state="active", created_at=AT, due_at=AT, cursor=0,
            )
        )  # fmt: skip
    engine.dispose()
    told = started("bri_hub", BRI_HUB_DATA=str(tmp_path))
    assert told.returncode == 2
    [line] = told.stderr.splitlines()
    assert str(tmp_path / "alerts.key") in line
    assert "restore" in line
    assert "BRI_HUB_ALERTS_SECRET" in line
    assert not (tmp_path / "alerts.key").exists()
