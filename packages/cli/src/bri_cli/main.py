"""What the installed `bri` command runs.

An order to stop is obeyed from the first moment: until `bri up` listens to signals itself there is
nothing to stop, and that is done. So nothing is imported before this.
"""

import signal
import sys


def run() -> None:
    """Run the command line of this process."""
    if sys.argv[1:2] == ["up"]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
    from bri_cli.application import call
    from bri_kit.file_modes import restrict

    restrict()
    sys.exit(call())
