"""The portal's pages, answered from a real hub's database; search is away in all of these."""

import re

import pytest
from bri.log.v1 import log_pb2

from tests.integration.hub.running import Line, RunningHub
from tests.support.centres import Centre, a_record


async def read(hub: RunningHub, record_id: str) -> str:
    """A record's page, once the hub has the record."""
    await hub.has(record_id)
    answer = await hub.http.get(f"/en/records/{record_id}")
    assert answer.status_code == 200
    return answer.text


def spoiled(envelope: bytes) -> bytes:
    """An envelope whose signature did not survive its way."""
    signed = log_pb2.SignedEntry.FromString(envelope)
    signed.signature = bytes(64)
    return signed.SerializeToString()


async def test_a_record_is_shown_without_search(hub: RunningHub, line: Line, sco: Centre) -> None:
    """With its proof, and without what only search knows."""
    record = a_record(sco.record_id())
    await line.send(sco.publish(record))
    text = await read(hub, record.id)
    assert "Verified" in text
    assert "with a signature of its own" in text
    assert "Related" not in text


async def test_a_key_verifies_what_it_signed_in_its_time(
    hub: RunningHub, line: Line, sco: Centre
) -> None:
    """Also after the centre took another one; the page tells of both."""
    first, second = a_record(sco.record_id()), a_record(sco.record_id())
    envelopes = [sco.publish(first), sco.rotate(), sco.publish(second)]
    await line.send(*envelopes)
    for record in (first, second):
        text = await read(hub, record.id)
        assert "Verified" in text
        assert "entries 1 to 2" in text
        assert "from entry 3 on" in text


async def test_who_vouches_for_a_spoiled_signature_is_told(
    hub: RunningHub, line: Line, sco: Centre
) -> None:
    """An entry that a later one proves is verified by that one."""
    record = a_record(sco.record_id())
    await line.send(spoiled(sco.publish(record)), sco.publish())
    text = await read(hub, record.id)
    assert "Verified" in text
    assert "the signature of entry 2 vouches for it" in text


async def test_the_sitemap_has_what_is_published(
    hub: RunningHub, line: Line, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And lacks what was withdrawn, which leaves a gap: the others stay in the files that they are
    in, and the index says when each changed last."""
    monkeypatch.setattr("bri_pages.discovery.MAX_ADDRESSES", 3)  # a record in each language
    records = [a_record(sco.record_id()) for _ in range(3)]
    await line.send(*map(sco.publish, records), sco.retract(records[1].id))
    await hub.has(records[1].id, 410)
    index = (await hub.http.get("/sitemap.xml")).text
    files = re.findall(r"<loc>[^<]*(/sitemap/[^<]*)</loc>(?:<lastmod>([^<]*)</lastmod>)?", index)
    assert [file for file, _ in files] == [f"/sitemap/{n}.xml" for n in ("pages", "sco-0", "sco-2")]
    for (file, changed), record in zip(files[1:], records[::2], strict=True):
        text = (await hub.http.get(file)).text
        named = set(re.findall(r"/(?:zh|en|ru)/records/([^<\"]*)</loc>", text))
        assert named == {record.id}
        assert changed == (await hub.json(f"/api/v1/records/{record.id}"))["updated_at"]
    assert (await hub.http.get("/sitemap/sco-1.xml")).status_code == 404
