"""Whatever is published, nothing of it runs on a page of ours, nor in a reader of our feeds.

Pages are looked at as they are sent, and shown in Chromium without their policy: that forbids what
stands in a page anyway, and is not to be what saves us.
"""

from collections.abc import Iterator

import feedparser
import httpx
import pytest

from bri_kit.policy import HEADER
from tests.integration.doors.spoils import SECONDS, WORD, Published, read
from tests.support.browser import chromium

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("xss")]

WORDS = f"{WORD} img src x onerror pwned"
OURS = {"module", "application/ld+json"}
ADDRESSES = {"href", "src", "action", "formaction", "poster", "cite", "data"}
LISTS = ("", "news", f"search?q={WORDS}", f"search?q={WORDS}&page=3", "search?q=%3Cimg+src%3Dx%3E")


def paths(published: Published) -> Iterator[str]:
    """Everything that shows what was published, in one language or another."""
    for number, record_id in enumerate(published.ids):
        language = ("en", "zh", "ru")[number % 3]
        yield f"/{language}/records/{record_id}"
        yield f"/{language}/records/{record_id}/history"
    for path in (*LISTS, "centres/sco", "federation"):
        yield f"/en/{path}"


@pytest.fixture(scope="module")
def pages(published: Published) -> dict[str, str]:
    """The pages of hub and node, by address."""
    found = {}
    for url in (published.site.hub, published.site.node):
        with httpx.Client(base_url=url, timeout=SECONDS) as http:
            for path in paths(published):
                answer = http.get(path)
                assert answer.status_code in (200, 404, 410), path
                assert "script-src 'self'" in answer.headers[HEADER]
                found[url + path] = answer.text
    return found


def test_pages_hold_nothing_that_could_run(pages: dict[str, str]) -> None:
    """No handler, no style, no script but ours, no address but of the web."""
    for address, text in pages.items():
        reader = read(text)
        assert not reader.tags & {"iframe", "object", "embed", "base", "math", "template"}, address
        for name, value in reader.attributes:
            assert not name.startswith("on"), (address, name, value)
            assert name not in ("style", "srcdoc"), (address, name, value)
            scheme, colon, _ = value.strip().lower().partition(":")
            relative = not colon or not scheme.isalpha()
            good = relative or scheme in ("http", "https", "mailto")
            assert name not in ADDRESSES or good, (address, name, value)
        assert text.count("<script") == 1 + ('type="application/ld+json"' in text), address


def test_feeds_hold_text_alone(published: Published) -> None:
    """What a reader of feeds may show as HTML holds none: neither in Atom nor in JSON Feed."""
    for url in (published.site.hub, published.site.node):
        with httpx.Client(base_url=url, timeout=SECONDS) as http:
            atom = http.get("/en/search.atom", params={"q": WORDS})
            items = http.get("/en/search.json", params={"q": WORDS}).json()["items"]
        assert atom.headers["content-type"].startswith("application/atom+xml")
        assert atom.headers["x-content-type-options"] == "nosniff"
        # Its own cleaning would hide what is looked for.
        feed = feedparser.parse(atom.content, sanitize_html=False)
        assert not feed.bozo
        assert len(feed.entries) == len(items) > 20
        for entry in feed.entries:
            assert entry.title_detail["type"] == "text/plain"
            assert entry.get("summary_detail", {"type": "text/plain"})["type"] == "text/plain"
        for item in items:
            assert "content_html" not in item


SHOW = """() => {
    for (const each of document.querySelectorAll("*")) {
        for (const name of ["mouseover", "focus", "click", "toggle", "load", "error"]) {
            const event = new Event(name, { bubbles: true, cancelable: true });
            if (name === "click") each.addEventListener("click", (e) => e.preventDefault());
            each.dispatchEvent(event);
        }
    }
    return window.hits;
}"""
WATCH = "window.hits = []; window.pwned = () => { window.hits.push(location.href); };"


@pytest.mark.browser
def test_nothing_runs_on_a_page(pages: dict[str, str]) -> None:
    """Each page is shown, everything in it is touched, and nothing of the payloads is heard."""
    with chromium() as browser:
        context = browser.new_context(bypass_csp=True)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.set_content("<!doctype html><img src=x onerror=pwned()>", wait_until="load")
        page.wait_for_function("window.hits.length > 0")
        heard = {}
        for address, text in pages.items():
            page.evaluate("window.hits = []")
            page.set_content(text, wait_until="domcontentloaded")
            if hits := page.evaluate(SHOW):
                heard[address] = hits
        assert heard == {}
