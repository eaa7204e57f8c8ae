"""`bri key` and `bri hub`: a centre changes its key, and the hub's admin decides."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import httpx
import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_kit import log, signing
from bri_node import journal, keys
from bri_node.keys import KeyFile, Seal
from bri_node.store import open_store
from tests.support.centres import AT, Centre, a_record

DECIDED: dict[str, Any] = {"code": "sco", "state": "limited", "hold": None, "keys": []}
HOLD = {"from": 7, "since": AT, "disturbed": 51, "records": 60}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the centre `sco`, whose log has three entries."""
    folder = tmp_path / "sco"
    store, seal = open_store(folder, "sco"), Seal("sco", KeyFile(folder / "key"))
    entries = [log.published(a_record(Centre().record_id())) for _ in range(3)]
    with store.writing() as session:
        journal.append(session, journal.take_head(session), seal, entries, AT)
    store.close()
    return tmp_path


def ring(data: Path) -> list[tuple[int, int | None, bool]]:
    store = open_store(data / "sco", "sco")
    with store.reading() as session:
        kept = keys.ring(session, Seal("sco", KeyFile(data / "sco" / "key")))
    store.close()
    return [(each.first, each.last, each.revoked) for each in kept.tenures]


def test_a_key_is_rotated(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is the key that signs from then on."""
    words = ["key", "rotate", "--data", str(data), "--centre", "sco"]
    assert application.call([*words, "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert b64decode(told["key"]) == signing.public_key(KeyFile(data / "sco" / "key").key)
    assert (told["first"], ring(data)) == (5, [(1, 4, False), (5, None, False)])
    assert application.call(words) == DONE
    assert "signs from entry 6 on" in capsys.readouterr().out


def test_a_key_is_replaced(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once; beyond the log's end that is not possible."""
    words = ["key", "replace", "--data", str(data), "--centre", "sco", "--after"]
    assert application.call([*words, "9"]) == NEGATIVE
    assert "the log ends at 3" in capsys.readouterr().err
    assert application.call([*words, "1"]) == DONE
    assert "signs from entry 2 on; 2 entries signed anew" in capsys.readouterr().out
    assert ring(data) == [(1, 1, True), (2, None, False)]


def test_a_lost_key_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is written."""
    (data / "sco" / "key").unlink()
    assert application.call(["key", "rotate", "--data", str(data), "--centre", "sco"]) == NEGATIVE
    said = capsys.readouterr().err
    assert "key is missing" in said
    assert "restore the file from a backup" in said
    assert ring(data) == [(1, None, False)]
    assert not list((data / "sco").glob("key*"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What a hub was asked that answers everything."""
    asked: list[httpx.Request] = []
    centre = DECIDED | {"records": 60, "number": 6, "newest": 9, "hold": HOLD, "forks": 1}
    line = {
        "at": AT, "actor": "ops", "action": "limit", "centre": "sco", "reason": "why", "detail": ""
    }  # fmt: skip
    piece = {"fork": 3, "role": "other", "number": 3, "hash": "ab"}
    lists = {"/centres": [centre], "/audit": [line], "/evidence": [piece]}

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "POST":
            return httpx.Response(200, json=DECIDED)
        items = next(items for path, items in lists.items() if request.url.path.endswith(path))
        return httpx.Response(200, json={"items": items, "cursor": None})

    def client(**options: Any) -> httpx.Client:
        return real(**options | {"transport": httpx.MockTransport(handle)})

    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("BRI_TOKEN", "bri_hub_x")
    return asked


@pytest.mark.parametrize(
    ("command", "path", "body"),
    [
        ("limit sco", "/centres/sco/limit", {}),
        ("suspend sco", "/centres/sco/suspend", {}),
        ("resume sco", "/centres/sco/resume", {}),
        ("brake release sco", "/centres/sco/brake/release", {}),
        ("brake refuse sco", "/centres/sco/brake/refuse", {}),
        ("key revoke sco", "/centres/sco/keys/revoke", {}),
        ("key revoke sco --key AAAA", "/centres/sco/keys/revoke", {"key": "AAAA"}),
        ("key enter sco AAAA", "/centres/sco/keys", {"key": "AAAA"}),
    ],
)
def test_a_decision_is_sent_with_its_reason(
    asked: list[httpx.Request],
    capsys: pytest.CaptureFixture[str],
    command: str,
    path: str,
    body: dict[str, str],
) -> None:
    """And with the admin's token; without a reason nothing is sent."""
    words = ["hub", *command.split(), "--hub", "http://hub.test"]
    assert application.call([*words, "--reason", "  "]) == NOT_BEGUN
    assert application.call([*words, "--reason", "why"]) == DONE
    assert "sco is limited" in capsys.readouterr().out
    [request] = asked
    assert (request.method, request.url.path) == ("POST", f"/api/v1/admin{path}")
    assert json.loads(request.content) == {"reason": "why"} | body
    assert request.headers["authorization"] == "Bearer bri_hub_x"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("centres", "held from entry 7 (51 of 60 records), 1 forks"),
        ("audit --centre sco", "ops: limit sco: why"),
        ("evidence sco", "fork 3 other"),
    ],
)
def test_lists_are_for_people_and_for_programs(
    asked: list[httpx.Request], capsys: pytest.CaptureFixture[str], command: str, told: str
) -> None:
    """--json is the hub's answer."""
    words = ["hub", *command.split(), "--hub", "http://hub.test"]
    assert application.call(words) == DONE
    assert told in capsys.readouterr().out
    assert application.call([*words, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["items"]


def test_without_a_token_nothing_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way to one is told."""
    monkeypatch.delenv("BRI_TOKEN", raising=False)
    for words in (["hub", "centres"], ["hub", "limit", "sco", "--reason", "why"]):
        assert application.call(words) == NOT_BEGUN
        assert "bri token create --hub" in capsys.readouterr().err


def test_a_proof_in_a_file_is_checked_without_asking_anybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By any key that is trusted; without one a proof says nothing."""
    centre, record = Centre(), a_record(Centre().record_id())
    old = centre.public_key
    centre.publish(record)
    rotation = centre.rotate()
    file = tmp_path / "proof.json"
    document = log.whole_proof_json(centre.entries[0], [], [rotation])
    file.write_text(json.dumps(document))
    words = ["verify", record.id, "--proof", str(file)]
    for key, status in ((old, DONE), (centre.public_key, DONE), (bytes(32), NEGATIVE)):
        assert application.call([*words, "--key", _text(key)]) == status
    assert application.call(words) == NOT_BEGUN
    for broken in ("", "[]", "{}", "\udcff"):
        file.write_text(broken, errors="surrogateescape")
        assert application.call([*words, "--key", _text(old)]) == NOT_BEGUN
    capsys.readouterr()


def _text(key: bytes) -> str:
    from base64 import b64encode

    return b64encode(key).decode()
