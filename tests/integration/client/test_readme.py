"""The client against real services: the README's examples, and every question once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bri_client import AsyncClient, Client, NotFound, Retracted, Stale, admin, hub, node
from bri_client.documents import NewRecord
from tests.support.site import Site, site
from tests.support.waiting import eventually

README = Path("packages/client/README.md")
RECORD: NewRecord = {
    "kind": "news",
    "original_language": "en",
    "editions": {"en": {"title": "A wetland returns", "body": "<p>Near Astana.</p>"}},
    "countries": ["KZ"],
}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as running:
        yield running


def examples(running: Site) -> list[str]:
    text = README.read_text(encoding="utf-8")
    text = text.replace("https://hub.example.org", running.hub)
    text = text.replace("https://centre.example.org", running.node)
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_every_example_of_the_readme_runs(
    there: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands there, but for addresses and the token."""
    found = examples(there)
    (tmp_path / "records.ndjson").write_text('{"kind": "news"}\n')
    monkeypatch.chdir(tmp_path)
    for example in found:
        exec(compile(example, "README.md", "exec"), {"TOKEN": there.editor})
    assert len(found) == 5
    told = capsys.readouterr().out
    assert "1 editions is missing; original_language is missing" in told or "is missing" in told
    assert "no such record" in told


def test_a_record_goes_through_its_life(there: Site) -> None:
    """Each step with the revision it knows; what is withdrawn says so."""
    with Client(there.node, there.editor) as here:
        draft = here.ask(node.create(RECORD, key="once"))
        assert here.ask(node.create(RECORD, key="once"))["id"] == draft["id"]
        here.ask(node.submit(draft["id"], draft["revision"]))
        published = here.ask(node.publish(draft["id"]))
        changed: NewRecord = {**RECORD, "countries": ["KZ", "CN"]}
        revised = here.ask(node.update(draft["id"], changed, published["revision"]))
        with pytest.raises(Stale):
            here.ask(node.update(draft["id"], RECORD, published["revision"]))
        assert here.ask(node.record(draft["id"]))["countries"] == revised["countries"]
        here.ask(node.retract(draft["id"], "for the test", revised["revision"]))
        with pytest.raises(Retracted) as gone:
            here.ask(node.record(draft["id"]))
        assert gone.value.document["reason"] == "for the test"
        actions = [step["action"] for step in here.each(node.history(draft["id"]))]
        assert actions[-1] == "retract"
        assert here.ask(node.proof(draft["id"]))["record"] == draft["id"]


async def test_the_hub_answers_every_question(there: Site) -> None:
    """What a node published is found, told and proven at the hub."""
    async with AsyncClient(there.node, there.editor) as here:
        record = await here.ask(node.create(RECORD, publish=True))
        assert (await here.ask(node.centre()))["code"] == "sco"
        assert (await here.ask(node.record_delivery(record["id"])))["record"] == record["id"]
        assert (await here.ask(node.delivery()))["written"] > 0
        await here.ask(node.create(RECORD, publish=True))
        assert [entry["number"] async for entry in here.each(node.log(limit=1))][:2] == [1, 2]
    async with AsyncClient(there.hub) as them:

        async def found() -> bool:
            hits = (await them.page(hub.search("wetland")))["hits"]
            return record["id"] in [hit["id"] for hit in hits]

        await eventually(found, seconds=40)
        assert (await them.ask(hub.record(record["id"])))["provenance"]["entry"]
        assert (await them.ask(hub.proof(record["id"])))["record"] == record["id"]
        assert (await them.ask(hub.centre("sco")))["code"] == "sco"
        assert [each async for each in them.each(hub.story(record["id"]))] == []
        assert "hits" in await them.ask(hub.related(record["id"]))
        assert (await them.ask(hub.status()))["centres"][0]["code"] == "sco"
        assert [each["code"] async for each in them.each(hub.centres())] == ["sco"]
        assert [each async for each in them.each(hub.topics())]
        assert [each async for each in them.each(hub.countries())]
        assert [each["id"] async for each in them.each(hub.records(centre=["sco"], limit=1))]


def test_the_admin_decides_and_it_is_kept(there: Site) -> None:
    """A decision answers how the centre stands, and is the newest line of the audit."""
    with Client(there.hub, there.admin) as them:
        assert them.ask(admin.set_state("sco", "limit", "a test"))["state"] == "limited"
        assert them.ask(admin.set_state("sco", "resume", "over"))["state"] == "active"
        lines = them.page(admin.audit("sco", limit=2))["items"]
        assert [line["action"] for line in lines] == ["resume", "limit"]
        assert [each["code"] for each in them.each(admin.centres())] == ["sco"]
        assert list(them.each(admin.evidence("sco"))) == []
        with pytest.raises(NotFound):
            them.ask(admin.release("nobody", "a test"))
