"""What only an index on a server can go through. Each test has a real server of its own to kill."""

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bri_retrieval.engine import Change, EngineUnavailable, Query
from bri_retrieval.meili import MeiliEngine, ServerRefused, server, shelf
from bri_retrieval.meili.server import IndexMissing, Server, TaskFailed
from tests.contract.engines.conftest import Shelf, a_record
from tests.support.meili import MeiliServer

INDEX = "bri-test"
_LONGEST_SILENCE_SECONDS = 10.0


@pytest.fixture
def meilisearch(tmp_path: Path) -> Iterator[MeiliServer]:
    started = MeiliServer(tmp_path / "server")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def engine(meilisearch: MeiliServer) -> Iterator[MeiliEngine]:
    opened = MeiliEngine(meilisearch.url, meilisearch.key, INDEX)
    yield opened
    opened.close()


def test_a_server_that_is_gone_is_told_and_comes_back(
    meilisearch: MeiliServer, engine: MeiliEngine
) -> None:
    """Questions and commits fail with the reason; afterwards all is as it was committed."""
    Shelf(engine).put(a_record(1, en="Waste"))
    meilisearch.stop()
    record = a_record(2, en="Water")
    engine.apply([Change(2, record.id, record)])
    for work in (
        lambda: engine.search(Query("waste")),
        engine.commit,
        lambda: engine.suggest("w", "en", 3),
    ):
        with pytest.raises(EngineUnavailable, match="does not answer"):
            work()
    assert engine.cursor() == 1
    meilisearch.start()
    assert engine.search(Query("waste")).total == 1
    engine.apply([Change(2, record.id, record)])
    engine.commit()
    assert (engine.cursor(), engine.count()) == (2, 2)


def test_what_failed_to_be_committed_has_to_come_again(
    meilisearch: MeiliServer, engine: MeiliEngine
) -> None:
    """It is not half there, and the next commit does not claim it."""
    Shelf(engine).put(a_record(1, en="Waste"))
    record, other = a_record(2, en="Water"), a_record(3, en="Air")
    engine.apply([Change(2, record.id, record)])
    meilisearch.stop()
    with pytest.raises(EngineUnavailable):
        engine.commit()
    meilisearch.start()
    engine.apply([Change(2, record.id, record), Change(3, other.id, other)])
    engine.commit()
    assert (engine.cursor(), engine.count()) == (3, 3)


def test_a_server_that_comes_back_empty_is_noticed(
    meilisearch: MeiliServer, engine: MeiliEngine
) -> None:
    """Whoever fills the engine is told once, and finds the cursor at 0; nothing is claimed that is
    not there."""
    Shelf(engine).put(a_record(1, en="Waste"))
    meilisearch.stop()
    meilisearch.wipe()
    meilisearch.start()
    with pytest.raises(EngineUnavailable, match="filled anew"):
        engine.search(Query("waste"))
    record = a_record(2, en="Water")
    with pytest.raises(EngineUnavailable, match="filled anew"):
        engine.apply([Change(2, record.id, record)])
    assert engine.cursor() == 0
    Shelf(engine).put(a_record(1, en="Waste"))
    assert (engine.cursor(), engine.search(Query("waste")).total) == (1, 1)


def test_a_loss_that_nobody_asked_about_is_noticed_by_the_commit(
    meilisearch: MeiliServer, engine: MeiliEngine
) -> None:
    """The rest is not put into an index that lacks the beginning."""
    Shelf(engine).put(a_record(1, en="Waste"))
    meilisearch.stop()
    meilisearch.wipe()
    meilisearch.start()
    record = a_record(2, en="Water")
    engine.apply([Change(2, record.id, record)])
    with pytest.raises(EngineUnavailable, match="gone"):
        engine.commit()
    with pytest.raises(EngineUnavailable, match="filled anew"):
        engine.apply(())
    assert (engine.cursor(), engine.count()) == (0, 0)


def test_two_writers_of_one_name_do_no_harm(meilisearch: MeiliServer, engine: MeiliEngine) -> None:
    """Each notices that the other wrote, goes on from what is there, and claims no more."""
    other = MeiliEngine(meilisearch.url, meilisearch.key, INDEX)
    Shelf(engine).put(a_record(1, en="Waste"))
    assert other.cursor() == 1
    Shelf(engine).engine.apply([Change(2, "sco:x", a_record(2, en="Water"))])
    engine.commit()
    other.apply([Change(5, "sco:y", a_record(5, en="Air"))])
    with pytest.raises(EngineUnavailable, match="not as it was left"):
        other.commit()
    with pytest.raises(EngineUnavailable, match="filled anew"):
        other.apply(())
    assert other.cursor() == 2
    other.close()


def test_replicas_share_a_server_and_nothing_else(
    meilisearch: MeiliServer, engine: MeiliEngine
) -> None:
    """Each has an index of its own name, and clears only that."""
    other = MeiliEngine(meilisearch.url, meilisearch.key, f"{INDEX}-2")
    for each in (engine, other):
        Shelf(each).put(a_record(1, en="Waste"))
    other.clear()
    assert (engine.count(), other.count()) == (1, 0)
    other.close()


def test_an_index_of_another_format_serves_until_the_new_one_is_as_far(
    meilisearch: MeiliServer, engine: MeiliEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they change names, at once, and the old one is removed."""
    records = [a_record(n, en=f"Waste {n}") for n in (1, 2)]
    Shelf(engine).put(records[0])
    Shelf(engine).engine.apply([Change(2, records[1].id, records[1])])
    engine.commit()
    monkeypatch.setattr(shelf, "made_with", lambda: "another format")
    newer = MeiliEngine(meilisearch.url, meilisearch.key, INDEX)
    assert (newer.cursor(), newer.count(), newer.search(Query("waste")).total) == (0, 2, 2)
    newer.apply([Change(1, records[0].id, records[0])])
    newer.commit()
    assert (newer.cursor(), newer.search(Query("waste")).total) == (1, 2)
    newer.close()
    newest = MeiliEngine(meilisearch.url, meilisearch.key, INDEX)
    assert newest.cursor() == 1, "what was begun is gone on with"
    newest.apply([Change(2, records[1].id, records[1]), Change(3, "sco:x", None)])
    newest.commit()
    assert (newest.cursor(), newest.count()) == (3, 2)
    newest.close()
    asked = Server(meilisearch.url, meilisearch.key)
    with pytest.raises(IndexMissing):
        asked.find(f"{INDEX}-next", "position")
    asked.close()
    opened = MeiliEngine(meilisearch.url, meilisearch.key, INDEX)
    assert (opened.cursor(), opened.count()) == (3, 2), "a warm start"
    opened.close()


def test_a_wrong_key_is_refused_for_good(meilisearch: MeiliServer) -> None:
    """With Meilisearch's own code and words."""
    refused = MeiliEngine(meilisearch.url, "wrong", INDEX)
    with pytest.raises(ServerRefused, match="invalid_api_key"):
        refused.cursor()
    refused.close()
    unnamed = MeiliEngine(meilisearch.url, "", INDEX)
    with pytest.raises(ServerRefused, match="Meilisearch refuses"):
        unnamed.cursor()
    unnamed.close()


def test_a_version_that_was_never_tried_is_refused(
    engine: MeiliEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too old, or of the next major version: what it would do nobody knows."""
    monkeypatch.setattr(server, "OLDEST_VERSION", (1, 99))
    with pytest.raises(ServerRefused, match=r"from 1\.99 to 2 is needed"):
        engine.cursor()


def test_a_task_that_fails_is_an_error_with_its_code(meilisearch: MeiliServer) -> None:
    """What Meilisearch says of it is passed on."""
    asked = Server(meilisearch.url, meilisearch.key)
    with pytest.raises(TaskFailed, match="invalid_document_id"):
        asked.wait(asked.put("x", [{"id": "not a name!"}]))
    asked.close()


class _Strange(http.server.BaseHTTPRequestHandler):
    """No Meilisearch: answers a page, or nothing at all until it is `given_up`."""

    given_up: threading.Event | None = None

    def do_GET(self) -> None:
        if self.given_up:
            self.given_up.wait(_LONGEST_SILENCE_SECONDS)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *args: Any) -> None:
        """Nothing: the test says it all."""


@pytest.fixture
def strange() -> Iterator[str]:
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Strange)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_something_else_at_the_address_is_told(strange: str) -> None:
    """It answers, but not as Meilisearch does."""
    odd = MeiliEngine(strange, "", INDEX)
    with pytest.raises(EngineUnavailable, match="not as Meilisearch does"):
        odd.cursor()
    odd.close()


def test_a_server_that_hangs_is_given_up_at_the_deadline(
    strange: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers are told that it did not answer within the time that was left."""
    given_up = threading.Event()
    monkeypatch.setattr(_Strange, "given_up", given_up)
    asked = Server(strange, "")
    with pytest.raises(EngineUnavailable, match=r"does not answer: within 0\.05 s"):
        asked.ask("/multi-search", {}, time.monotonic() + 0.05)
    given_up.set()
    asked.close()


def test_large_commits_are_handed_in_in_parts(
    meilisearch: MeiliServer, engine: MeiliEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are there, and the cursor comes last."""
    monkeypatch.setattr(shelf, "PAYLOAD_BYTES", 2_000)
    records = [a_record(n, en=("Waste", "About waste. " * 20)) for n in range(1, 30)]
    engine.apply([Change(n, each.id, each) for n, each in enumerate(records, 1)])
    engine.commit()
    assert (engine.cursor(), engine.count()) == (29, 29)
