"""Playing one attack, to its end or until it has had its time."""

import asyncio

from tests.chaos.attacks.stage import Attack, Stage

LONGEST_SECONDS = 120.0


async def play(attack: Attack, stage: Stage) -> str:
    """What did not hold beyond availability, the attack's own end included."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await attack.play(stage)
    except TimeoutError:
        return f"it was not over after {LONGEST_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever stopped it is what is told
        return f"it could not be played to its end: {error!r}"[:200]
