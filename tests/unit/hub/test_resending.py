"""When a centre is asked to send entries again."""

from bri_hub.domain import Gap
from bri_hub.resending import MAX_ENTRIES, PATIENCE_SECONDS, Reminders


def test_what_is_missing_is_asked_for_at_once_and_only_once() -> None:
    """The batches that come while the answer is under way do not ask again."""
    reminders = Reminders()
    assert reminders.next_request("sco", Gap(2, 4), 0.0) == Gap(2, 4)
    assert reminders.next_request("sco", Gap(2, 4), 1.0) is None
    assert reminders.next_request("asean", Gap(2, 4), 1.0) == Gap(2, 4)


def test_a_request_that_nothing_came_of_is_repeated() -> None:
    """Requests are hints, and hints may be lost."""
    reminders = Reminders()
    reminders.next_request("sco", Gap(2, 4), 0.0)
    assert reminders.next_request("sco", Gap(2, 4), PATIENCE_SECONDS) == Gap(2, 4)


def test_while_entries_come_in_nothing_is_asked() -> None:
    """Progress renews patience."""
    reminders = Reminders()
    reminders.next_request("sco", Gap(2, 9), 0.0)
    assert reminders.next_request("sco", Gap(5, 9), 4.0) is None
    assert reminders.next_request("sco", Gap(5, 9), 8.0) is None
    assert reminders.next_request("sco", Gap(5, 9), 9.0) == Gap(5, 9)


def test_the_next_gap_is_asked_for_when_the_first_is_filled() -> None:
    """Without waiting."""
    reminders = Reminders()
    reminders.next_request("sco", Gap(2, 4), 0.0)
    assert reminders.next_request("sco", Gap(7, 8), 0.1) == Gap(7, 8)


def test_a_large_gap_is_asked_for_a_part_at_a_time() -> None:
    """A centre that was away for long is not asked for everything at once."""
    reminders = Reminders()
    assert reminders.next_request("sco", Gap(1, 10**9), 0.0) == Gap(1, MAX_ENTRIES)
    following = Gap(MAX_ENTRIES + 1, 10**9)
    assert reminders.next_request("sco", following, 0.1) == Gap(MAX_ENTRIES + 1, 2 * MAX_ENTRIES)


def test_a_healed_log_is_forgotten() -> None:
    """The same numbers missing once more are asked for at once."""
    reminders = Reminders()
    reminders.next_request("sco", Gap(2, 4), 0.0)
    assert reminders.next_request("sco", None, 0.1) is None
    assert reminders.next_request("sco", Gap(2, 4), 0.2) == Gap(2, 4)
