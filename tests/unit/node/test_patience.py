"""When entries are sent again."""

from bri_node.patience import Patience


def test_a_hub_that_has_everything_is_sent_nothing_again() -> None:
    patience = Patience(first=15)
    assert not any(patience.heard(7, 7, now) for now in (0.0, 100.0, 1000.0))


def test_a_hub_that_makes_progress_is_let_alone() -> None:
    patience = Patience(first=15)
    assert not any(patience.heard(int(now), 9999, now) for now in (0.0, 14.0, 28.0, 500.0))


def test_without_progress_entries_go_again_after_waits_that_double_up_to_a_limit() -> None:
    patience = Patience(first=15, longest=60)
    again = [now for now in range(400) if patience.heard(3, 9, float(now))]
    assert again == [15, 45, 105, 165, 225, 285, 345]


def test_progress_makes_the_wait_short_again() -> None:
    patience = Patience(first=15, longest=60)
    assert [now for now in range(60) if patience.heard(3, 9, float(now))] == [15, 45]
    assert [now for now in range(60, 90) if patience.heard(4, 9, float(now))] == [75]


def test_an_entry_after_a_quiet_hour_is_not_sent_twice_at_once() -> None:
    patience = Patience(first=15)
    assert not patience.heard(7, 7, 0.0)
    assert not patience.heard(7, 7, 3590.0)
    assert not patience.heard(7, 8, 3600.0)
    assert patience.heard(7, 8, 3605.0)


def test_a_hub_restored_from_a_backup_gets_what_it_lost() -> None:
    patience = Patience(first=15)
    assert not patience.heard(9, 9, 0.0)
    assert not patience.heard(4, 9, 10.0)
    assert patience.heard(4, 9, 25.0)
