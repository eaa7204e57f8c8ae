"""A record's page: editions, a law's life, where it comes from, and what a text may hold."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bri_kit.keyring import Tenure
from bri_pages.source import RecordView
from tests.unit.pages.source import ID, PROVENANCE, MemorySource, full, record, view, visiting


async def test_the_edition_is_the_readers() -> None:
    """A reader gets their own language, another where the address asks for it, and is told where
    there is none."""
    async with visiting(full()) as reader:
        assert '<h1 lang="ru"' in (await reader.get(f"/ru/records/{ID}")).text
        assert '<h1 lang="zh"' in (await reader.get(f"/ru/records/{ID}?edition=zh")).text
        assert '<h1 lang="ru"' in (await reader.get(f"/ru/records/{ID}?edition=xx")).text
    editions = {"zh": record()["editions"]["zh"]}
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    assert "There is no edition in your language yet; this one is in Chinese." in text


@pytest.mark.parametrize(
    ("mark", "words"),
    [({"origin": "machine"}, "translated by a machine"), ({"stale": True}, "has changed since")],
)
async def test_editions_say_what_they_are(mark: dict[str, Any], words: str) -> None:
    """A machine's translation and an outdated one are marked."""
    editions = record()["editions"]
    editions["en"] |= mark
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        assert words in (await reader.get(f"/en/records/{ID}")).text


async def test_the_status_line_of_a_law() -> None:
    """Adopted, in force, amended: in their order, with their days, the present one marked."""
    policy = {
        "jurisdiction": "RU", "instrument": "law", "number": "89-ФЗ", "authority": "",
        "status": "amended", "adopted": "1998-06-24", "in_force": "1998-06-30",
        "amends": ["№ 1"], "repeals": [],
    }  # fmt: skip
    async with visiting(MemorySource(view=view(kind="policy", policy=policy))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    line = text.partition("statusline")[2].partition("</ol>")[0]
    assert re.findall(r"<strong>([^<]*)", line) == ["Adopted", "In force", "Amended"]
    assert line.index("1998-06-24") < line.index("1998-06-30") < line.index('aria-current="step"')


async def test_pictures_elsewhere_are_links() -> None:
    """A page loads nothing from another host, and still leads to it."""
    editions = record()["editions"]
    editions["en"]["body"] = '<p><img src="https://example.org/a.png" alt="A map"></p>'
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    assert '<img src="https' not in text
    assert '<a href="https://example.org/a.png" rel="noopener noreferrer">A map</a>' in text


async def test_linked_data_cannot_end_its_element() -> None:
    """A title that looks like the end of a script element stays inside the JSON."""
    editions = record()["editions"]
    editions["en"]["title"] = "</script><script>alert(1)</script>"
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    assert "<script>alert" not in text
    assert '"@type":"NewsArticle"' in text


async def test_editions_run_in_their_own_direction() -> None:
    """Persian from right to left, in a page that runs from left to right."""
    editions = record()["editions"]
    editions["fa"] = editions["en"] | {"title": "حفاظت", "body": "<p>متن</p>"}
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        text = (await reader.get(f"/en/records/{ID}?edition=fa")).text
    assert '<html lang="en" dir="ltr">' in text
    assert '<h1 lang="fa" dir="rtl">حفاظت</h1>' in text


async def test_a_proof_tells_keys_and_who_vouches() -> None:
    """The entry that vouches for this one, and every key that the centre ever had."""
    keys = (Tenure(b"a" * 32, 1, 5, revoked=True), Tenure(b"b" * 32, 6))
    proof = replace(PROVENANCE, vouched_by=9, keys=keys)
    async with visiting(MemorySource(view=RecordView(record(), proof))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    assert "the signature of entry 9 vouches for it" in text
    assert "entries 1 to 5" in text
    assert "from entry 6 on" in text
    assert text.count("revoked") == 1


async def test_wide_tables_scroll_by_themselves() -> None:
    """So that the page does not, and by keyboard too."""
    editions = record()["editions"]
    editions["en"]["body"] = "<table><tr><td>1</td></tr></table>"
    async with visiting(MemorySource(view=view(editions=editions))) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    wanted = '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>'
    assert wanted in text
    assert "</table></div>" in text
