"""An editor's day in Chromium: from a draft to the hub, and back; with JavaScript and without."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.exhibits import Exhibits, sign_in
from tests.e2e.kinds import Sites

pytestmark = pytest.mark.browser

PATIENCE = 30_000
TEXT = "推进一带一路建设。落实巴黎协定。\n\n## 小标题\n\n第三句。"


@pytest.fixture(scope="module")
def desk(sites: Sites, exhibits: Exhibits) -> str:
    """The address of the centre's site, where people may sign in at the desk."""
    return sites.node


def press(page: Page, action: str) -> None:
    page.locator(f'button[value="{action}"]:not(.hidden)').click()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "unscripted"])
def test_an_editors_day(browser: Browser, desk: str, scripted: bool) -> None:
    """A contributor drafts and submits; an editor translates, publishes, sees it at the site and at
    the hub, revises it and withdraws it."""
    title = f"固体废物合作 {'甲' if scripted else '乙'}"
    with browser.new_context(java_script_enabled=scripted, locale="en") as context:
        page = context.new_page()
        sign_in(page, desk, "min")
        page.goto(f"{desk}/desk/new")
        page.select_option("select[name=original_language]", "zh")
        page.select_option("select[name=left]", "zh")
        page.select_option("select[name=right]", "ru")
        press(page, "keep")
        page.fill('[name="editions.zh.title"]', title)
        page.fill('[name="editions.zh.body"]', TEXT)
        page.locator("[name=countries]").first.fill("Kazakhstan")
        press(page, "submit")
        expect(page.locator(".stand")).to_have_text("In review")
        record = page.url.partition("?")[0]
        expect(page.get_by_role("button", name="Publish now")).to_have_count(0)

    with browser.new_context(java_script_enabled=scripted, locale="en") as context:
        page = context.new_page()
        sign_in(page, desk, "li")
        page.get_by_role("link", name=title).first.click()
        page.get_by_role("link", name="Edit", exact=True).click()
        page.select_option("select[name=right]", "ru")
        press(page, "keep")
        page.fill('[name="editions.ru.title"]', "Отходы")
        page.fill('[name="editions.ru.body"]', "Текст **важный**.")
        press(page, "preview")
        expect(page.locator(".preview strong").first).to_have_text("важный")
        if not scripted:
            expect(page.locator(".terms")).to_contain_text("Парижское соглашение")
        press(page, "publish")
        expect(page.locator(".stand")).to_have_text("Published")
        expect(page.locator("aside .good")).to_have_count(0)
        for _ in range(60):
            page.goto(record)
            if page.locator("aside .good").count():
                break
            page.wait_for_timeout(500)
        expect(page.locator("aside .good")).to_contain_text("At the hub since")

        site = record.replace("/desk/", "/ru/")
        page.goto(site)
        expect(page.locator("h1")).to_have_text("Отходы")

        page.goto(f"{record}/edit?left=zh&right=ru")
        page.fill('[name="editions.zh.title"]', f"{title}（更正）")
        press(page, "save")
        expect(page.locator(".reading")).to_contain_text("更正")
        page.goto(f"{record}?lang=ru")
        expect(page.locator(".tabs")).to_contain_text("out of date")

        page.goto(record)
        page.get_by_role("link", name="Withdraw").click()
        page.fill("[name=reason]", "Ошибка в тексте")
        page.get_by_role("button", name="Withdraw").click()
        expect(page.locator(".stand")).to_have_text("Withdrawn")
        answer = page.goto(site)
        assert answer is not None
        assert answer.status == 410
        expect(page.locator("main")).to_contain_text("Ошибка в тексте")


def test_what_is_typed_survives_a_crash_of_the_browser(browser: Browser, desk: str) -> None:
    """What was typed is autosaved; what the platform never got is offered from the browser; a
    session that ends in between loses nothing."""
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        sign_in(page, desk, "li")
        page.goto(f"{desk}/desk/new")
        where = page.url
        language = page.locator("[data-language]").first.get_attribute("data-language")
        body = f'[name="editions.{language}.body"]'
        page.fill(body, "Сақталмаған мәтін.")
        expect(page.locator("#kept")).to_contain_text("Kept at", timeout=PATIENCE)
        context.clear_cookies()
        page.fill(body, "Сақталмаған мәтін. Тағы да.")
        expect(page.locator("#kept")).to_contain_text("session is over", timeout=PATIENCE)
        other = context.new_page()
        sign_in(other, desk, "li")
        page.bring_to_front()
        page.fill(body, "Сақталмаған мәтін. Тағы да. Соңы.")
        expect(page.locator("#kept")).to_contain_text("Kept at", timeout=PATIENCE)
        other.goto(f"{where}?restore=1")
        expect(other.locator(body)).to_have_value("Сақталмаған мәтін. Тағы да. Соңы.")


def test_a_paste_arrives_as_markdown(browser: Browser, desk: str) -> None:
    """What the clipboard holds as HTML is cleaned by the platform and put where the cursor is."""
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        sign_in(page, desk, "li")
        page.goto(f"{desk}/desk/new")
        area = page.locator("[data-markdown]").first
        area.evaluate(
            """(area) => {
                const data = new DataTransfer();
                data.setData("text/html", "<h1>T</h1><script>x</script><p>A <b>b</b></p>");
                data.setData("text/plain", "T A b");
                area.focus();
                const how = { clipboardData: data, bubbles: true, cancelable: true };
                area.dispatchEvent(new ClipboardEvent("paste", how));
            }"""
        )
        expect(area).to_have_value("## T\n\nA **b**", timeout=PATIENCE)
