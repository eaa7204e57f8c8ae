"""The services that a centre may name: one that translates, and one that vouches for people."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from bri_kit.auth import Role
from sco_platform.profile import PROFILE
from tests.integration.node.desk import Editor, Page, a_browser, add_user
from tests.integration.node.desk_servers import Provider, Translator, serving
from tests.integration.node.running import RunningNode, read


@pytest.fixture
async def translator() -> Translator:
    return Translator()


@pytest.fixture
async def editor(tmp_path: Path, translator: Translator) -> AsyncIterator[Editor]:
    """An editor at a node that has a translation service."""
    async with serving(translator.app) as address:
        node = RunningNode(PROFILE, tmp_path / "node")
        changes: dict[str, Any] = {
            "translate_url": f"{address}/translate",
            "translate_allowed": "127.0.0.0/8",
            "translate_seconds": 3.0,
        }
        node.settings = type(node.settings)(
            **node.settings.model_dump() | changes | {"translate_key": "secret"}, _env_file=None
        )
        await node.start()
        add_user(node, "li", Role.EDITOR, "Li Wei")
        async with a_browser(node) as browser:
            editor = Editor(browser)
            await editor.sign_in("li")
            yield editor
        await node.stop()


async def test_an_edition_is_filled_by_the_service_and_marked(
    translator: Translator, editor: Editor
) -> None:
    """Each block is translated where it stands; the edition is marked as machine-made, and saved
    only when the editor saves it."""
    page = await editor.write(
        action="translate.ru", editions__zh__body="第一段。\n\n- 一\n- 二", editions__zh__summary=""
    )
    form = page.form("/edit")
    assert translator.asked == [
        {"source": "zh", "target": "ru", "texts": ["固体废物管理", "第一段。", "- 一\n- 二"]}
    ]
    assert translator.keys == ["Bearer secret"]
    assert form["editions.ru.title"] == ["ru: 固体废物管理"]
    assert form["editions.ru.body"] == ["ru: 第一段。\n\nru: - 一\n- 二"]
    assert form["editions.ru.origin"] == ["machine"]
    saved = await editor.send(page, page.path.removeprefix("/desk"), action="save")
    assert "Machine translation" in saved.text


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ({"texts": ["one"]}, 200, "unusable"),
        ({"texts": ["", "", ""]}, 200, "unusable"),
        ({"texts": [1, 2, 3]}, 200, "unusable"),
        ([], 200, "unusable"),
        ({"texts": []}, 500, "refused"),
    ],
)
async def test_wrong_answers_of_the_service_are_told(
    translator: Translator, editor: Editor, answer: Any, status: int, told: str
) -> None:
    """What is no translation fills nothing in, and everything typed stays."""
    translator.answer, translator.status = answer, status
    page = await editor.write(action="translate.ru", editions__ru__title="Своё")
    assert page.status == 502
    assert told in page.text
    assert page.form("/edit")["editions.ru.title"] == ["Своё"]


async def test_a_slow_service_is_given_up(translator: Translator, editor: Editor) -> None:
    """After the time of the settings the editor is told, and has everything typed."""
    translator.delay = 4.0
    page = await editor.write(action="translate.ru")
    assert page.status == 502
    assert "did not answer in time" in page.text
    assert page.form("/edit")["editions.zh.title"] == ["固体废物管理"]


async def test_without_a_service_none_is_offered(node: RunningNode) -> None:
    """The hook is off by default: no button, and a forged request is told so."""
    add_user(node, "li", Role.EDITOR)
    async with a_browser(node) as browser:
        editor = Editor(browser)
        await editor.sign_in("li")
        page = await editor.write(action="translate.ru")
        assert page.status == 502
        assert "No translation service" in page.text
        assert "Fill by machine" not in page.text


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    async with serving(provider.app) as address:
        provider.address = address
        yield provider


@pytest.fixture
async def federated(tmp_path: Path, provider: Provider) -> AsyncIterator[RunningNode]:
    """A node whose people sign in by the provider."""
    node = RunningNode(PROFILE, tmp_path / "node")
    changes = {
        "oidc_issuer": provider.address,
        "oidc_client_id": "sco-desk",
        "oidc_client_secret": "secret",
        "oidc_roles": "env-editors=editor, env-heads=admin",
    }
    node.settings = type(node.settings)(**node.settings.model_dump() | changes, _env_file=None)
    await node.start()
    yield node
    await node.stop()


async def sign_in(browser: httpx.AsyncClient) -> Page:
    """Go to the provider and come back, as a browser would."""
    browser.follow_redirects = False
    answer = await browser.get("/desk/oidc?next=/new")
    async with httpx.AsyncClient() as outside:
        back = await outside.get(answer.headers["location"])
    browser.follow_redirects = True
    return Page(await browser.get(back.headers["location"]))


async def test_the_provider_vouches_for_a_person(
    federated: RunningNode, provider: Provider
) -> None:
    """Whoever signs in there has the role of their groups here, under one name each time."""
    async with a_browser(federated) as browser:
        page = await sign_in(browser)
        assert page.path.startswith("/desk/records/new-")
        assert "Айгерім Сұлтан" in page.text
        assert "Publish now" in page.text
        provider.claims = {"roles": ["env-heads"]}
        assert "Administrator" in (await sign_in(browser)).text
        page = await Editor(browser).write(action="publish")
        record = page.path.rpartition("/")[2]
    history = read(await federated.editor.get(f"/api/v1/records/{record}/revisions"))["items"]
    assert history[-1]["by"] == "Айгерім Сұлтан"


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": ["other"]},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"exp": 1},
    ],
)
async def test_tokens_that_are_not_for_us_let_nobody_in(
    federated: RunningNode, provider: Provider, claims: dict[str, Any]
) -> None:
    """A person without a role, and a token of another audience, issuer, attempt or time."""
    provider.claims = claims
    async with a_browser(federated) as browser:
        page = await sign_in(browser)
        assert page.status == 401
        assert "did not let you in" in page.text
        assert (await browser.get("/desk/")).status_code == 401


async def test_forged_and_foreign_answers_let_nobody_in(
    federated: RunningNode, provider: Provider
) -> None:
    """A token by another key, an answer without a question, and one to another browser's."""
    async with a_browser(federated) as browser, a_browser(federated) as other:
        assert (await browser.get("/desk/oidc/return?code=x&state=y")).status_code == 401
        other.follow_redirects = False
        answer = await other.get("/desk/oidc")
        async with httpx.AsyncClient() as outside:
            back = await outside.get(answer.headers["location"])
        assert (await browser.get(back.headers["location"])).status_code == 401
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
        assert (await sign_in(browser)).status == 401
        provider.discovered = {"issuer": "https://evil.example"}
        assert (await browser.get("/desk/oidc")).status_code == 401
