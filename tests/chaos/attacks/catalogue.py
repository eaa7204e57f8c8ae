"""All attacks, by name."""

from collections.abc import Mapping

from tests.chaos.attacks import bodies, entries, questions, rights
from tests.chaos.attacks.stage import Attack

ATTACKS: Mapping[str, Attack] = {
    attack.name: attack
    for module in (questions, entries, bodies, rights)
    for attack in module.attacks()
}
