"""How a command ends: with a status that programs can rely on, and one line that says why.

| status | means |
| --- | --- |
| 0 | it was done (a search without hits is done too) |
| 1 | the answer is no: not reached, not genuine, not everything imported, not healthy |
| 2 | it could not be begun: wrong usage, a port in use, missing data, a refused token |
"""

DONE = 0
NEGATIVE = 1
NOT_BEGUN = 2


class CommandFailed(Exception):
    """A command cannot go on; the message is the one line that the person sees."""

    status = NEGATIVE


class NotBegun(CommandFailed):
    """Nothing was done, because something that is needed is wrong or missing."""

    status = NOT_BEGUN
