"""What an admitted centre can sign, and send past the node that would have refused it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from bri.log.v1 import log_pb2

from bri_kit import content, log, transport
from tests.chaos.attacks.stage import Attack, Stage
from tests.support import hostile_records, hostile_text
from tests.support.centres import a_record
from tests.support.hostile_records import Hostile, record_id

_JUNK = b"j" * 2 * 1024 * 1024


def attacks() -> Iterator[Attack]:
    """All of them."""
    for name in hostile_records.KINDS:
        yield Attack(f"entries-{name}", f"valid entries with hostile {name}", _kind(name))
    yield Attack("far-date", "one record of 2871-11-26, one of 2926, one of 9999", far_date)
    yield Attack("deep-html-centre", "one record of 390 000 divs, 2 MB", deep_html, 20.0)
    yield Attack("retraction-null", "a retraction whose reason has U+0000", retraction_null)
    yield Attack("entry-times", "entries written on a day, in the year 1", entry_times)
    yield Attack(
        "everything-centre", "all of Unicode once, 1 000 characters a record", everything, 20.0
    )
    yield Attack(
        "compare-flood", "6 000 compare and ask questions in a burst, twice", compare_flood, 20.0
    )
    yield Attack("junk-messages", "150 messages of 2 MB that are no entries", junk)
    yield Attack("tiny-flood", "5 000 records as fast as the line takes them", tiny_flood, 20.0)
    yield Attack("revision-flood", "2 000 revisions of one record", revision_flood)
    yield Attack("rejected-flood", "5 000 entries that are rejected", rejected_flood)


def _kind(name: str) -> Callable[[Stage], Awaitable[str]]:
    async def play(stage: Stage) -> str:
        async with stage.centre() as centre:
            for each in hostile_records.KINDS[name](centre.code, stage.chance):
                await centre.publish([each])
                if not centre.log.entries or len(centre.log.entries) % 8 == 0:
                    await centre.settle()
            return await taken(stage, centre.code)

    return play


async def taken(stage: Stage, code: str) -> str:
    """What does not hold of the hub's account of a centre: it must answer for all it was sent."""
    async with stage.client(timeout=10.0) as client:
        answer = await stage.send(client, "GET", f"{stage.place.hub}/api/v1/centres/{code}")
    return "" if answer is not None and answer.is_success else f"the hub tells nothing of {code}"


async def far_date(stage: Stage) -> str:
    """An index keeps a date as a number, which has an end."""
    async with stage.centre() as centre:
        for text in ("2871-11-26", "2926-01-01", "9999-12-31"):
            record = a_record(record_id(centre.code, stage.chance))
            record.dates.event = record.dates.original = text
            await centre.publish([Hostile(text, log.published(record))])
    return ""


async def deep_html(stage: Stage) -> str:
    """A sanitiser that is quadratic in depth, and is used at every reading."""
    async with stage.centre() as centre:
        record = a_record(record_id(centre.code, stage.chance))
        record.editions[0].body = "<div>" * (content.MAX_BODY_BYTES // 5 - 1) + "x"
        await centre.publish([Hostile("deep", log.published(record))])
        await _read_around(stage, record.id)
    return ""


async def _read_around(stage: Stage, own: str) -> None:
    """A reader opens the record, and the lists that have it."""
    hub = stage.place.hub
    paths = (
        f"api/v1/records/{own}",
        f"en/records/{own}",
        "en/news",
        "en/news.atom",
        "api/v1/records",
    )
    async with stage.client(timeout=30.0) as client:
        for _ in range(2):
            await asyncio.gather(*(stage.send(client, "GET", f"{hub}/{path}") for path in paths))


async def retraction_null(stage: Stage) -> str:
    """A withdrawal is told in feeds for a month, and XML has no U+0000."""
    async with stage.centre() as centre:
        for reason in ("\x00", "a\x0bb", "\ufffe"):
            record = a_record(record_id(centre.code, stage.chance))
            await centre.publish([Hostile("honest", log.published(record))])
            await centre.publish([Hostile("reason", log.retracted(record.id, 1, reason))])
        await _read_around(stage, record.id)
    return ""


async def entry_times(stage: Stage) -> str:
    """Times that a page cannot show."""
    async with stage.centre() as centre:
        for at in hostile_records.TIMES:
            record = a_record(record_id(centre.code, stage.chance))
            record.dates.published = at
            await centre.publish([Hostile(at[:30], log.published(record), at)])
            async with stage.client(timeout=10.0) as client:
                for path in (f"records/{record.id}", f"records/{record.id}/history"):
                    await stage.send(client, "GET", f"{stage.place.hub}/en/{path}")
    return ""


async def everything(stage: Stage) -> str:
    """Every assigned character, in titles, summaries and bodies."""
    async with stage.centre() as centre:
        texts = islice(hostile_text.assigned(), None)
        await centre.publish_entries(_wearing(centre.code, stage, text) for text in texts)
    return ""


def _wearing(code: str, stage: Stage, text: str) -> log_pb2.Entry:
    record = a_record(record_id(code, stage.chance))
    shown = "".join(filter(hostile_text.is_xml, text))[: content.MAX_TITLE - 2]
    edition = record.editions[0]
    edition.title, edition.summary, edition.body = f"T {shown}", shown, f"<p>{text}</p>"
    return log.published(record)


async def compare_flood(stage: Stage) -> str:
    """Questions of one centre are answered in the same queue as those of all others."""
    place = stage.place
    async with stage.centre() as centre, stage.client(timeout=10.0) as client:
        for _ in range(2):
            await centre.flood(transport.compare_subject(centre.code), b"", 6_000)
            await centre.flood(transport.ask_subject(centre.code), b"", 6_000)
        answer = await stage.send(
            client, "POST", f"{place.node}/api/v1/resync", headers=stage.editor()
        )
    good = answer is not None and answer.is_success
    return "" if good else f"{place.centre} cannot compare its log with the hub's"


async def junk(stage: Stage) -> str:
    """Large messages that are no entries."""
    async with stage.centre() as centre:
        await centre.flood(transport.log_subject(centre.code), _JUNK, 150)
    return ""


async def tiny_flood(stage: Stage) -> str:
    """Small valid records, by the thousand."""
    async with stage.centre() as centre:
        await centre.publish_entries(hostile_records.tiny(centre.code, stage.chance, 5_000))
    return ""


async def revision_flood(stage: Stage) -> str:
    """One record, rewritten again and again."""
    async with stage.centre() as centre:
        own = record_id(centre.code, stage.chance)
        await centre.publish_entries(
            log.published(a_record(own, revision)) for revision in range(1, 2_001)
        )
    return ""


async def rejected_flood(stage: Stage) -> str:
    """Entries that are authentic, and not to be applied."""
    async with stage.centre() as centre:
        await centre.publish_entries(
            log.retracted(record_id(centre.code, stage.chance), 1, "nothing") for _ in range(5_000)
        )
    return ""
