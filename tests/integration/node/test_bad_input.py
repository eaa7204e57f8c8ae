"""Bad input gets its own clear problem, naming the field, and nothing is stored."""

import asyncio
from typing import Any

import pytest
from bri.content.v1 import content_pb2
from fastapi.routing import APIRoute

from asean_platform.profile import PROFILE as ASEAN
from bri_kit import content
from bri_kit.auth import Role
from bri_node.desk import users
from bri_node.tables import RecordRow
from bri_node.tokens import create_token
from tests.integration.node.running import RunningNode, a_document, fields, read

HUGE = "<p>" + "x" * 10_000_000 + "</p>"
GOOD = {"title": "a", "body": "b"}


def with_edition(**edition: Any) -> dict[str, Any]:
    return a_document(editions={"zh": GOOD | edition})


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no original edition": (a_document(editions={"en": GOOD}), ["editions.zh"]),
    "no edition at all": (a_document(editions={}), ["editions"]),
    "an unknown topic": (a_document(topics=["solid-waste", "magic"]), ["topics.1"]),
    "an unknown country": (a_document(countries=["ZZ"]), ["countries.0"]),
    "a country twice": (a_document(countries=["KZ", "KZ"]), ["countries"]),
    "a body of 10 MB": (with_edition(body=HUGE), ["editions.zh.body"]),
    "a body of scripts alone": (
        with_edition(body="<script>alert(1)</script><style>p {}</style>"),
        ["editions.zh.body"],
    ),
    "a body of blanks": (with_edition(body="<p> &nbsp; </p>"), ["editions.zh.body"]),
    "a title of blanks": (with_edition(title=" \u3000\n "), ["editions.zh.title"]),
    "a title that is too long": (
        with_edition(title="a" * (content.MAX_TITLE + 1)),
        ["editions.zh.title"],
    ),
    "a title that is missing": (
        a_document(editions={"zh": {"body": "b"}}),
        ["editions.zh.title"],
    ),
    "a day that does not exist": (a_document(dates={"event": "2019-02-30"}), ["dates.event"]),
    "a typing error in a year": (a_document(dates={"event": "2926-01-01"}), ["dates.event"]),
    "a year of three digits": (a_document(dates={"original": "0999-01-01"}), ["dates.original"]),
    "a body that is nested too deep": (
        with_edition(body="<div>" * 40_000 + "x"),
        ["editions.zh.body"],
    ),
    "Markdown that is nested too deep": (
        with_edition(body="<div>" * 200 + "x", format="markdown"),
        ["editions.zh.body"],
    ),
    "a date that is none": (a_document(dates={"original": "tomorrow"}), ["dates.original"]),
    "a language of another centre": (
        a_document(editions={"zh": GOOD, "vi": GOOD}),
        ["editions.vi"],
    ),
    "an unknown kind": (a_document(kind="rumour"), ["kind"]),
    "a kind that is missing": ({"original_language": "zh", "editions": {"zh": GOOD}}, ["kind"]),
    "a policy of another kind": (a_document(policy={"jurisdiction": "RU"}), ["policy"]),
    "an unknown origin": (with_edition(origin="divine"), ["editions.zh.origin"] * 2),
    "two originals": (
        a_document(editions={"zh": GOOD, "en": GOOD | {"origin": "original"}}),
        ["editions.en.origin"],
    ),
    "a source that is no address": (
        a_document(source={"url": "javascript:alert(1)"}),
        ["source.url"],
    ),
    "a field that nobody knows": (a_document(colour="green"), ["colour"]),
    "an edition's unknown field": (with_edition(colour="green"), ["editions.zh.colour"]),
    "a control character": (with_edition(title="a\x00b"), ["editions.zh.title"]),
    "a number for a title": (with_edition(title=7), ["editions.zh.title"]),
    "a list for editions": (a_document(editions=[GOOD]), ["editions"]),
    "an unknown format": (a_document(format="docx"), ["format"]),
}


async def is_empty(node: RunningNode) -> bool:
    lists = [read(await node.editor.get(f"/api/v1/records?state={state}")) for state in STATES]
    return not any(found["items"] for found in lists)


STATES = ("draft", "in-review", "published", "retracted")


@pytest.mark.parametrize("name", list(BAD))
async def test_a_bad_record_is_refused_and_the_field_is_named(node: RunningNode, name: str) -> None:
    document, named = BAD[name]
    answer = await node.editor.post("/api/v1/records?publish=true", json=document)
    assert answer.status_code == 422
    assert fields(answer) == named
    assert await is_empty(node)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"kind": "\xff"}',
        b'{"kind": NaN}',
        b"null",
        b"7",
        b'{"kind": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"kind": "news", "original_language": "zh", "editions": {"\\ud800": null}}',
        b'{"kind": ' + b"9" * 5000 + b"}",
    ],
)
async def test_what_is_not_a_record_at_all_is_a_problem_and_never_a_failure(
    node: RunningNode, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await node.editor.post("/api/v1/records", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    fields(answer)
    assert await is_empty(node)


async def test_scripts_do_not_get_in(node: RunningNode) -> None:
    body = '<p onclick="x()">a<script>b</script><img src=x onerror=c><iframe src="d"></iframe></p>'
    record = await node.publish(editions={"zh": {"title": "<b>t</b>", "body": body}})
    shown = record["editions"]["zh"]["body"]
    assert not any(word in shown for word in ("script", "onclick", "onerror", "iframe"))


@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 1001, 7, "a\x00b"])
async def test_a_retraction_needs_a_reason(node: RunningNode, reason: object) -> None:
    record = await node.publish()
    body = {} if reason is None else {"reason": reason}
    answer = await node.editor.post(f"/api/v1/records/{record['id']}/retract", json=body)
    assert (answer.status_code, fields(answer)) == (422, ["reason"])
    assert read(await node.reader.get(f"/api/v1/records/{record['id']}")) == record


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("kind=rumour", "kind.0"),
        ("from=yesterday", "from"),
        ("to=2019-02-30", "to"),
        ("lang=xx", "lang.0"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=junk", "cursor"),
        ("cursor=WzFd", "cursor"),
        ("state=lost", "state"),
    ],
)
async def test_a_list_names_the_parameter_that_is_wrong(
    node: RunningNode, query: str, named: str
) -> None:
    answer = await node.editor.get(f"/api/v1/records?{query}")
    assert (answer.status_code, fields(answer)) == (422, [named])


@pytest.mark.parametrize("identifier", ["sco:1", "x", "%00", "a" * 3000, "%F0%9F", "..%2F.."])
async def test_an_id_that_is_none_is_not_found(node: RunningNode, identifier: str) -> None:
    for part in ("", "/revisions", "/proof"):
        assert (await node.editor.get(f"/api/v1/records/{identifier}{part}")).status_code == 404


async def test_the_same_key_with_the_same_body_does_the_work_once(node: RunningNode) -> None:
    headers = {"Idempotency-Key": "import-7"}

    async def post() -> Any:
        return await node.editor.post("/api/v1/records", json=a_document(), headers=headers)

    first, *others = await asyncio.gather(*(post() for _ in range(8)))
    for other in others:
        assert (other.status_code, other.json()) == (201, first.json())
        assert other.headers["Location"] == first.headers["Location"]
    assert len(read(await node.editor.get("/api/v1/records?state=draft"))["items"]) == 1


async def test_the_same_key_with_another_body_is_refused(node: RunningNode) -> None:
    headers = {"Idempotency-Key": "import-7"}
    await node.editor.post("/api/v1/records", json=a_document(), headers=headers)
    other = a_document(topics=[])
    answer = await node.editor.post("/api/v1/records", json=other, headers=headers)
    assert (answer.status_code, fields(answer)) == (422, ["Idempotency-Key"])
    publishing = await node.editor.post(
        "/api/v1/records?publish=true", json=a_document(), headers=headers
    )
    assert publishing.status_code == 422
    of_another = await node.contributor.post("/api/v1/records", json=other, headers=headers)
    assert of_another.status_code == 201
    too_long = {"Idempotency-Key": "x" * 256}
    answer = await node.editor.post("/api/v1/records", json=other, headers=too_long)
    assert (answer.status_code, fields(answer)) == (422, ["Idempotency-Key"])


async def test_a_bad_record_does_not_use_its_key_up(node: RunningNode) -> None:
    headers = {"Idempotency-Key": "k"}
    bad = await node.editor.post("/api/v1/records", json=with_edition(title=" "), headers=headers)
    good = await node.editor.post("/api/v1/records", json=a_document(), headers=headers)
    assert (bad.status_code, good.status_code) == (422, 201)


async def test_every_route_that_writes_refuses_who_has_no_token(
    node: RunningNode, tmp_path: Any
) -> None:
    foreign = create_token(tmp_path / "asean", ASEAN.code, Role.ADMIN, "Nguyen")
    paths = [
        (method, route.path.replace("{record_id}", "sco:1"))
        for route in _routes(node)
        for method in (route.methods or set()) - {"GET", "HEAD"}
        if route.path != "/oai"  # OAI-PMH asks by POST too, and nothing is written
    ]
    assert len(paths) >= 6
    for method, path in paths:
        for token in (None, "junk", "bri_sco_junk", foreign):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            answer = await node.reader.request(method, path, headers=headers)
            assert answer.status_code == 401, (method, path, token)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            fields(answer)
    told = await node.reader.post("/api/v1/records", headers={"Authorization": f"Bearer {foreign}"})
    assert "asean" in read(told)["detail"]


def _routes(node: RunningNode) -> list[APIRoute]:
    found: list[APIRoute] = []
    pending = list(node.app.routes)
    while pending:
        route = pending.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        pending.extend(getattr(getattr(route, "original_router", None), "routes", []))
    return found


async def test_a_token_that_is_not_valid_is_told_so_where_none_is_needed(
    node: RunningNode,
) -> None:
    headers = {"Authorization": "Bearer bri_sco_junk"}
    assert (await node.reader.get("/api/v1/records", headers=headers)).status_code == 401


@pytest.mark.parametrize("state", ["draft", "in-review", "retracted"])
async def test_what_is_not_public_is_not_listed_without_a_token(
    node: RunningNode, state: str
) -> None:
    assert (await node.reader.get(f"/api/v1/records?state={state}")).status_code == 401


async def test_a_draft_of_before_the_rules_is_not_signed(node: RunningNode) -> None:
    """What was kept when less was asked is asked about when it is to be published."""
    draft = await node.create()
    with users.store_of(node.data, "sco") as store, store.writing() as session:
        row = session.get_one(RecordRow, draft["id"])
        record = content_pb2.Record.FromString(row.content)
        record.dates.event = "2926-01-01"
        row.content = record.SerializeToString()
    answer = await node.editor.post(f"/api/v1/records/{draft['id']}/publish")
    assert answer.status_code == 422
    assert fields(answer) == ["dates.event"]
