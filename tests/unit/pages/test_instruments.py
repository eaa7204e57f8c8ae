"""Legal instruments that name each other by their numbers."""

from typing import Any

from bri_pages.instruments import find_ties
from bri_pages.source import RecordView
from bri_retrieval.engine import Results
from tests.unit.pages.source import ID, PROVENANCE, MemorySource, hit, record, visiting


def law(name: str, number: str, **changes: Any) -> dict[str, Any]:
    policy = {"number": number, "amends": [], "repeals": [], "status": "in-force"} | changes
    return record(id=name, kind="policy", policy=policy)


OTHERS = [
    law("sco:AMENDS", "31-ФЗ", amends=["№ 89-ФЗ"]),
    law("sco:REPEALS", "99-ФЗ", repeals=["89‑ФЗ"]),
    law("sco:MENTIONS", "7-ФЗ"),
]


def source() -> MemorySource:
    hits = [hit(id=each["id"], kind="policy") for each in OTHERS]
    return MemorySource(Results(3, [*hits, hit(id=ID)]), others=OTHERS)


async def test_who_amends_and_repeals_is_found_by_number() -> None:
    """However a number is written; who only mentions it is left out, and so is the law itself."""
    ties = await find_ties(source(), law(ID, "89 фз"), "en")
    assert [each["id"] for each in ties.amended_by] == ["sco:AMENDS"]
    assert [each["id"] for each in ties.repealed_by] == ["sco:REPEALS"]


async def test_what_is_amended_is_a_link_where_it_is_here() -> None:
    """A number that is a record's leads to it; another is told as it stands."""
    ties = await find_ties(source(), law(ID, "1-ФЗ", amends=["7-ФЗ"], repeals=["5-ФЗ"]), "en")
    assert [each.record and each.record["id"] for each in ties.amends] == ["sco:MENTIONS"]
    assert [(each.number, each.record) for each in ties.repeals] == [("5-ФЗ", None)]


async def test_records_are_named_by_identifier_too() -> None:
    """Both ways, and also where search is away for what this one names."""
    other = "sco:01JD4XG2Q70000000000000001"
    known = MemorySource(
        Results(1, [hit(id=other, kind="policy")]), others=[law(other, "", amends=[ID])]
    )
    assert [each["id"] for each in (await find_ties(known, law(ID, ""), "en")).amended_by] == [
        other
    ]
    known.is_search_away = True
    ties = await find_ties(known, law(ID, "", repeals=[other]), "en")
    assert [each.record and each.record["id"] for each in ties.repeals] == [other]


async def test_without_search_numbers_are_told_as_they_stand() -> None:
    """A law's page needs no search."""
    away = MemorySource(is_search_away=True)
    ties = await find_ties(away, law(ID, "1-ФЗ", amends=["7-ФЗ"]), "en")
    assert [(each.number, each.record) for each in ties.amends] == [("7-ФЗ", None)]


async def test_a_law_shows_what_changed_it() -> None:
    """On its page, by titles that lead there."""
    known = source()
    known.view = RecordView(law(ID, "89-ФЗ"), PROVENANCE)
    async with visiting(known) as reader:
        text = (await reader.get(f"/en/records/{ID}")).text
    assert "Repealed by" in text
    assert 'href="/en/records/sco:REPEALS"' in text
    assert "sco:MENTIONS" not in text
