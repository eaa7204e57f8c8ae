"""The portal and a centre's own site, as readers meet them in a browser.

What is marked `browser` runs with `make e2e` alone; the rest with all tests.
"""

import os
import signal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bri_cli import running
from tests.e2e.exhibits import Exhibits
from tests.e2e.federation import Federation
from tests.e2e.kinds import Sites, public_pages
from tests.e2e.screen import opened


@pytest.fixture(scope="module")
def addresses(sites: Sites, exhibits: Exhibits) -> dict[str, str]:
    return public_pages(sites, exhibits)


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
