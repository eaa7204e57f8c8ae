"""The edges of an application, around routes that are functions."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from bri_kit import limits, policy, web
from bri_kit.errors import Unauthenticated
from bri_kit.policy import PagePolicy, new_nonce, text_hash
from bri_kit.rates import Rate
from bri_kit.settings import ServiceSettings

FAR = "203.0.113.9"
GOOD = {"Authorization": "Bearer bri_test_good"}
BAD = {"Authorization": "Bearer bri_test_bad"}
EVERYWHERE = {
    "content-security-policy": policy.NOTHING,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def an_app(folder: Path, **changes: Any) -> FastAPI:
    settings = ServiceSettings(data=folder, port=1, **changes)
    app = web.create_app(
        title="t",
        description="d",
        lifespan=nothing,
        settings=settings,
        unlimited_paths=["/stream"],
        open_to_sites=True,
    )

    @app.get("/secret")
    async def secret(request: Request) -> dict[str, str]:
        if request.headers.get("authorization") != GOOD["Authorization"]:
            raise Unauthenticated("no")
        return {"a": "b"}

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.post("/stream")
    async def stream(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(part) async for part in request.stream()])}

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("the password is swordfish")

    @app.get("/breaks")
    async def breaks() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise RuntimeError("broken off")

        return StreamingResponse(parts())

    @app.get("/page")
    async def page() -> HTMLResponse:
        nonce = new_nonce()
        headers = PagePolicy(script_hashes=[text_hash("f()")], forms=True).headers(nonce)
        return HTMLResponse(f"<script nonce={nonce}></script>", headers=headers)

    return app


def client(app: FastAPI, address: str = FAR, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/secret", "/fails", "/openapi.json"])
async def test_every_answer_tells_browsers_to_do_nothing(tmp_path: Path, path: str) -> None:
    """Also one to a path that is not there, and one to a failure."""
    answer = await client(an_app(tmp_path)).get(path)
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert answer.headers["x-request-id"]
    assert "strict-transport-security" not in answer.headers


async def test_https_is_insisted_on_where_that_is_set(tmp_path: Path) -> None:
    """A centre that has no certificate must not shut itself out for a year."""
    answer = await client(an_app(tmp_path, hsts_seconds=60)).get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=60"


async def test_a_failure_tells_nothing(tmp_path: Path) -> None:
    """Its words are in the log, which is found by the request's id."""
    answer = await client(an_app(tmp_path)).get("/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text


async def test_an_answer_that_fails_half_way_is_broken_off(tmp_path: Path) -> None:
    """A status that has gone out cannot be taken back; the client must not believe it complete."""
    with pytest.raises(RuntimeError, match="broken off"):
        await client(an_app(tmp_path)).get("/breaks")


async def test_a_page_declares_what_it_needs(tmp_path: Path) -> None:
    """Its own policy stands in place of the strict one; inline scripts by hash or nonce alone."""
    http = client(an_app(tmp_path))
    first, second = [await http.get("/page") for _ in range(2)]
    told = first.headers.get_list("content-security-policy")
    assert len(told) == 1
    assert f"script-src 'self' {text_hash('f()')} 'nonce-" in told[0]
    assert "unsafe" not in told[0]
    assert told[0] != second.headers["content-security-policy"]
    assert first.headers["x-frame-options"] == "DENY"


async def test_the_documentation_is_ours_alone(tmp_path: Path) -> None:
    """Its page names no other host, and every inline script that it has is allowed by its hash."""
    http = client(an_app(tmp_path))
    page = await http.get("/docs")
    assert "//" not in page.text.replace("</script>", "")
    assert page.headers["content-security-policy"].count("'sha256-") == page.text.count("<script>")
    for file in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert (await http.get(f"/docs/files/{file}")).status_code == 200


async def test_an_address_may_ask_so_much(tmp_path: Path) -> None:
    """Then it is told when to come again; another one does not notice."""
    app = an_app(tmp_path, requests_per_minute=3)
    answers = [await client(app).get("/healthz") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "20"
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert answers[3].headers["content-security-policy"] == policy.NOTHING
    assert (await client(app, "203.0.113.10").get("/healthz")).status_code == 200


async def test_a_token_may_ask_so_much_from_wherever(tmp_path: Path) -> None:
    """Going from address to address does not help."""
    app = an_app(tmp_path, token_requests_per_minute=3)
    statuses = [
        (await client(app, f"203.0.113.{number}").get("/secret", headers=GOOD)).status_code
        for number in range(5)
    ]
    assert statuses == [200, 200, 200, 429, 429]


async def test_this_machine_is_not_limited_unless_it_speaks_for_another(tmp_path: Path) -> None:
    """Whoever forwards requests forwards those of somebody, whatever they say of themselves."""
    app = an_app(tmp_path, requests_per_minute=1)
    local = client(app, "127.0.0.1")
    assert {(await local.get("/healthz")).status_code for _ in range(5)} == {200}
    for forwarded in ("198.51.100.1", "127.0.0.1", "nonsense"):
        headers = {"X-Forwarded-For": forwarded}
        await local.get("/healthz", headers=headers)
        assert (await local.get("/healthz", headers=headers)).status_code == 429


async def test_nobody_escapes_by_claiming_another_address(tmp_path: Path) -> None:
    """X-Forwarded-For from one who is no trusted proxy counts for nothing."""
    app = an_app(tmp_path, requests_per_minute=2)
    statuses = [
        (await client(app).get("/healthz", headers={"X-Forwarded-For": f"1.1.1.{n}"})).status_code
        for n in range(3)
    ]
    assert statuses == [200, 200, 429]


async def test_guessing_is_slowed_and_harms_no_good_client(tmp_path: Path) -> None:
    """After so many wrong tokens an address is told to wait; a valid one from there still works,
    and so does asking for what is open to all."""
    app = an_app(tmp_path, failures_per_minute=3)
    http = client(app)
    guesses = [{"Authorization": f"Bearer bri_test_{n:016}"} for n in range(5)]
    answers = [await http.get("/secret", headers=guess) for guess in guesses]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[4].headers["retry-after"]) > 0
    assert (await http.get("/secret", headers=GOOD)).status_code == 200
    assert (await http.get("/healthz", headers=BAD)).status_code == 200
    assert (await http.get("/secret")).status_code == 401


async def test_guessing_one_token_from_many_addresses_is_slowed(tmp_path: Path) -> None:
    """What is guessed counts too, not only who guesses."""
    app = an_app(tmp_path, failures_per_minute=3)
    statuses = [
        (await client(app, f"203.0.113.{n}").get("/secret", headers=BAD)).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("value", [b"", b"Bearer", b"Bearer ", b"\xff\xfe", b"x" * 60_000])
async def test_any_authorization_is_counted_and_none_fails(tmp_path: Path, value: bytes) -> None:
    """Nonsense is a wrong token like others."""
    app = an_app(tmp_path)
    answer = await client(app).get("/secret", headers=[(b"authorization", value)])
    assert answer.status_code == 401


async def test_uploads_are_counted_in_bytes(tmp_path: Path) -> None:
    """The one that goes over the limit is taken, the next one waits; reading is not held up by it
    for others."""
    app = an_app(tmp_path, upload_mib_per_hour=1)
    http = client(app)
    body = b"x" * (1024 * 1024 + 1)
    assert (await http.post("/stream", content=body)).json() == {"bytes": len(body)}
    assert (await http.post("/stream", content=body)).status_code == 429
    assert (await client(app, "203.0.113.10").get("/healthz")).status_code == 200


def test_what_is_counted_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses ask, memory is not theirs to fill."""
    made: list[Rate] = []

    def rate(per_second: float, burst: float) -> Rate:
        made.append(Rate(per_second, burst, max_keys=5))
        return made[-1]

    monkeypatch.setattr(limits, "Rate", rate)
    app = an_app(tmp_path)

    async def ask() -> None:
        for number in range(20):
            headers = {"Authorization": f"Bearer bri_test_{number:032}"}
            await client(app, f"203.0.113.{number}").get("/secret", headers=headers)

    asyncio.run(ask())
    assert {len(each) for each in made} <= {0, 5}


async def test_other_sites_may_read_and_not_write(tmp_path: Path) -> None:
    """A page elsewhere sees what anybody sees, refusals too."""
    http = client(an_app(tmp_path, requests_per_minute=2), Origin="https://elsewhere.example")
    assert (await http.get("/healthz")).headers["access-control-allow-origin"] == "*"
    asked = {"Access-Control-Request-Method": "POST"}
    refused = await http.options("/echo", headers=asked)
    assert "POST" not in refused.headers["access-control-allow-methods"]
    assert refused.headers["content-security-policy"] == policy.NOTHING
    await http.get("/healthz")
    late = await http.get("/healthz")
    assert late.status_code == 429
    assert late.headers["access-control-allow-origin"] == "*"


async def sent(
    app: FastAPI, parts: Iterable[bytes | None], path: str = "/echo", pause: float = 0
) -> list[Any]:
    """The messages that answer a body in these parts; None is a client that stands still."""
    answered: list[Any] = []
    waiting = iter(parts)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        part = next(waiting, b"")
        if part is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part, "more_body": part != b""}

    async def send(message: Any) -> None:
        answered.append(message)

    headers = [(b"content-type", b"application/json")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
    }
    scope |= {"headers": headers, "query_string": b"", "client": (FAR, 1), "server": ("t", 80)}
    scope |= {"scheme": "http", "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}
    await app(scope, receive, send)
    return answered


@pytest.mark.parametrize("path", ["/echo", "/stream"])
async def test_a_body_that_stops_is_given_up(tmp_path: Path, path: str) -> None:
    """Half of it came, and then nothing: 408, and the connection is closed."""
    answered = await sent(an_app(tmp_path, body_idle_seconds=0.05), [b'{"a":', None], path)
    assert answered[0]["status"] == 408
    assert (b"connection", b"close") in answered[0]["headers"]
    assert b"Too slow" in answered[1]["body"]
    assert len(answered) == 2


async def test_a_body_that_drips_is_given_up(tmp_path: Path) -> None:
    """Each part comes in time, and the whole would take for ever."""
    app = an_app(tmp_path, body_idle_seconds=0.2)

    answered = await sent(app, itertools.repeat(b" "), pause=0.05)
    assert answered[0]["status"] == 408


async def test_a_body_that_grows_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """Where its length was not announced it is cut as it arrives."""
    app = an_app(tmp_path, max_body_mib=1)
    answered = await sent(app, [b"x" * 600_000, b"x" * 600_000])
    assert answered[0]["status"] == 413
    answer = await client(app).post("/echo", content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert (await client(app).post("/stream", content=b"x" * 1_100_000)).status_code == 200
