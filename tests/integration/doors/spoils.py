"""What is published in a federation whose every output is read, and where its strings end up."""

import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import orjson
from bri.log.v1 import log_pb2

from tests.integration.doors.payloads import MARKDOWN, PAYLOADS
from tests.support.site import Site, site

SECONDS = 100
WORD = "Kingfisher"
"""Stands in every record, so that one search finds all."""


@dataclass
class Published:
    """A federation that shows all payloads; `bodies` and `snippets` are HTML, `texts` are not."""

    site: Site
    ids: list[str]
    bodies: set[str]
    snippets: set[str]
    texts: set[str]


def a_record(payload: str, **changes: Any) -> dict[str, Any]:
    edition = {
        "title": f"{WORD} {payload}"[:290],
        "summary": payload,
        "body": f"<p>{WORD} seen.</p>{payload}",
    }
    return {
        "kind": "news",
        "original_language": "en",
        "editions": {"en": edition},
        "source": {"name": payload[:200], "url": "https://example.org/1"},
    } | changes


def markdown(payload: str) -> dict[str, Any]:
    document = a_record(payload, format="markdown")
    document["editions"]["en"]["body"] = f"{WORD} seen.\n\n{payload}"
    return document


@contextmanager
def published(folder: Path) -> Iterator[Published]:
    """All payloads, as titles, summaries, bodies, sources and a reason, published and read back."""
    records = [a_record(each) for each in PAYLOADS] + [markdown(each) for each in MARKDOWN]
    with site(folder) as running:
        lines = b"\n".join(map(orjson.dumps, records))
        answer = httpx.post(
            f"{running.node}/api/v1/imports?publish=true",
            content=lines,
            headers=running.tokens("node"),
            timeout=SECONDS,
        )
        told = [orjson.loads(line) for line in answer.text.splitlines()]
        assert told[-1]["summary"]["imported"] == len(records), told
        ids = [line["id"] for line in told[:-1]]
        found = Published(running, ids, set(), set(), set())
        _retract(running, ids[0])
        _await_indexed(running, len(ids) - 1)
        _read_all(found)
        yield found


def _retract(running: Site, record_id: str) -> None:
    answer = httpx.post(
        f"{running.node}/api/v1/records/{record_id}/retract",
        json={"reason": PAYLOADS[0]},
        headers=running.tokens("node"),
    )
    assert answer.status_code == 200, answer.text


def _await_indexed(running: Site, count: int) -> None:
    deadline = time.monotonic() + SECONDS
    for url in (running.hub, running.node):
        while True:
            answer = httpx.get(f"{url}/api/v1/search", params={"q": WORD, "limit": 1})
            if answer.is_success and answer.json()["total"] == count:
                break
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.05)


def _read_all(found: Published) -> None:
    """Take every output of both services."""
    for url in (found.site.node, found.site.hub):
        with httpx.Client(base_url=f"{url}/api/v1", timeout=SECONDS) as http:
            for record_id in found.ids:
                for path in ("", "/proof", "/revisions", "/story"):
                    _take(found, http.get(f"/records/{record_id}{path}"))
            for start in range(0, len(found.ids), 50):
                for text in (f"{WORD} img src x onerror pwned", f"{WORD} script svg javascript"):
                    words: dict[str, str | int] = {"q": text, "limit": 50, "offset": start}
                    _take(found, http.get("/search", params=words))
            for typed in (WORD[:4], "<img", "pwned", '"'):
                _take(found, http.get("/suggest", params={"q": typed}))
            for path in ("/log?limit=1000", "/delivery", "/centres", "/status"):
                _take(found, http.get(path))
            path = "/records?limit=50"
            while path:
                answer = http.get(path)
                _take(found, answer)
                cursor = answer.json()["cursor"]
                path = f"/records?limit=50&cursor={cursor}" if cursor else ""


def _take(found: Published, answer: httpx.Response) -> None:
    """An answer is never a page, whatever is in it; sort its strings by how they are shown."""
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    _sort(found, answer.json(), "")


def _sort(found: Published, value: Any, name: str) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            _sort(found, each, key)
    elif isinstance(value, list):
        for each in value:
            _sort(found, each, name)
    elif isinstance(value, str):
        shown = {"body": found.bodies, "snippet": found.snippets}.get(name, found.texts)
        shown.add(value)
        if name == "entry":
            _sort_signed(found, b64decode(value))


def _sort_signed(found: Published, entry: bytes) -> None:
    """What was signed is what whoever verifies a proof reads."""
    for edition in log_pb2.Entry.FromString(entry).published.editions:
        found.bodies.add(edition.body)
        found.texts.add(edition.title)


class Reader(HTMLParser):
    """Keeps the tags and attributes that it comes across."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader
