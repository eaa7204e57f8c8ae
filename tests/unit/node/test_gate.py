"""Whether entries may be written: open, held for the hub's first word, closed with a reason."""

import threading

import pytest

from bri_node.gate import Gate, LogUnsettled


def test_who_has_nothing_to_lose_writes_at_once() -> None:
    """A node without a hub, or with a key that was only just made."""
    gate = Gate()
    gate.wait()
    gate.check()
    assert gate.is_confirmed


def test_the_hubs_word_lets_writers_go_on() -> None:
    """They wait for it, and no longer."""
    gate = Gate(hold=60)
    assert not gate.is_confirmed
    threading.Timer(0.01, gate.confirm).start()
    gate.wait()
    gate.check()
    assert gate.is_confirmed


def test_without_a_word_writers_go_on_unconfirmed() -> None:
    """Editors work without a line; what they write is not sent yet."""
    gate = Gate(hold=0.01)
    gate.wait()
    gate.check()
    assert not gate.is_confirmed


def test_a_closed_gate_says_why() -> None:
    """503, in words, until the log is whole."""
    gate = Gate(hold=60)
    gate.close("being fetched")
    gate.wait()
    with pytest.raises(LogUnsettled, match="being fetched"):
        gate.check()
    assert not gate.is_confirmed
    gate.confirm()
    gate.check()
