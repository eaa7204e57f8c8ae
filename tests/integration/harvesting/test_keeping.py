"""What becomes of a source's items at a node: new, known, changed, gone."""

import pytest

from tests.integration.harvesting.harvesting import (
    EN,
    Harvester,
    counts,
    item,
    publish,
)
from tests.integration.node.running import read
from tests.support.publisher import Answer, Publisher


async def test_new_items_are_drafts_and_the_same_again_is_nothing(
    publisher: Publisher, node: Harvester
) -> None:
    """With source, language, topics and countries of the source where the item says nothing."""
    url = publish(publisher, item(1), item(2))
    await node.add(url, countries=["KZ"], topics=["solid-waste"])
    assert counts(await node.harvest()) == {"new": 2}
    records = await node.records()
    first = next(each for each in records if each["source"]["url"].endswith("/1"))
    assert first["state"] == "draft"
    assert first["original_language"] == "en"
    assert first["editions"]["en"]["title"] == f"{EN} 1"
    assert first["source"] == {"name": "Waste News", "url": "https://example.org/1"}
    assert (first["countries"], first["topics"]) == (["KZ"], ["solid-waste"])
    publish(publisher, item(2), item(1), item(3))
    assert counts(await node.harvest()) == {"new": 1, "unchanged": 2}
    history = await node.editor.get(f"/api/v1/records/{first['id']}/revisions")
    assert read(history)["items"][0]["by"] == "source news"


async def test_a_source_may_publish(publisher: Publisher, node: Harvester) -> None:
    """Then what it changes is published again, with the next entry of the log."""
    await node.add(publish(publisher, item(1)), publish=True)
    await node.harvest()
    [record] = await node.records("published")
    publish(publisher, item(1, "Who collects what, and when."))
    assert counts(await node.harvest()) == {"revised": 1}
    [revised] = await node.records("published")
    assert (revised["id"], revised["revision"]) == (record["id"], 2)
    assert "and when" in revised["editions"]["en"]["body"]
    assert (await node.delivery())["written"] == 2


async def test_identities_that_change_every_time_make_nothing_new(
    publisher: Publisher, node: Harvester
) -> None:
    """Items are known again by their address, or by their text, and the source is told of."""
    await node.add(publish(publisher, *(item(n, guid=f"tag:a{n}") for n in range(5))))
    await node.harvest()
    publish(publisher, *(item(n, guid=f"tag:b{n}") for n in range(5)))
    last = await node.harvest()
    assert counts(last) == {"unchanged": 5, "renamed": 5}
    assert [fault["code"] for fault in last["faults"]] == ["identities"]
    moved = (item(n, guid=f"tag:c{n}", link=f"https://new.example/{n}") for n in range(5))
    publish(publisher, *moved)
    assert counts(await node.harvest()) == {"unchanged": 5, "renamed": 5}
    changed = (
        item(n, "Changed.", guid=f"tag:d{n}", link=f"https://new.example/{n}") for n in range(5)
    )
    publish(publisher, *changed)
    assert counts(await node.harvest()) == {"revised": 5, "renamed": 5}
    assert len(await node.records()) == 5
    assert (await node.source())["items"] == 5


async def test_the_same_twice_in_a_feed_is_one_record(
    publisher: Publisher, node: Harvester
) -> None:
    """Now, and when it is read again; the same address at another source is the same thing too."""
    twice = (item(1), item(1, guid="tag:other"))
    await node.add(publish(publisher, *twice))
    assert counts(await node.harvest()) == {"new": 1, "duplicates": 1}
    publish(publisher, *twice, item(2))
    assert counts(await node.harvest()) == {"new": 1, "unchanged": 1, "duplicates": 1}
    await node.add(publisher.url("/feed"), name="again")
    assert counts(await node.harvest("again")) == {"duplicates": 3}
    assert len(await node.records()) == 2


async def test_of_two_texts_under_one_name_the_first_counts(
    publisher: Publisher, node: Harvester
) -> None:
    """Else they would take turns in revising a record, at each reading."""
    await node.add(publish(publisher, item(1, "One."), item(1, "Two.")))
    assert counts(await node.harvest()) == {"new": 1, "duplicates": 1}
    publish(publisher, item(1, "One."), item(1, "Two."), item(2))
    assert counts(await node.harvest()) == {"new": 1, "unchanged": 1, "duplicates": 1}


async def test_items_that_share_an_address_are_several(
    publisher: Publisher, node: Harvester
) -> None:
    """Some feeds lead everywhere to their front page."""
    home = "https://example.org/home"
    await node.add(publish(publisher, *(item(n, f"Text {n}", link=home) for n in range(3))))
    assert counts(await node.harvest()) == {"new": 3}
    publish(publisher, *(item(n, f"Text {n}!", link=home) for n in range(3)))
    assert counts(await node.harvest()) == {"revised": 3}


async def test_what_an_editor_changed_is_proposed_and_never_overwritten(
    publisher: Publisher, node: Harvester
) -> None:
    """The editor decides: their own text stays, or the source's comes in its place, from where on
    the record follows the source again."""
    await node.add(publish(publisher, item(1)))
    await node.harvest()
    [record] = await node.records()
    mine = {"kind": "news", "original_language": "en", "editions": record["editions"]}
    mine["editions"]["en"]["title"] = "Mine"
    path = f"/api/v1/records/{record['id']}"
    answer = await node.editor.put(path, json=mine, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    publish(publisher, item(1, "Changed once."))
    assert counts(await node.harvest()) == {"proposed": 1}
    publish(publisher, item(1, "Changed twice."))
    assert counts(await node.harvest()) == {"proposed": 1}
    [proposal] = await node.proposals()
    assert (proposal["action"], proposal["title"], proposal["revision"]) == ("change", "Mine", 2)
    assert "twice" in proposal["proposed"]["editions"]["en"]["body"]
    stale = f"/api/v1/proposals/{proposal['id']}/accept"
    assert (await node.editor.post(stale, headers={"If-Match": '"1"'})).status_code == 412
    assert await node.decide(proposal["id"], "accept") == 200
    assert await node.decide(proposal["id"], "accept") == 200
    assert await node.decide(proposal["id"], "refuse") == 409
    [taken] = await node.records()
    assert taken["editions"]["en"]["title"] == f"{EN} 1"
    publish(publisher, item(1, "Changed again."))
    assert counts(await node.harvest()) == {"revised": 1}


async def test_a_published_record_of_a_drafting_source_is_not_published_anew(
    publisher: Publisher, node: Harvester
) -> None:
    """What an editor published stays as it is until an editor takes the change."""
    await node.add(publish(publisher, item(1)))
    await node.harvest()
    [record] = await node.records()
    await node.editor.post(f"/api/v1/records/{record['id']}/publish")
    publish(publisher, item(1, "Changed."))
    assert counts(await node.harvest()) == {"proposed": 1}
    [proposal] = await node.proposals()
    assert await node.decide(proposal["id"], "refuse") == 200
    assert counts(await node.harvest()) == {}
    [published] = await node.records("published")
    assert published["revision"] == 1


async def test_what_is_gone_is_proposed_and_only_an_editor_withdraws_it(
    publisher: Publisher, node: Harvester
) -> None:
    """An item that left its feed is looked for at its address; one that is not there any more is
    proposed once, and comes to nothing where it comes back."""
    url = publisher.url("/article")
    publisher.put("/article", "<p>here</p>", "text/html")
    await node.add(publish(publisher, item(1, link=url), item(2)), publish=True)
    await node.harvest()
    publish(publisher, item(2))
    await node.harvest()
    publisher.routes["/article"] = Answer(b"", 410)
    publish(publisher, item(2), item(3))
    assert counts(await node.harvest()) == {"new": 1, "unchanged": 1, "proposed": 1}
    [proposal] = await node.proposals()
    assert (proposal["action"], proposal["reason"]) == ("retract", "its address answers 410")
    assert len(await node.records("published")) == 3
    publish(publisher, item(1, link=url), item(2), item(3))
    await node.harvest()
    assert await node.proposals() == []


async def test_a_proposal_to_withdraw_is_decided_once(
    publisher: Publisher, node: Harvester
) -> None:
    """Accepted it withdraws with the source's reason; refused it does not come again; and nobody
    but an editor decides."""
    mapping = '[fields]\nidentity = "N"\ntitle = "T"\n[constants]\nlanguage = "en"'
    url = publisher.put("/table", "N;T\n1;One\n2;Two\n3;Three", "text/csv")
    await node.add(url, "table", mapping=mapping, publish=True)
    assert counts(await node.harvest()) == {"new": 3}
    publisher.put("/table", "N;T\n1;One", "text/csv")
    assert counts(await node.harvest()) == {"unchanged": 1, "proposed": 2}
    first, second = await node.proposals()
    path = f"/api/v1/proposals/{first['id']}/accept"
    assert (await node.contributor.post(path)).status_code == 403
    assert (await node.reader.post(path)).status_code == 401
    assert await node.decide(first["id"], "accept") == 200
    assert await node.decide(second["id"], "refuse") == 200
    [retracted] = await node.records("retracted")
    tombstone = await node.reader.get(f"/api/v1/records/{retracted['id']}")
    assert "does not list it any more" in tombstone.text
    publisher.put("/table", "N;T\n1;One!", "text/csv")
    assert counts(await node.harvest()) == {"revised": 1}
    assert await node.proposals() == []
    assert await node.decide(999, "accept") == 404


async def test_what_was_never_published_can_be_let_go(
    publisher: Publisher, node: Harvester
) -> None:
    """A draft, or a record in review, that its source has withdrawn: accepted it is dropped, with
    the reason, and no reader and no hub hears of it. One that somebody withdrew meanwhile is
    accepted as it is, and one that was dropped can still be published."""
    mapping = '[fields]\nidentity = "N"\ntitle = "T"\n[constants]\nlanguage = "en"'
    url = publisher.put("/table", "N;T\n1;One\n2;Two\n3;Three", "text/csv")
    await node.add(url, "table", mapping=mapping)
    await node.harvest()
    ids = {each["editions"]["en"]["title"]: each["id"] for each in await node.records("draft")}
    paths = {title: f"/api/v1/records/{ids[title]}" for title in ids}
    assert (await node.editor.post(f"{paths['Two']}/submit")).status_code == 200
    assert (await node.editor.post(f"{paths['Three']}/publish")).status_code == 200
    publisher.put("/table", "N;T\n4;Four", "text/csv")
    await node.harvest()
    withdraw = await node.editor.post(f"{paths['Three']}/retract", json={"reason": "by hand"})
    assert withdraw.status_code == 200
    written = (await node.delivery())["written"]
    for proposal in await node.proposals():
        assert await node.decide(proposal["id"], "accept") == 200
    assert await node.proposals() == []
    assert len(await node.records("retracted")) == 3
    assert (await node.delivery())["written"] == written == 2
    for title in ("One", "Two"):
        assert (await node.reader.get(paths[title])).status_code == 404
        gone = await node.editor.get(paths[title])
        assert gone.status_code == 410
        assert "does not list it" in gone.json()["reason"]
    feed = (await node.reader.get("/en/news.atom")).text
    assert feed.count("deleted-entry") == feed.count(ids["Three"]) * 2
    assert (await node.editor.post(f"{paths['One']}/publish")).status_code == 200
    assert (await node.reader.get(paths["One"])).status_code == 200


@pytest.mark.parametrize(
    "content",
    ["N;T\n1;One\n2;\n3;Three", "<html>Sorry, no table today</html>", "", 'N;T\n1;"One\n2;Two'],
)
async def test_a_table_is_kept_whole_or_not_at_all(
    publisher: Publisher, node: Harvester, content: str
) -> None:
    """One fault, and nothing is new, changed, or proposed for withdrawal."""
    mapping = '[fields]\nidentity = "N"\ntitle = "T"\n[constants]\nlanguage = "en"'
    await node.add(publisher.put("/t", "N;T\n9;Nine", "text/csv"), "table", mapping=mapping)
    await node.harvest()
    publisher.put("/t", content, "text/csv")
    last = await node.harvest()
    assert last["failed"]
    assert last["faults"]
    assert counts(last) == {}
    assert len(await node.records()) == 1
    assert await node.proposals() == []


async def test_a_rule_that_only_records_have_keeps_a_table_out_too(
    publisher: Publisher, node: Harvester
) -> None:
    """A title that is too long is found when the record is made, and told with its row."""
    mapping = '[fields]\ntitle = "T"\n[constants]\nlanguage = "en"'
    url = publisher.put("/t", f"T\nShort\n{'x' * 1_001}", "text/csv")
    await node.add(url, "table", mapping=mapping)
    last = await node.harvest()
    assert [(each["code"], each["place"]) for each in last["faults"]] == [("invalid", "row 3")]
    assert await node.records() == []
