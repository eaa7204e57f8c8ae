"""The verdict on one attack, and the table of all."""

from typing import Any

import pytest

from tests.chaos.attacks.catalogue import ATTACKS
from tests.chaos.attacks.verdicts import Verdict, table
from tests.chaos.observations import Report


def verdict(**parts: Any) -> Verdict:
    return Verdict("an-attack", "once", **{"report": Report(), **parts})


def test_an_attack_that_nobody_noticed_held() -> None:
    held = verdict(report=Report(worst={"hub healthz": 0.2, "sco search": 0.4, "hub list": 3.0}))
    assert held.broken == []
    assert (held.healthz, held.search, held.pages) == (0.2, 0.4, 3.0)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"report": Report(broken=["hub search took 2.0 s"])}, "hub search took 2.0 s"),
        ({"ended": ["search: killed by SIGABRT"]}, "ended: search: killed by SIGABRT"),
        ({"problem": "the same key for both"}, "the same key for both"),
        ({"statuses": {500: 2, 503: 9}}, "2 answers to the attacker were 500"),
    ],
)
def test_what_breaks_a_promise_is_told(parts: dict[str, Any], what: str) -> None:
    broken = verdict(**parts)
    assert broken.broken == [what]
    assert any(line.strip() == what for line in table([broken]))


def test_an_attacker_may_be_refused() -> None:
    """It is how a service protects itself."""
    assert verdict(statuses={401: 9, 413: 1, 422: 3, 429: 140, 503: 2, 0: 1}).broken == []


def test_the_table_counts_what_broke() -> None:
    *_, last = table([verdict(), verdict(problem="x")])
    assert last == "2 attacks, 1 broke what is promised (1 s)"


def test_every_attack_says_its_rate_and_has_a_name_of_its_own() -> None:
    assert len(ATTACKS) >= 30
    assert all(attack.name == name and attack.what for name, attack in ATTACKS.items())
