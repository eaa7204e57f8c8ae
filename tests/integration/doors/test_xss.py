"""Whatever is published, nothing of it runs where it is shown.

Each payload is published as title, summary, body, source and reason, in HTML and in Markdown, and
read back through every output of node and hub. It is shown as a client would: bodies and snippets
as HTML, everything else as text.
"""

import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx
import orjson
import pytest
from bri.log.v1 import log_pb2

from bri_kit import html
from tests.integration.doors.payloads import MARKDOWN, PAYLOADS
from tests.support.browser import chromium
from tests.support.site import Site, site

SECONDS = 100

pytestmark = pytest.mark.timeout(300)
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


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    records = [a_record(each) for each in PAYLOADS] + [markdown(each) for each in MARKDOWN]
    with site(tmp_path_factory.mktemp("site")) as running:
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


HARMLESS = {
    "alt", "cite", "colspan", "dir", "height", "href", "hreflang", "lang", "rel", "rowspan",
    "scope", "src", "title", "width",
}  # fmt: skip
ADDRESSES = {"href", "src", "cite"}


def test_bodies_hold_nothing_that_could_run(published: Published) -> None:
    """Of tags and attributes only harmless ones are left, of addresses only those of the web; and
    what is safe stays as it is when it is made safe again."""
    assert len(published.bodies) > 60
    for body in published.bodies:
        reader = read(body)
        assert reader.tags <= html._TAGS, body
        assert {name for name, _ in reader.attributes} <= HARMLESS, body
        for name, value in reader.attributes:
            scheme, colon, _ = value.strip().lower().partition(":")
            relative = not colon or not scheme.isalpha()
            assert name not in ADDRESSES or relative or scheme in ("http", "https", "mailto"), body
        assert html.sanitise(body) == body


def test_snippets_hold_marks_alone(published: Published) -> None:
    """Whatever stood in the passage is escaped."""
    assert len(published.snippets) > 30
    for snippet in published.snippets:
        reader = read(snippet)
        assert reader.tags <= {"mark"}, snippet
        assert not reader.attributes
        left = snippet.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in left, snippet
        assert ">" not in left, snippet


def test_what_is_shown_as_text_is_told_as_it_was_written(published: Published) -> None:
    """Escaping is the business of whoever shows it; doing it before would show it twice."""
    shown_as_text = {" ".join(text.split()) for text in published.texts}
    for payload in PAYLOADS:
        assert " ".join(f"{WORD} {payload}"[:290].split()) in shown_as_text


def test_no_payload_is_a_sources_address(published: Published) -> None:
    """Neither alone, nor as the end of a good one whose attribute it would leave."""
    with httpx.Client(headers=published.site.tokens("node")) as http:
        for payload in [*PAYLOADS, *MARKDOWN]:
            for url in (f" {payload}", f'https://example.org/"><{payload}'):
                document = a_record("x", source={"name": "x", "url": url})
                answer = http.post(f"{published.site.node}/api/v1/records", json=document)
                assert answer.status_code == 422, url
                assert answer.json()["errors"][0]["field"] == "source.url"


SHOW = """async ([bodies, texts]) => {
    window.hits = [];
    window.pwned = () => { window.hits.push(window.current); };
    const show = (fill) => {
        const box = document.createElement("div");
        document.body.append(box);
        fill(box);
        for (const each of box.querySelectorAll("*")) {
            for (const name of ["mouseover", "focus", "click", "toggle", "load", "error"]) {
                const event = new Event(name, {bubbles: true, cancelable: true});
                if (name === "click") each.addEventListener("click", (e) => e.preventDefault());
                each.dispatchEvent(event);
            }
            const address = each.href || each.action || each.formAction || "";
            if (/^\\s*(javascript|vbscript|data|blob):/i.test(String(address.baseVal ?? address)))
                window.hits.push(each.outerHTML);
        }
        return box;
    };
    for (const body of bodies) {
        window.current = body;
        const box = show((each) => { each.innerHTML = body; });
        const again = show((each) => { each.innerHTML = box.innerHTML; });
        show((each) => { each.innerHTML = again.innerHTML; });
        const page = new DOMParser().parseFromString(body, "text/html");
        show((each) => { each.append(...page.body.childNodes); });
    }
    for (const text of texts) {
        window.current = text;
        show((each) => { each.textContent = text; });
        const box = show((each) => { each.title = text; each.dataset.x = text; });
        show((each) => { each.innerHTML = box.outerHTML; });
    }
    // Whatever was to load or to fail before this image has done so before it.
    await new Promise((done) => {
        const last = new Image();
        last.onerror = last.onload = () => setTimeout(done, 0);
        last.src = "http://nowhere.invalid/" + Math.random();
    });
    return window.hits;
}"""


def shown(bodies: list[str], texts: list[str]) -> list[str]:
    """What ran when these were shown in Chromium, in a page without any policy of its own."""
    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.set_content("<!doctype html><body></body>")
        hits: list[str] = page.evaluate(SHOW, [bodies, texts])
        return hits


def test_nothing_runs_in_chromium(published: Published) -> None:
    """Bodies and snippets set as HTML, twice over as a mutation would need, and texts as text."""
    assert shown([*published.bodies, *published.snippets], list(published.texts)) == []


def test_the_payloads_are_live(published: Published) -> None:
    """Shown as they are, many do run: the test above would see it."""
    assert len(set(shown(PAYLOADS, []))) >= 40


def test_the_documentation_works_under_its_policy(published: Published) -> None:
    """The page lists the routes, breaks no rule of its policy and asks no other host."""
    with chromium() as browser:
        page = browser.new_page()
        complaints: list[str] = []
        asked: set[str] = set()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: asked.add(httpx.URL(request.url).netloc.decode()))
        page.goto(f"{published.site.hub}/docs")
        page.wait_for_selector("#operations-search-search_api_v1_search_get, .opblock")
        assert page.locator(".opblock").count() > 5
        assert not [each for each in complaints if "Content Security Policy" in each], complaints
    assert {each for each in asked if each} == {httpx.URL(published.site.hub).netloc.decode()}
