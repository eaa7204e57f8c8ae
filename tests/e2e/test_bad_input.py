"""What people write and do, at its worst, as readers meet it in a browser."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.federation import Federation
from tests.e2e.kinds import Sites
from tests.e2e.screen import NARROW, a_record, opened, publish, shown

LONG = "Экологическийкодекс" * 50


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


@pytest.mark.parametrize(
    ("accepts", "words"),
    [("ru", "Снять все фильтры"), ("zh", "清除全部筛选"), ("vi", "清除全部筛选")],
)
def test_an_old_address_in_a_language_that_we_lack(
    federation: Federation, sites: Sites, accepts: str, words: str
) -> None:
    """With a topic and a module that are no more, a day that is none and a page beyond the last:
    the page is there, in a language of the reader's or our first, and tells how to go on."""
    query = "q=waste&topic=no-more&kind=rubbish&from=yesterday&page=999999&edition=xx"
    answer = httpx.get(
        f"{sites.hub}/de/search?{query}",
        headers={"Accept-Language": accepts},
        follow_redirects=True,
        timeout=20,
    )
    assert answer.status_code == 200
    assert answer.url.path == f"/{'ru' if accepts == 'ru' else 'zh'}/search"
    assert words in answer.text
