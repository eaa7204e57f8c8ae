"""The edges of an application, around routes that are functions."""

from pathlib import Path

import pytest

from bri_kit import policy
from bri_kit.policy import text_hash
from tests.unit.kit.edges import an_app, client

EVERYWHERE = {
    "content-security-policy": policy.NOTHING,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


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
    below = await client(an_app(tmp_path, hsts_seconds=60, hsts_subdomains=True)).get("/healthz")
    assert below.headers["strict-transport-security"] == "max-age=60; includeSubDomains"


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
