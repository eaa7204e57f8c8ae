"""`bri hub story`: what tells the same is shown, and decided by an editor."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN

ONE, OTHER = "sco:01JD4X0000000000000000000A", "asean:01JD4X0000000000000000000B"
MEMBER = {
    "id": OTHER, "centre": "asean", "languages": ["en", "vi"], "title": "A law", "date": "",
    "url": f"http://hub.test/api/v1/records/{OTHER}", "linked": "found",
}  # fmt: skip
Answering = Callable[[httpx.Request], httpx.Response]


def call(*words: str) -> int:
    return application.call(["hub", "story", *words, "--hub", "http://hub.test"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What a hub was asked that has one story, and takes every decision but one that was made."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "GET":
            items = [MEMBER] if ONE in request.url.path else []
            return httpx.Response(200, json={"items": items, "cursor": None})
        decision = "joined" if request.url.path.endswith("/join") else "parted"
        if json.loads(request.content)["reason"] == "again":
            problem = {"title": "Not possible", "status": 409, "detail": f"ops {decision} them"}
            return httpx.Response(409, json=problem)
        return httpx.Response(200, json={"id": ONE, "other": OTHER, "decision": decision})

    def client(**options: Any) -> httpx.Client:
        return real(**options | {"transport": httpx.MockTransport(handle)})

    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("BRI_TOKEN", "bri_hub_x")
    return asked


def test_a_story_is_shown(asked: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    """To anybody, in a language; and that there is none is said too."""
    assert call("show", ONE, "--lang", "ru") == DONE
    assert capsys.readouterr().out == f"{OTHER} found    en,vi A law\n"
    assert asked[0].url.path == f"/api/v1/records/{ONE}/story"
    assert asked[0].url.params["lang"] == "ru"
    assert "authorization" not in asked[0].headers
    assert call("show", OTHER) == DONE
    assert "no other record" in capsys.readouterr().out
    assert call("show", ONE, "--json") == DONE
    assert json.loads(capsys.readouterr().out)["items"] == [MEMBER]


@pytest.mark.parametrize(
    ("command", "path", "told"), [("join", "join", "joined"), ("split", "part", "parted")]
)
def test_an_editor_decides(
    asked: list[httpx.Request],
    capsys: pytest.CaptureFixture[str],
    command: str,
    path: str,
    told: str,
) -> None:
    """With a token and a reason, or nothing is asked; what the hub refuses is told."""
    assert call(command, ONE, OTHER, "--reason", "why") == DONE
    assert capsys.readouterr().out == f"{ONE} and {OTHER} are {told}\n"
    [request] = asked
    assert request.url.path == f"/api/v1/records/{ONE}/story/{path}"
    assert json.loads(request.content) == {"other": OTHER, "reason": "why"}
    assert request.headers["authorization"] == "Bearer bri_hub_x"
    assert call(command, ONE, OTHER, "--reason", "again") == NEGATIVE
    assert f"ops {told} them" in capsys.readouterr().err
    assert call(command, ONE, OTHER, "--reason", "why", "--json") == DONE
    assert json.loads(capsys.readouterr().out)["decision"] == told


def test_without_a_token_or_a_reason_nothing_is_decided(
    asked: list[httpx.Request], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way to a token is told."""
    assert call("join", ONE, OTHER, "--reason", "  ") == NOT_BEGUN
    assert call("join", ONE, OTHER) == NOT_BEGUN
    monkeypatch.delenv("BRI_TOKEN")
    assert call("split", ONE, OTHER, "--reason", "why") == NOT_BEGUN
    assert "bri token create --hub" in capsys.readouterr().err
    assert asked == []
