"""The portal and a centre's own site, as readers meet them in a browser.

What is marked `browser` runs with `make e2e` alone; the rest with all tests.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bri_cli import running
from tests.e2e.federation import Federation
from tests.e2e.screens import Sites, pages
from tests.support.browser import chromium

KINDS = (
    "home", "search", "search-narrowed", "nothing", "module", "countries", "country", "topics",
    "topic", "centres", "centre", "federation", "record", "policy", "history", "problem",
    "node-home", "node-search", "node-record",
)  # fmt: skip
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LONG = "Экологическийкодекс" * 50
GRAVE = {"serious", "critical"}
SHIFTS = """() => new Promise((answer) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((each) => { sum += each.value; }))
        .observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => answer(sum), 100));
})"""
REACHABLE = """() => [...document.querySelectorAll(
        "a[href], button, input, select, summary, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.type !== "hidden"
        && each.tabIndex >= 0)
    .map((each, place) => { each.dataset.place = place; return String(place); })"""
FOCUSED = """() => { const each = document.activeElement, style = getComputedStyle(each);
    return [each.dataset.place ?? "", style.outlineStyle !== "none" || each.matches(".skip")]; }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def sites(federation: Federation) -> Sites:
    return Sites(federation.layout.url("hub"), federation.layout.url("sco"))


@pytest.fixture(scope="module")
def addresses(sites: Sites) -> dict[str, str]:
    return pages(sites)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as screen:
        yield screen


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A reader's screen of their own. Waiting is patient: this machine may be busy."""
    context: BrowserContext = browser.new_context(**({"viewport": WIDE} | options))
    context.set_default_timeout(20_000)
    try:
        yield context.new_page()
    finally:
        context.close()


expect.set_options(timeout=20_000)


def a_record(**changes: Any) -> dict[str, Any]:
    """A news item in one edition."""
    edition = {"title": "Jerboas of the Betpak-Dala", "body": "<p>They jump.</p>"}
    return {
        "kind": "news",
        "original_language": "en",
        "countries": ["KZ"],
        "topics": ["biodiversity"],
        "editions": {"en": edition | {"origin": "original"}},
    } | changes


def publish(federation: Federation, record: dict[str, Any]) -> str:
    """Publish at `sco`; answers the identifier once the hub has it."""
    headers = {"Authorization": f"Bearer {federation.token('sco')}"}
    url = federation.url("sco", "/records")
    answer = httpx.post(url, json=record, params={"publish": "true"}, headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text
    identifier: str = answer.json()["id"]
    return identifier


def shown(page: Page, url: str, status: int) -> None:
    """Ask for an address again and again until it answers with a status."""
    for _ in range(100):
        answer = page.goto(url)
        if answer is not None and answer.status == status:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{url} does not answer {status}")


@pytest.mark.parametrize(
    ("language", "words", "tongue"),
    [("zh", "固体废物", "zh"), ("en", "solid waste", "en"), ("ru", "отходы", "ru")],
)
def test_a_reader_finds_reads_and_comes_back(
    page: Page, sites: Sites, language: str, words: str, tongue: str
) -> None:
    """From the first page by a search in their language to a record in it, and back to the list."""
    page.goto(f"{sites.hub}/{language}/")
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).fill(words)
    page.keyboard.press("Enter")
    first = page.locator(f".card [lang={tongue}] >> visible=true").first
    expect(first).to_be_visible()
    assert page.locator(".card mark").count() > 0
    asked = page.url
    title = page.locator(f".card h2 a[lang={tongue}]").first
    name = title.inner_text()
    title.click()
    expect(page.locator("h1")).to_have_text(name)
    assert page.locator("html").get_attribute("lang") == language
    page.go_back()
    expect(page).to_have_url(asked)
    expect(page.locator(".card").first).to_be_visible()


def test_facets_are_chosen_in_place(page: Page, sites: Sites) -> None:
    """Without loading the page anew, with an address to share, the focus where it was, and a way
    back."""
    page.goto(f"{sites.hub}/en/search?q=waste")
    page.evaluate("window.same = true")
    choice = page.locator("a[data-key='country:TH']")
    total = page.locator(".sum").inner_text()
    choice.focus()
    page.keyboard.press("Enter")
    expect(choice).to_have_attribute("aria-current", "true")
    expect(choice).to_be_focused()
    assert page.url.endswith("/en/search?q=waste&country=TH")
    narrowed = page.locator(".sum").inner_text()
    assert narrowed != total
    expect(page.locator("#told")).to_have_text(narrowed)
    expect(page.locator(".tongues a[lang=ru]")).to_have_attribute(
        "href", "/ru/search?q=waste&country=TH"
    )
    page.go_back()
    expect(page.locator(".sum")).to_have_text(total)
    assert page.evaluate("window.same")


def test_what_was_withdrawn_a_second_ago(page: Page, federation: Federation, sites: Sites) -> None:
    """Its address tells why, in the reader's language, though the browser had kept the page."""
    identifier = publish(federation, a_record())
    url = f"{sites.hub}/ru/records/{identifier}"
    shown(page, url, 200)
    headers = {"Authorization": f"Bearer {federation.token('sco')}"}
    retract = federation.url("sco", f"/records/{identifier}/retract")
    answer = httpx.post(retract, json={"reason": "a wrong figure"}, headers=headers, timeout=20)
    assert answer.status_code == 200
    shown(page, url, 410)
    expect(page.locator("h1")).to_have_text("Материал отозван")
    expect(page.locator(".facts")).to_contain_text("a wrong figure")


@pytest.mark.browser
def test_everything_is_there_without_a_script(browser: Browser, sites: Sites) -> None:
    """Search, filters, dates, pages, editions and languages are links and forms."""
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{sites.hub}/en/")
        page.locator(".hero input").fill("waste")
        page.keyboard.press("Enter")
        expect(page.locator(".card")).to_have_count(10)
        page.locator("[rel=next]").click()
        expect(page.locator(".pages")).to_contain_text("Page 2")
        page.locator("a[data-key='kind:policy']").click()
        page.locator("[name=from]").fill("2000-01-01")
        page.locator(".dates button").click()
        expect(page).to_have_url(f"{sites.hub}/en/search?q=waste&kind=policy&from=2000-01-01&to=")
        page.locator(".tongues [lang=zh]").click()
        expect(page).to_have_url(f"{sites.hub}/zh/search?q=waste&kind=policy&from=2000-01-01")
        page.locator(".card h2 a").first.click()
        page.locator(".tabs [hreflang=en]").click()
        expect(page.locator("h1")).to_have_attribute("lang", "en")


@pytest.mark.browser
def test_suggestions_are_taken_by_keyboard(page: Page, sites: Sites) -> None:
    """Down and Enter lead to what is suggested; Escape leaves the words alone."""
    page.goto(f"{sites.hub}/en/")
    box = page.get_by_role("combobox")
    box.type("solid")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    box.type(" w")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    expect(page).not_to_have_url(f"{sites.hub}/en/")


@pytest.mark.browser
def test_results_come_as_one_types(page: Page, sites: Sites) -> None:
    """In place, with the caret left alone; one step back is what was there before typing."""
    page.goto(f"{sites.hub}/en/search?q=water")
    page.evaluate("window.same = true")
    box = page.locator("#q")
    box.fill("")
    box.type("glacier")
    expect(page).to_have_url(f"{sites.hub}/en/search?q=glacier")
    expect(page.locator(".sum")).to_contain_text("glacier")
    expect(box).to_be_focused()
    page.go_back()
    expect(page.locator(".sum")).to_contain_text("water")
    expect(box).to_have_value("water")
    assert page.evaluate("window.same")


@pytest.mark.browser
def test_the_language_changes_and_the_place_stays(page: Page, addresses: dict[str, str]) -> None:
    """On every kind of page."""
    for name in ("search-narrowed", "policy", "country", "topic", "federation", "history"):
        page.goto(addresses[name].format(language="zh"))
        page.locator(".tongues [lang=ru]").click()
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        wanted, reached = (httpx.URL(url) for url in (addresses[name], page.url))
        assert reached.path.removeprefix("/ru/") == wanted.path.removeprefix("/{language}/")
        assert sorted(wanted.params.keys()) == sorted(reached.params.keys())


@pytest.mark.browser
def test_a_centres_site_needs_nobody(
    page: Page, federation: Federation, addresses: dict[str, str]
) -> None:
    """With hub, search and broker frozen, its readers find and read as ever."""
    found = running.read(federation.layout)
    assert found is not None
    processes = dict(found.processes)
    frozen = [processes[name] for name in ("hub", "search", "nats")]
    try:
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        page.goto(addresses["node-search"].format(language="ru"))
        page.locator(".card h2 a").first.click()
        expect(page.locator(".good")).to_be_visible()
        page.goto(addresses["node-home"].format(language="zh"))
        expect(page.locator(".briefs a").first).to_be_visible()
    finally:
        for process in frozen:
            os.kill(process, signal.SIGCONT)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "theme", "size"), [("zh", "light", WIDE), ("ru", "dark", NARROW)]
)
def test_everybody_can_use_every_page(
    browser: Browser,
    addresses: dict[str, str],
    language: str,
    theme: Literal["light", "dark"],
    size: dict[str, int],
) -> None:
    """axe-core finds nothing serious or critical on any kind of page, in either theme, and nothing
    is wider than the screen."""
    assert sorted(addresses) == sorted(KINDS)
    found = {}
    # The check itself is a script of the test's, which pages of ours would not let in.
    with opened(browser, viewport=size, color_scheme=theme, bypass_csp=True) as page:
        for name in KINDS:
            page.goto(addresses[name].format(language=language))
            report = Axe().run(page).response["violations"]
            for each in report:
                if each["impact"] in GRAVE:
                    where = [node["target"] for node in each["nodes"][:3]]
                    found[f"{name}: {each['id']}"] = (where, each["nodes"][0]["failureSummary"])
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[f"{name}: too wide"] = ([], "")
    assert found == {}


@pytest.mark.browser
@pytest.mark.parametrize("name", ["home", "search", "record", "federation"])
def test_the_keyboard_reaches_everything(page: Page, addresses: dict[str, str], name: str) -> None:
    """Tab by Tab, in the order of the page, and one sees where one is."""
    page.goto(addresses[name].format(language="en"))
    places = page.evaluate(REACHABLE)
    reached: list[str] = []
    while len(reached) < len(places):
        page.keyboard.press("Tab")
        place, is_seen = page.evaluate(FOCUSED)
        assert is_seen, page.evaluate("document.activeElement.outerHTML")
        # A date has several stops of its own.
        if reached[-1:] != [place]:
            reached.append(place)
    assert reached == places


@pytest.mark.browser
def test_a_search_page_is_light_and_still(browser: Browser, addresses: dict[str, str]) -> None:
    """Ten cards with all that they load cost less than 60 KB over the wire, and nothing moves."""
    with opened(browser) as page:
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        received: list[float] = []
        line.on("Network.loadingFinished", lambda each: received.append(each["encodedDataLength"]))
        page.goto(addresses["search"].format(language="zh"), wait_until="networkidle")
        expect(page.locator(".card")).to_have_count(10)
        assert 10_000 < sum(received) < 60_000
        assert page.evaluate(SHIFTS) == 0
    for size in (WIDE, NARROW):
        with opened(browser, viewport=size) as page:
            for name in ("home", "module", "record", "federation"):
                page.goto(addresses[name].format(language="ru"), wait_until="networkidle")
                assert page.evaluate(SHIFTS) < 0.01, name


@pytest.mark.browser
def test_what_people_write_breaks_no_page(
    browser: Browser, federation: Federation, sites: Sites
) -> None:
    """A title without end or spaces, names in Kazakh and Vietnamese, an edition of 200 pages."""
    human: dict[str, Any] = {"origin": "human", "stale": False}
    names = "Ұлытау өңірі, Nguyễn Thị Thu Hương ở Thừa Thiên Huế"
    editions: dict[str, dict[str, Any]] = {
        "en": {"title": LONG[:950], "body": f"<p>{LONG}</p>", "origin": "original"},
        "zh": {"title": names, "body": f"<p>{names}</p>", **human},
        "ru": {"title": "Двести страниц", "body": "<p>Степь и река.</p>" * 20_000, **human},
    }
    identifier = publish(federation, a_record(editions=editions))
    with opened(browser, viewport=NARROW) as page:
        for edition in editions:
            shown(page, f"{sites.hub}/zh/records/{identifier}?edition={edition}", 200)
            title = page.locator("h1")
            expect(title).to_have_text(editions[edition]["title"])
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), edition
        page.goto(f"{sites.hub}/en/centres/sco")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
