"""Refusals for want of authentication or authorisation are logged, and fill no disk."""

from pathlib import Path

import structlog

from bri_kit.denials import BURST
from tests.unit.kit.edges import FAR, an_app, client


async def test_a_refusal_is_logged_with_who_and_what(tmp_path: Path) -> None:
    """Through a proxy that is trusted it is the client's address; the token is not in it."""
    http = client(an_app(tmp_path, trusted_proxies=FAR), Authorization="Bearer bri_test_guessed")
    with structlog.testing.capture_logs() as lines:
        await http.get("/secret", headers={"X-Forwarded-For": "198.51.100.7"})
        await http.get("/healthz")
    [line] = lines
    assert line["event"] == "request.denied"
    assert (line["status"], line["method"], line["path"]) == (401, "GET", "/secret")
    assert line["client"] == "198.51.100.7"
    assert "guessed" not in str(line)


async def test_refusals_without_end_are_few_lines(tmp_path: Path) -> None:
    """The others are counted by their status in the measurements."""
    http = client(an_app(tmp_path))
    with structlog.testing.capture_logs() as lines:
        for _ in range(BURST + 100):
            await http.get("/secret")
    denied = [line for line in lines if line["event"] == "request.denied"]
    assert BURST <= len(denied) < BURST + 20
