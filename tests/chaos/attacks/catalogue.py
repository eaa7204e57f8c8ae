"""All attacks, by name."""

from collections.abc import Mapping

from tests.chaos.attacks import bodies, characters, entries, questions, rights
from tests.chaos.attacks.stage import Attack

ATTACKS: Mapping[str, Attack] = {
    attack.name: attack
    for module in (questions, entries, bodies, rights, characters)
    for attack in module.attacks()
}
