"""Pages are for everybody: by keyboard, by screen reader, on paper, behind a poor line."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.exhibits import Exhibits, browsing, conflict, sign_in
from tests.e2e.federation import Federation
from tests.e2e.kinds import Sites, desk_pages, public_pages
from tests.e2e.screen import NARROW, WIDE, opened

pytestmark = pytest.mark.browser


GRAVE = {"serious", "critical"}


SHIFTS = """() => new Promise((answer) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((each) => { sum += each.value; }))
        .observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => answer(sum), 100));
})"""


REACHABLE = """() => [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.type !== "hidden"
        && each.tabIndex >= 0 && (each.type !== "radio" || each.checked))
    .map((each, place) => { each.dataset.place = place; return String(place); })"""


FOCUSED = """() => { const each = document.activeElement, style = getComputedStyle(each);
    return [each.dataset.place ?? "", style.outlineStyle !== "none" || each.matches(".skip")]; }"""


@pytest.fixture(scope="module")
def addresses(sites: Sites, exhibits: Exhibits) -> dict[str, str]:
    return public_pages(sites, exhibits)


def faults(page: Page) -> dict[str, Any]:
    """What axe-core finds serious or critical, and whether the page is wider than the screen."""
    found: dict[str, Any] = {}
    for each in Axe().run(page).response["violations"]:
        if each["impact"] in GRAVE:
            where = [node["target"] for node in each["nodes"][:3]]
            found[each["id"]] = (where, each["nodes"][0]["failureSummary"])
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found["too wide"] = True
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_everybody_can_use_every_page(
    browser: Browser,
    addresses: dict[str, str],
    language: str,
    theme: Literal["light", "dark"],
) -> None:
    """axe-core finds nothing serious or critical on any kind of page, in any language and either
    theme, and nothing is wider than the screen: a narrow one for one theme, a wide one for the
    other, turn by turn."""
    is_narrow = (language == "en") is (theme == "light")
    size = NARROW if is_narrow else WIDE
    found = {}
    # The check itself is a script of the test's, which pages of ours would not let in.
    with opened(browser, viewport=size, color_scheme=theme, bypass_csp=True) as page:
        for name, address in addresses.items():
            page.goto(address.format(language=language))
            if trouble := faults(page):
                found[name] = trouble
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_everybody_can_work_at_the_desk(
    browser: Browser,
    federation: Federation,
    sites: Sites,
    exhibits: Exhibits,
    language: str,
    theme: Literal["light", "dark"],
) -> None:
    """The same of every page of the desk."""
    is_narrow = (language == "en") is (theme == "light")
    look = {"viewport": NARROW if is_narrow else WIDE, "color_scheme": theme, "bypass_csp": True}
    page = browsing(browser, language, **look)
    page.goto(f"{sites.node}/desk/sign-in")
    found = {"desk-sign-in": faults(page)}
    sign_in(page, sites.node, "li")
    for name, address in desk_pages(sites, exhibits).items():
        page.goto(address)
        found[name] = faults(page)
    conflict(page, federation, exhibits.revised)
    found["desk-conflict"] = faults(page)
    page.context.close()
    assert {name: trouble for name, trouble in found.items() if trouble} == {}


def test_the_keyboard_reaches_everything_at_the_desk(
    browser: Browser, sites: Sites, exhibits: Exhibits
) -> None:
    """The editor's own pages too; what is typed stays where it is."""
    page = browsing(browser, "en", viewport=WIDE)
    sign_in(page, sites.node, "anar")
    for name, address in desk_pages(sites, exhibits).items():
        page.goto(address)
        tab_through(page, name)
    page.context.close()


def test_the_keyboard_reaches_everything(browser: Browser, addresses: dict[str, str]) -> None:
    """Tab by Tab, in the order of the page, and one sees where one is; on every kind of page."""
    with opened(browser) as page:
        for name, address in addresses.items():
            page.goto(address.format(language="en"))
            tab_through(page, name)


def tab_through(page: Page, name: str) -> None:
    """Press Tab until everything that can be reached was, as it stands on the page."""
    places = page.evaluate(REACHABLE)
    reached: list[str] = []
    while len(reached) < len(places):
        page.keyboard.press("Tab")
        place, is_seen = page.evaluate(FOCUSED)
        assert is_seen, (name, page.evaluate("document.activeElement.outerHTML"))
        # A date has several stops of its own, and so has a choice of one only.
        if reached[-1:] != [place]:
            reached.append(place)
    assert reached == places, name


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


def test_on_paper_there_is_the_text(browser: Browser, addresses: dict[str, str]) -> None:
    """A printed record has its text, its origin and its links, and nothing to be pressed."""
    with opened(browser) as page:
        page.goto(addresses["policy-amended"].format(language="ru"))
        page.emulate_media(media="print")
        for shown in ("h1", ".body", ".policy", ".about", ".cite"):
            expect(page.locator(shown).first).to_be_visible()
        for hidden in (".menu", ".tongues", ".find", ".tabs", ".related", ".share button"):
            expect(page.locator(hidden).first).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.documentElement).color") == "rgb(0, 0, 0)"
        assert page.pdf(format="A4").startswith(b"%PDF")
