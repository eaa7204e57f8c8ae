"""Records over HTTP: writing, reading, and their life."""

from typing import Any

import pytest

from bri_node.domain import State
from tests.integration.node.running import RunningNode, a_document, fields, read


def path_of(record: dict[str, Any], action: str = "") -> str:
    return f"/api/v1/records/{record['id']}{action}"


async def test_a_draft_is_for_those_with_a_token_and_published_for_everybody(
    node: RunningNode,
) -> None:
    created = await node.contributor.post("/api/v1/records", json=a_document())
    draft = read(created)
    assert (draft["state"], draft["revision"], "published" in draft["dates"]) == ("draft", 1, False)
    assert created.headers["Location"] == path_of(draft)
    assert created.headers["ETag"] == '"1"'
    for part in ("", "/revisions", "/proof"):
        assert (await node.reader.get(path_of(draft, part))).status_code == 404
    assert (await node.contributor.get(path_of(draft))).json() == draft
    assert (await node.contributor.get(path_of(draft, "/proof"))).status_code == 404

    assert read(await node.contributor.post(path_of(draft, "/submit")))["state"] == "in-review"
    published = read(await node.editor.post(path_of(draft, "/publish")))
    assert published["dates"]["published"].endswith("Z")
    assert (await node.reader.get(path_of(draft))).json() == published


async def test_what_is_read_is_what_was_sent_with_what_the_node_adds(node: RunningNode) -> None:
    record = await node.publish()
    sent = a_document()
    editions = record["editions"]
    assert editions["zh"] == sent["editions"]["zh"] | {"origin": "original", "stale": False}
    assert editions["en"] == sent["editions"]["en"] | {"summary": "", "stale": False}
    same = ("kind", "original_language", "countries", "topics", "source")
    assert {name: record[name] for name in same} == {name: sent[name] for name in same}
    assert record["id"].startswith("sco:")
    assert record["centre"] == "sco"


async def test_a_record_can_be_fetched_and_put_back_as_it_is(node: RunningNode) -> None:
    record = await node.publish()
    answer = await node.editor.put(path_of(record), json=record, headers={"If-Match": '"1"'})
    assert read(answer) == record | {"revision": 2}
    assert answer.headers["ETag"] == '"2"'


async def test_an_edition_not_sent_with_a_changed_original_turns_stale(node: RunningNode) -> None:
    record = await node.publish()
    only_zh = a_document(editions={"zh": {"title": "新标题", "body": "<p>正文。</p>"}})
    answer = await node.editor.put(path_of(record), json=only_zh, headers={"If-Match": "1"})
    editions = read(answer)["editions"]
    assert (editions["en"]["stale"], editions["en"]["origin"]) == (True, "machine")
    assert editions["zh"]["stale"] is False


async def test_an_editors_change_to_a_published_record_is_published_at_once(
    node: RunningNode,
) -> None:
    record = await node.publish()
    changed = a_document(topics=[])
    await node.editor.put(path_of(record), json=changed, headers={"If-Match": '"1"'})
    assert read(await node.reader.get(path_of(record)))["topics"] == []
    proof = read(await node.reader.get(path_of(record, "/proof")))
    assert (proof["number"], proof["record"]) == (2, record["id"])


async def test_a_contributor_cannot_touch_what_is_public(node: RunningNode) -> None:
    record = await node.publish()
    put = await node.contributor.put(
        path_of(record), json=a_document(), headers={"If-Match": '"1"'}
    )
    publish = await node.contributor.post("/api/v1/records?publish=true", json=a_document())
    republish = await node.contributor.post(path_of(record, "/publish"))
    retract = await node.contributor.post(path_of(record, "/retract"), json={"reason": "x"})
    answers = [put, publish, republish, retract]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert read(await node.reader.get("/api/v1/log"))["items"][-1]["number"] == 1


async def test_editing_in_review_takes_a_record_back_to_draft(node: RunningNode) -> None:
    record = await node.create()
    await node.contributor.post(path_of(record, "/submit"))
    answer = await node.contributor.put(
        path_of(record), json=a_document(), headers={"If-Match": '"1"'}
    )
    assert (read(answer)["state"], read(answer)["revision"]) == ("draft", 2)


async def test_a_retracted_record_is_a_tombstone_until_it_is_published_again(
    node: RunningNode,
) -> None:
    record = await node.publish()
    retracted = await node.editor.post(path_of(record, "/retract"), json={"reason": " An error. "})
    assert read(retracted)["state"] == "retracted"
    for client in (node.reader, node.editor):
        gone = await client.get(path_of(record))
        assert gone.status_code == 410
        assert gone.headers["content-type"] == "application/problem+json"
        tombstone = read(gone)
        assert (tombstone["reason"], tombstone["centre"]) == ("An error.", "sco")
        assert tombstone["retracted_at"].endswith("Z")
    assert (await node.reader.get("/api/v1/records")).json()["items"] == []

    again = read(await node.editor.post(path_of(record, "/publish")))
    assert (again["state"], again["revision"]) == ("published", 2)
    assert again["dates"] == record["dates"]
    assert (await node.reader.get(path_of(record))).json() == again


async def test_a_retracted_record_can_be_mended_before_it_is_published_again(
    node: RunningNode,
) -> None:
    record = await node.publish()
    await node.editor.post(path_of(record, "/retract"), json={"reason": "wrong country"})
    [listed] = read(await node.editor.get("/api/v1/records?state=retracted"))["items"]
    mended = await node.editor.put(
        path_of(record), json=listed | {"countries": ["UZ"]}, headers={"If-Match": '"1"'}
    )
    assert (read(mended)["state"], read(mended)["revision"]) == ("retracted", 2)
    assert (await node.reader.get(path_of(record))).status_code == 410
    await node.editor.post(path_of(record, "/publish"))
    assert read(await node.reader.get(path_of(record)))["countries"] == ["UZ"]
    assert len(read(await node.reader.get("/api/v1/log"))["items"]) == 3


async def test_steps_that_a_state_does_not_allow_are_conflicts(node: RunningNode) -> None:
    record = await node.publish()
    draft = await node.create()
    answers = [
        await node.editor.post(path_of(record, "/publish")),
        await node.editor.post(path_of(record, "/submit")),
        await node.editor.post(path_of(draft, "/retract"), json={"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [409] * 3
    assert len(read(await node.reader.get("/api/v1/log"))["items"]) == 1


@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 428), ('"1"', 412), ("1", 412), ('"x"', 422), ("*", 422), ('"2", "1"', 422)],
)
async def test_a_change_must_name_the_revision_that_it_changes(
    node: RunningNode, if_match: str | None, status: int
) -> None:
    record = await node.create()
    first = a_document(topics=[])
    await node.editor.put(path_of(record), json=first, headers={"If-Match": '"1"'})
    headers = {} if if_match is None else {"If-Match": if_match}
    answer = await node.editor.put(path_of(record), json=a_document(), headers=headers)
    assert answer.status_code == status
    assert fields(answer) == ["If-Match"]
    assert read(await node.editor.get(path_of(record)))["topics"] == []


async def test_an_editor_can_say_which_revision_was_reviewed(node: RunningNode) -> None:
    record = await node.create()
    stale = await node.editor.post(path_of(record, "/publish"), headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    right = await node.editor.post(path_of(record, "/publish"), headers={"If-Match": '"1"'})
    assert read(right)["state"] == State.PUBLISHED


async def test_history_names_editors_to_token_holders_only(node: RunningNode) -> None:
    record = await node.create()
    await node.contributor.post(path_of(record, "/submit"))
    await node.editor.post(path_of(record, "/publish"))
    await node.editor.post(path_of(record, "/retract"), json={"reason": "An error."})

    async def steps(client: Any) -> list[tuple[str, str, str]]:
        items = read(await client.get(path_of(record, "/revisions")))["items"]
        assert all(item["revision"] == 1 and item["at"] for item in items)
        return [(item["action"], item["state"], item["by"]) for item in items]

    assert await steps(node.editor) == [
        ("create", "draft", "Editor"),
        ("submit", "in-review", "Contributor"),
        ("publish", "published", "Editor"),
        ("retract", "retracted", "Editor"),
    ]
    assert await steps(node.reader) == [
        ("publish", "published", "sco"),
        ("retract", "retracted", "sco"),
    ]


async def test_markdown_becomes_safe_html(node: RunningNode) -> None:
    body = "# Title\n\n**bold** <script>alert(1)</script> [x](javascript:alert(1))"
    record = await node.publish(format="markdown", editions={"zh": {"title": "a", "body": body}})
    shown = record["editions"]["zh"]["body"]
    assert "<strong>bold</strong>" in shown
    assert "script" not in shown.replace("javascript:alert(1))", "")
    assert 'href="javascript' not in shown


async def test_policies_are_kept_whole(node: RunningNode) -> None:
    policy = {
        "jurisdiction": "RU",
        "instrument": "programme",
        "number": "89-FZ",
        "authority": "Duma",
        "status": "in-force",
        "adopted": "2018-12-24",
        "in_force": "2019-01-01",
        "amends": ["1-FZ"],
        "repeals": [],
    }
    record = await node.publish(kind="policy", policy=policy)
    assert record["policy"] == policy
