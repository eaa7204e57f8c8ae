"""Whatever is published, nothing of it runs where it is shown.

Each payload is published as title, summary, body, source and reason, in HTML and in Markdown, and
read back through every output of node and hub. It is shown as a client would: bodies and snippets
as HTML, everything else as text.
"""

import httpx
import pytest

from bri_kit import html, html_nesting
from tests.integration.doors.payloads import MARKDOWN, PAYLOADS
from tests.integration.doors.spoils import WORD, Published, a_record, read
from tests.support.browser import chromium

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("xss")]
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
        assert reader.tags <= html_nesting.WRITTEN, body
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
