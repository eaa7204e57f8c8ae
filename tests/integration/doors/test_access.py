"""Who may do what: every route of every service, as each role and as nobody.

A route that is added and not told of here is expected to be the strictest of its kind: one that
writes wants an editor, one under `/api/v1/admin` an admin.
"""

from bri_kit.auth import Role
from tests.integration.doors.conftest import Service
from tests.support.routes import requests_of

CONTRIBUTORS = {
    ("POST", "/api/v1/records"),
    ("PUT", "/api/v1/records/sco:1"),
    ("POST", "/api/v1/records/sco:1/submit"),
}
OPEN = {("POST", "/oai"), ("POST", "/websub")}
"""Protocols of others that ask by POST, and let everybody ask."""
ADMIN = "/api/v1/admin"
DRAFTS = [f"/api/v1/records?state={state}" for state in ("draft", "in-review", "retracted")]


def needed(method: str, path: str) -> Role | None:
    """The least role that may use a route; None is everybody."""
    if path.startswith(ADMIN):
        return Role.ADMIN
    if method == "GET" or (method, path) in OPEN:
        return None
    return Role.CONTRIBUTOR if (method, path) in CONTRIBUTORS else Role.EDITOR


async def test_every_route_wants_its_role(service: Service) -> None:
    """401 for nobody, 403 for less than the role, and never either for the role and above."""
    for method, path in requests_of(service.app):
        role = needed(method, path)
        if role is None:
            continue
        nobody = await service.client().request(method, path)
        assert nobody.status_code == 401, (method, path)
        assert nobody.headers["www-authenticate"] == "Bearer"
        for each in Role:
            status = (await service.of(each).request(method, path)).status_code
            assert (status == 403) == (each < role), (method, path, each, status)
            assert status != 401
            assert status < 500 or status == 503, (method, path, each, status)


async def test_what_everybody_may_read_refuses_a_token_that_is_not_valid_or_ignores_it(
    service: Service,
) -> None:
    """None of it fails, and none of it gives more."""
    for method, path in requests_of(service.app):
        if needed(method, path) is None:
            good = await service.client().request(method, path)
            bad = await service.client("bri_sco_junk").request(method, path)
            assert bad.status_code in (good.status_code, 401), path


async def test_drafts_are_shown_to_no_stranger(node: Service) -> None:
    """In lists, by their identifier, in their history: without a token they are not there."""
    editor = node.of(Role.EDITOR)
    record = {
        "kind": "news",
        "original_language": "en",
        "editions": {"en": {"title": "A secret draft", "body": "<p>x</p>"}},
    }
    draft = (await editor.post("/api/v1/records", json=record)).json()["id"]
    stranger = node.client()
    for path in DRAFTS:
        assert (await stranger.get(path)).status_code == 401
        assert (await editor.get(path)).status_code == 200
    for path in ("", "/revisions", "/proof"):
        assert (await stranger.get(f"/api/v1/records/{draft}{path}")).status_code == 404
    for path in ("/api/v1/records", "/api/v1/search?q=secret", "/api/v1/log"):
        assert "secret draft" not in (await stranger.get(path)).text


async def test_a_contributor_cannot_publish_by_a_detour(node: Service) -> None:
    """Not when creating, and not by replacing what an editor published."""
    record = {
        "kind": "news",
        "original_language": "en",
        "editions": {"en": {"title": "t", "body": "<p>x</p>"}},
    }
    contributor, editor = node.of(Role.CONTRIBUTOR), node.of(Role.EDITOR)
    answer = await contributor.post("/api/v1/records?publish=true", json=record)
    assert answer.status_code == 403
    published = (await editor.post("/api/v1/records?publish=true", json=record)).json()["id"]
    path, known = f"/api/v1/records/{published}", {"If-Match": '"1"'}
    assert (await contributor.put(path, json=record, headers=known)).status_code == 403
    assert (await editor.get(path)).json()["revision"] == 1
