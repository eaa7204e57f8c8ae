"""What can be sent to be read: without a token, with a contributor's, and with an editor's."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.chaos.attacks.stage import PASSWORD, Attack, Stage, document
from tests.support import hostile_text

_MIB = 1024 * 1024
_NESTED = b"[" + b"[]," * (10 * _MIB) + b"[]]"
_TOKEN = re.compile(r'name="token" value="([^"]*)"')


def attacks() -> Iterator[Attack]:
    """All of them."""
    yield Attack(
        "body-hub", "[[],[],...] of 30 MB to an admin route, no token: 1, then 4 at once", body_hub
    )
    yield Attack("body-node", "the same to a node's records", body_node)
    yield Attack(
        "unknown-keys", "a record with 1 000 000 unknown keys, a contributor's", unknown_keys
    )
    yield Attack("sign-in-flood", "150 sign-ins at once", sign_in_flood, 20.0)
    yield Attack("paste-list", "27 KB of 1 100 open list paragraphs, once", paste_list)
    yield Attack("paste-pictures", "44 KB of pictures without an end, once", paste_pictures)
    yield Attack("paste-deep", "5 000 nested elements pasted, and edited", paste_deep)
    yield Attack("record-basmala", "a record of 60 x U+FDFA by an editor", record_basmala, 40.0)
    yield Attack("date-editor", "an event of 2926 by an editor", date_editor)
    yield Attack(
        "deep-html-editor", "40 000 divs by an editor, 40 readers of the list", deep_editor, 20.0
    )
    yield Attack("deep-html-drafts", "42 drafts of 20 000 divs by a contributor", deep_drafts)
    yield Attack("oversized-fields", "each field of a record far beyond its bound", oversized)


async def body_hub(stage: Stage) -> str:
    """A body is to be read after its sender is known."""
    url = f"{stage.place.hub}/api/v1/admin/centres/{stage.place.centre}/limit"
    return await _bodies(stage, url)


async def body_node(stage: Stage) -> str:
    """The same at a centre."""
    return await _bodies(stage, f"{stage.place.node}/api/v1/records")


async def _bodies(stage: Stage, url: str) -> str:
    headers = {"Content-Type": "application/json"}
    async with stage.client() as client:
        for at_once in (1, 4):
            sent = [
                stage.send(client, "POST", url, content=_NESTED, headers=headers)
                for _ in range(at_once)
            ]
            await asyncio.gather(*sent)
    return ""


async def unknown_keys(stage: Stage) -> str:
    """One complaint for each key would be a million."""
    body = b"{" + b",".join(b'"k%d":0' % index for index in range(1_000_000)) + b"}"
    headers = {"Content-Type": "application/json", **stage.contributor()}
    async with stage.client() as client:
        url = f"{stage.place.node}/api/v1/records"
        await stage.send(client, "POST", url, content=body, headers=headers)
    return ""


async def sign_in_flood(stage: Stage) -> str:
    """Passwords are slow to verify, on purpose."""
    async with stage.client() as client:
        token = await form_token(stage, client, "/desk/sign-in")

        async def one(index: int) -> None:
            form = {"token": token, "name": f"nobody{index}", "password": "wrong", "place": "/"}
            await stage.send(client, "POST", f"{stage.place.node}/desk/sign-in", data=form)

        await asyncio.gather(*map(one, range(150)))
    return "" if stage.statuses[401] <= 10 else f"{stage.statuses[401]} passwords were tried"


@asynccontextmanager
async def signed_in(stage: Stage) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """The contributor at the desk, with the token of its forms."""
    async with stage.client() as client:
        token = await form_token(stage, client, "/desk/sign-in")
        form = {"token": token, "name": stage.place.user, "password": PASSWORD, "place": "/"}
        await stage.send(client, "POST", f"{stage.place.node}/desk/sign-in", data=form)
        answer = await stage.send(client, "GET", f"{stage.place.node}/desk/session")
        good = answer is not None and answer.is_success
        yield client, answer.json()["token"] if good and answer is not None else ""


async def form_token(stage: Stage, client: httpx.AsyncClient, path: str) -> str:
    answer = await stage.send(client, "GET", f"{stage.place.node}{path}")
    found = _TOKEN.search(answer.text) if answer is not None else None
    return found[1] if found else ""


async def _paste(stage: Stage, markup: str) -> str:
    async with signed_in(stage) as (client, token):
        if not token:
            return "the contributor could not sign in"
        data = {"token": token, "html": markup}
        await stage.send(client, "POST", f"{stage.place.node}/desk/clean", data=data)
    return ""


async def paste_list(stage: Stage) -> str:
    """What a word processor writes, and never closes."""
    return await _paste(stage, "<p class=MsoListParagraph" * 1_100)


async def paste_pictures(stage: Stage) -> str:
    """Pictures that begin and do not end."""
    return await _paste(stage, "<img src" * 5_500)


async def paste_deep(stage: Stage) -> str:
    """What is sanitised may be too deep to be made Markdown."""
    problem = await _paste(stage, "<div>" * 5_000 + "x")
    record = document("Deep", "<blockquote>" * 1_000 + "x")
    async with signed_in(stage) as (client, _):
        url = f"{stage.place.node}/api/v1/records"
        made = await stage.send(client, "POST", url, json=record, headers=stage.contributor())
        if made is not None and made.status_code == 201:
            edit = f"{stage.place.node}/desk/records/{made.json()['id']}/edit"
            await stage.send(client, "GET", edit)
    return problem


async def record_basmala(stage: Stage) -> str:
    """It is embedded when its turn comes."""
    body = f"<p>{hostile_text.BASMALA * 60}</p>"
    await _publish(stage, document(stage.titled("Calligraphy"), body))
    return ""


async def date_editor(stage: Stage) -> str:
    """A typing error of a year."""
    await _publish(
        stage, document(stage.titled("A conference"), "<p>Soon.</p>", dates={"event": "2926-01-01"})
    )
    return ""


async def deep_editor(stage: Stage) -> str:
    """200 KB that take seconds at each reading."""
    record_id = await _publish(stage, document(stage.titled("Deep"), "<div>" * 40_000 + "x"))
    hub, node = stage.place.hub, stage.place.node
    async with stage.client() as client:
        urls = [f"{hub}/en/news"] * 40
        if record_id:
            urls += [f"{hub}/api/v1/records/{record_id}", f"{hub}/en/records/{record_id}"]
            urls += [f"{node}/en/records/{record_id}", f"{node}/en/news"]
        await asyncio.gather(*(stage.send(client, "GET", url) for url in urls))
    return ""


async def deep_drafts(stage: Stage) -> str:
    """Nobody else ever sees them."""
    async with stage.client() as client:
        url = f"{stage.place.node}/api/v1/records"
        parts: dict[str, Any] = {
            "json": document("Draft", "<div>" * 20_000 + "x"),
            "headers": stage.contributor(),
        }
        await asyncio.gather(*(stage.send(client, "POST", url, **parts) for _ in range(42)))
    return ""


async def oversized(stage: Stage) -> str:
    """Everything that a form asks for, much too long."""
    long, deep = "x" * _MIB, dict[str, Any](a={})
    for _ in range(500):
        deep = {"a": deep}
    fields: list[dict[str, Any]] = [
        {"kind": long},
        {"countries": ["KZ"] * 100_000},
        {"topics": [long]},
        {"source": {"name": long, "url": f"https://x/{long}"}},
        {"dates": {"event": long, "original": "9999-12-31"}},
        {"policy": {"amends": [long] * 4}},
        {"editions": {f"x{index}": {"title": "t", "body": "b"} for index in range(20_000)}},
        {"editions": deep},
        {"original_language": long},
    ]
    for each in fields:
        await _publish(stage, {**document(stage.titled("Long"), "<p>x</p>"), **each})
    return ""


async def _publish(stage: Stage, record: dict[str, Any]) -> str:
    """Publish as the editor; returns the identifier, empty where it was refused."""
    url = f"{stage.place.node}/api/v1/records?publish=true"
    async with stage.client() as client:
        answer = await stage.send(client, "POST", url, json=record, headers=stage.editor())
    taken = answer is not None and answer.status_code == 201
    return str(answer.json()["id"]) if taken and answer is not None else ""
