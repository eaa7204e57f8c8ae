"""Records come, change and go; the cursor says how far."""

import threading
from collections.abc import Callable

from bri_retrieval.engine import Change, Engine, Query
from tests.contract.engines.conftest import Shelf, a_record


def test_an_empty_engine_has_nothing(shelf: Shelf) -> None:
    """Cursor and count are 0, every question is answered with nothing."""
    assert (shelf.engine.cursor(), shelf.engine.count()) == (0, 0)
    assert shelf.ask().total == shelf.ask("waste").total == 0
    assert shelf.suggested("was") == []


def test_what_is_not_committed_is_not_found(shelf: Shelf) -> None:
    """Records and cursor appear together, with the commit."""
    record = a_record(1, en="Waste")
    shelf.engine.apply([Change(7, record.id, record)])
    assert (shelf.engine.cursor(), shelf.ask("waste").total) == (0, 0)
    shelf.engine.commit()
    assert (shelf.engine.cursor(), shelf.ask("waste").total) == (7, 1)


def test_a_record_is_kept_once(shelf: Shelf) -> None:
    """The same change twice, in one batch or two, leaves one record."""
    record = a_record(1, en="Waste")
    shelf.engine.apply([Change(1, record.id, record), Change(1, record.id, record)])
    shelf.engine.apply([Change(1, record.id, record)])
    shelf.engine.commit()
    shelf.engine.apply([Change(1, record.id, record)])
    shelf.engine.commit()
    assert (shelf.engine.count(), shelf.ask("waste").total) == (1, 1)


def test_the_newest_revision_replaces_the_others(shelf: Shelf) -> None:
    """Words that a revision no longer has do not find it."""
    shelf.put(a_record(1, en="Landfill"))
    shelf.put(a_record(1, en="Incinerator"))
    assert shelf.titles("landfill") == []
    assert shelf.titles("incinerator") == ["Incinerator"]


def test_of_one_batch_the_last_change_counts(shelf: Shelf) -> None:
    """Published, withdrawn and published again in one batch: it is there, as it was last."""
    old, new = a_record(1, en="Old"), a_record(1, en="New")
    shelf.engine.apply([Change(1, old.id, old), Change(2, old.id, None), Change(3, new.id, new)])
    shelf.engine.commit()
    assert shelf.titles() == ["New"]


def test_what_is_withdrawn_is_not_found(shelf: Shelf) -> None:
    """Neither by words nor in lists, facets or suggestions."""
    record = a_record(1, en="Solid waste", topics=("solid-waste",))
    shelf.put(record)
    shelf.remove(record)
    assert shelf.engine.count() == 0
    assert shelf.ask("waste").total == shelf.ask().total == 0
    assert shelf.suggested("solid") == []


def test_the_cursor_moves_with_withdrawals_too(shelf: Shelf) -> None:
    """A change that only takes away is a change; one of an unknown record too."""
    shelf.engine.apply([Change(9, "sco:unknown", None)])
    shelf.engine.commit()
    assert (shelf.engine.cursor(), shelf.engine.count()) == (9, 0)


def test_records_and_cursor_survive_a_restart(open_engine: Callable[[], Engine]) -> None:
    """An engine opened again goes on where it was committed, and gives up the rest."""
    engine = open_engine()
    first, second = a_record(1, en="Kept"), a_record(2, en="Given up")
    engine.apply([Change(1, first.id, first)])
    engine.commit()
    engine.apply([Change(2, second.id, second)])
    engine.close()
    engine = open_engine()
    assert (engine.cursor(), engine.count()) == (1, 1)
    assert [hit.title for hit in engine.search(Query()).hits] == ["Kept"]


def test_a_dropped_index_is_empty(
    open_engine: Callable[[], Engine], drop_index: Callable[[], None]
) -> None:
    """Without its files an engine says 0 and can be filled."""
    engine = open_engine()
    Shelf(engine).put(a_record(1, en="Waste"))
    engine.close()
    drop_index()
    engine = open_engine()
    assert (engine.cursor(), engine.count()) == (0, 0)
    Shelf(engine).put(a_record(1, en="Waste"))
    assert engine.count() == 1


def test_clearing_forgets_everything(shelf: Shelf) -> None:
    """Also what was not committed yet; afterwards the engine fills as a new one does."""
    shelf.put(a_record(1, en="Waste"))
    waiting = a_record(2, en="Waiting")
    shelf.engine.apply([Change(2, waiting.id, waiting)])
    shelf.engine.clear()
    assert (shelf.engine.cursor(), shelf.engine.count(), shelf.ask().total) == (0, 0, 0)
    shelf.engine.apply([Change(1, waiting.id, waiting)])
    shelf.engine.commit()
    assert (shelf.engine.cursor(), shelf.engine.count()) == (1, 1)


def test_readers_may_ask_while_one_writes(shelf: Shelf) -> None:
    """Searches from several threads never fail, and see every commit whole."""
    shelf.put(*(a_record(number, en="Waste report") for number in range(20)))
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert shelf.ask("waste reports").total % 20 == 0
                shelf.suggested("was")
        except BaseException as failure:  # noqa: BLE001 - a panic of the library is none
            failures.append(failure)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for round_ in range(1, 10):
        first = round_ * 20
        shelf.put(*(a_record(first + number, en="Waste report") for number in range(20)))
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert shelf.ask("waste").total == 200


def test_the_epoch_is_kept_with_the_cursor(open_engine: Callable[[], Engine]) -> None:
    """It appears with the commit and survives a restart; what is cleared has none."""
    engine = open_engine()
    assert engine.epoch() == ""
    record = a_record(1, en="Waste")
    engine.enter_epoch("first")
    engine.apply([Change(1, record.id, record)])
    assert engine.epoch() == ""
    engine.commit()
    assert (engine.cursor(), engine.epoch()) == (1, "first")
    engine.close()
    engine = open_engine()
    assert (engine.cursor(), engine.epoch()) == (1, "first")
    engine.clear()
    assert (engine.cursor(), engine.epoch()) == (0, "")
