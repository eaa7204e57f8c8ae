"""What must not be written is not."""

import json
import logging as standard
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from bri_kit import auth, logging
from bri_kit.redaction import redact

SEED = "SUAM" + "A" * 54
SECRETS = {
    "a token": (auth.new_token("kz-igtic"), "bri_kz-igtic_***"),
    "a password in an address": ("nats://bri:s3cret@broker:4222", "nats://***@broker:4222"),
    "a token in an address": ("tls://s3cret@broker", "tls://***@broker"),
    "a password with an @": ("postgresql+psycopg://u:p@ss@db/x", "postgresql+psycopg://***@db/x"),
    "two addresses": ("nats://a:b@c,nats://d:e@f", "nats://***@c,nats://***@f"),
    "a header": ("Authorization: Bearer abc.def-123456", "Authorization: Bearer ***"),
    "a basic header": ("basic dXNlcjpwYXNz", "basic ***"),
    "a query": ("/x?a=1&token=abc&b=2", "/x?a=1&token=***&b=2"),
    "a NATS seed": (f"seed {SEED}.", "seed ***."),
    "a JWT": ("eyJ0eXAiOiJKV1Qi.eyJqdGkiOiJ.sig-x", "***"),
}
HARMLESS = [
    "https://example.org/a@b?c=d@e",
    "mail to li@example.org",
    "sco:01JD4XG2Q70000000000000000",
    "a bearer of news",
    "bri_sco_",
    "固体废物 http://пример.рф/путь",
]


@pytest.mark.parametrize("name", list(SECRETS))
def test_a_secret_is_hidden(name: str) -> None:
    """And what stands around it is kept."""
    text, hidden = SECRETS[name]
    assert redact(text) == hidden
    assert redact(json.dumps({"x": text})) == json.dumps({"x": hidden})


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_kept(text: str) -> None:
    """Logs stay of use."""
    assert redact(text) == text


def test_hostile_text_takes_no_time() -> None:
    """Patterns that go back and forth would let a log line stop a service."""
    for text in (
        "://" + "@" * 100_000,
        "a" * 100_000,
        "eyJ" * 50_000,
        "bearer " * 30_000,
        "a-" * 50_000,
    ):
        redact(text)


@contextmanager
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logs as a service writes them, and afterwards as they were."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers, level = standard.root.handlers[:], standard.root.level
    try:
        logging.configure("test")
        yield
    finally:
        structlog.reset_defaults()
        standard.root.handlers[:] = handlers
        standard.root.setLevel(level)


def test_no_way_to_the_log_tells_a_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events, exceptions, libraries, threads and what nobody caught: each line is JSON and safe."""
    token = auth.new_token("sco")
    with configured(monkeypatch):
        _write_everywhere(token)
    written = capsys.readouterr().err
    assert token not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert len(lines) == 5
    assert all("bri_sco_***" in json.dumps(line) for line in lines)


def _write_everywhere(token: str) -> None:
    def fail() -> None:
        raise ValueError(token)

    structlog.get_logger().info("x", token=token)
    standard.getLogger("library").warning('said "%s"', token)
    try:
        fail()
    except ValueError as error:
        structlog.get_logger().exception("failed")
        sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def test_no_text_begins_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event is one line of JSON, whatever was put into it (CWE-117)."""
    hostile = 'a\r\n{"event": "forged"}\u2028\u0085\x1b[2J'
    with configured(monkeypatch):
        structlog.get_logger().warning("told", text=hostile)
        standard.getLogger("library").warning("%s", hostile)
    lines = capsys.readouterr().err.split("\n")
    assert [json.loads(line)["event"] for line in lines if line] == ["told", "library"]
