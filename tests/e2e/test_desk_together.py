"""At the desk when things go wrong: two people on one record, a second click, no hub, no end of a
title."""

import os
import signal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bri_cli import running
from tests.e2e.exhibits import Exhibits, a_record, browsing, sign_in
from tests.e2e.federation import Federation
from tests.e2e.kinds import Sites
from tests.e2e.screen import publish

pytestmark = pytest.mark.browser

TITLE = '[name="editions.ru.title"]'
SUMMARY = '[name="editions.en.summary"]'


@pytest.fixture(scope="module")
def desk(sites: Sites, exhibits: Exhibits) -> str:
    """The address of the centre's site, where people may sign in at the desk."""
    return sites.node


def editor(browser: Browser, desk: str, name: str, **options: Any) -> Page:
    page = browsing(browser, "en", **options)
    page.set_default_timeout(20_000)
    sign_in(page, desk, name)
    return page


def press(page: Page, action: str) -> None:
    page.locator(f'button[value="{action}"]:not(.hidden)').click()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "unscripted"])
def test_two_people_on_one_record(
    browser: Browser, federation: Federation, desk: str, scripted: bool
) -> None:
    """Each sees that the other is there; who saves second sees both texts, chooses, and what only
    one of them changed is kept of both."""
    record = f"{desk}/desk/records/{publish(federation, a_record(6))}"
    first = editor(browser, desk, "li", java_script_enabled=scripted)
    second = editor(browser, desk, "anar", java_script_enabled=scripted)
    for page, title in ((first, "Первый заголовок"), (second, "Второй заголовок")):
        page.goto(f"{record}/edit?left=ru&right=en")
        page.fill(TITLE, title)
        press(page, "preview")
        expect(page.locator(".preview:visible").first).to_be_visible()
        if scripted:
            expect(page.locator("#kept")).to_contain_text("Kept at")
    second.fill(SUMMARY, "Only the second one wrote this.")
    if not scripted:
        expect(second.get_by_text("Li Wei is editing this since")).to_be_visible()
    press(first, "save")
    expect(first.locator(".stand")).to_have_text("Published")
    press(second, "save")
    expect(second.locator("h1")).to_have_text("Changed in the meantime")
    expect(second.locator(".clash legend")).to_have_text("Russian · Title")
    values = [each.input_value() for each in second.locator(".clash textarea").all()]
    assert values == ["Второй заголовок", "Первый заголовок"]
    second.get_by_label("Theirs").first.check()
    press(second, "save")
    expect(second.locator(".stand")).to_have_text("Published")
    second.goto(f"{record}/edit?left=ru&right=en")
    expect(second.locator(TITLE)).to_have_value("Первый заголовок")
    expect(second.locator(SUMMARY)).to_have_value("Only the second one wrote this.")
    for page in (first, second):
        page.context.close()


def test_a_second_click_does_nothing_more(browser: Browser, desk: str) -> None:
    """What is published twice in one breath is one record of one revision."""
    page = editor(browser, desk, "li")
    page.goto(f"{desk}/desk/new")
    language = page.locator("[data-language]").first.get_attribute("data-language")
    page.select_option("[name=original_language]", language)
    page.fill(f'[name="editions.{language}.title"]', "Clicked twice")
    page.fill(f'[name="editions.{language}.body"]', "Once is enough.")
    page.locator('button[value="publish"]:not(.hidden)').dblclick()
    expect(page.locator(".stand")).to_have_text("Published")
    expect(page.locator(".meta")).to_contain_text("Revision 1")
    page.goto(f"{desk}/desk/?q=Clicked+twice")
    expect(page.locator(".records tbody tr")).to_have_count(1)
    page.context.close()


def test_a_title_without_end_is_told_beside_it(browser: Browser, desk: str) -> None:
    """3 000 characters: nothing is saved, nothing is lost, and the fault stands at its field."""
    page = editor(browser, desk, "li")
    page.goto(f"{desk}/desk/new")
    language = page.locator("[data-language]").first.get_attribute("data-language")
    title = page.locator(f'[name="editions.{language}.title"]')
    title.fill("长" * 3_000)
    page.locator("[name=countries]").first.fill("Atlantis")
    press(page, "save")
    expect(page.locator(".faults")).to_contain_text("must not be longer than 1000 characters")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_value("长" * 3_000)
    expect(page.locator("[name=countries]").first).to_have_value("Atlantis")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.context.close()


def test_the_desk_needs_no_hub(
    browser: Browser, federation: Federation, sites: Sites, desk: str
) -> None:
    """With the hub and the broker frozen an editor publishes; it is at the site at once, and at the
    hub when that is back."""
    found = running.read(federation.layout)
    assert found is not None
    processes = dict(found.processes)
    frozen = [processes[name] for name in ("hub", "nats")]
    page = editor(browser, desk, "li")
    page.goto(f"{desk}/desk/new")
    language = page.locator("[data-language]").first.get_attribute("data-language")
    page.select_option("[name=original_language]", language)
    page.fill(f'[name="editions.{language}.title"]', "Written without a hub")
    page.fill(f'[name="editions.{language}.body"]', "It waits.")
    try:
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        press(page, "publish")
        expect(page.locator(".stand")).to_have_text("Published")
        record = page.url.partition("?")[0]
        site = record.replace("/desk/", f"/{language}/")
        page.goto(site)
        expect(page.locator("h1")).to_have_text("Written without a hub")
    finally:
        for process in frozen:
            os.kill(process, signal.SIGCONT)
    for _ in range(120):
        page.goto(record)
        if page.locator("aside .good").count():
            break
        page.wait_for_timeout(250)
    expect(page.locator("aside .good")).to_contain_text("At the hub since")
    assert httpx.get(site.replace(sites.node, sites.hub), timeout=20).status_code == 200
    page.context.close()
