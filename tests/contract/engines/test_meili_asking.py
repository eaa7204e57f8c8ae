"""How little an index on a server is asked, and what no question makes of it."""

from pathlib import Path
from typing import Any

import pytest

from bri_retrieval.engine import Change, Query
from bri_retrieval.meili import MeiliEngine, remembering
from bri_retrieval.meili.server import Server
from tests.contract.engines.conftest import Shelf, a_record
from tests.support.meili import MeiliPlace


def test_a_question_asked_again_costs_one_request(
    meili: MeiliPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts, readings and documents are remembered until something is committed; then whatever
    changed is asked for again."""
    engine = MeiliEngine(meili.url, meili.key, meili.index_for(tmp_path))
    shelf = Shelf(engine)
    shelf.put(a_record(1, en="Solid waste"), a_record(2, en="Water"))
    first = shelf.ask("waste")
    paths: list[str] = []
    ask = Server.ask

    def noting(server: Server, path: str, *rest: Any) -> Any:
        paths.append(path)
        return ask(server, path, *rest)

    monkeypatch.setattr(Server, "ask", noting)
    assert shelf.ask("waste") == first
    assert paths == ["/multi-search"]
    shelf.put(a_record(1, en="Solid waste, revised"))
    assert shelf.titles("waste") == ["Solid waste, revised"]
    assert shelf.ask("revised").total == 1
    engine.close()


def test_what_is_remembered_is_bounded(
    meili: MeiliPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest unused goes first, and is asked for again when it is wanted."""
    monkeypatch.setattr(remembering, "KEPT_BYTES", 600)
    monkeypatch.setattr(remembering, "MOST_ANSWERS", 3)
    engine = MeiliEngine(meili.url, meili.key, meili.index_for(tmp_path))
    shelf = Shelf(engine)
    shelf.put(*(a_record(n, en=(f"Waste {n}", "About waste. " * 9)) for n in range(1, 9)))
    for _ in range(2):
        assert len(shelf.titles("waste")) == 8
        assert [shelf.titles(f"waste {n}")[0] for n in (1, 5, 8)] == [
            "Waste 1",
            "Waste 5",
            "Waste 8",
        ]
    engine.close()


@pytest.mark.parametrize(
    "value", ['x" OR shown = true OR kind = "', "\\", '\\\\"', "\x00", "a" * 5_000, "\ud800", "₣"]
)
def test_no_filter_value_ends_the_filter(meili: MeiliPlace, tmp_path: Path, value: str) -> None:
    """It is a value that nothing has."""
    engine = MeiliEngine(meili.url, meili.key, meili.index_for(tmp_path))
    Shelf(engine).put(a_record(1, en="Waste", countries=("KZ",)))
    assert engine.search(Query(countries=[value])).total == 0
    assert engine.search(Query("waste", countries=[value, "KZ"])).total == 1
    engine.close()


def test_identifiers_of_any_kind_are_kept_apart(meili: MeiliPlace, tmp_path: Path) -> None:
    """Meilisearch allows few characters in names; ours are spelt out in them."""
    engine = MeiliEngine(meili.url, meili.key, meili.index_for(tmp_path))
    names = ["sco:1", "sco_1", "sco-1", "sco 1", "号:1"]
    for number, each in enumerate(names, 1):
        record = a_record(number, en="Waste")
        record.id = each
        engine.apply([Change(number, each, record)])
    engine.commit()
    assert {hit.id for hit in engine.search(Query("waste")).hits} == set(names)
    engine.close()
