"""`bri status`: how every centre, search and this machine stand."""

from pathlib import Path

from bri_cli import options
from bri_cli.layout import Layout
from bri_cli.outcome import DONE
from bri_cli.screen import print_json


def status(
    hub: options.Hub = "",
    data: options.Data = Path("var"),
    as_json: options.AsJson = False,
) -> int:
    """Show how far every centre's log has come, how delivery goes, and what it takes in memory.

    Memory is shown where the federation runs on this machine's data folder.

    \b
    Examples:
      bri status
      bri status --hub https://hub.example.org --json

    Exit status: 1 where the hub cannot be reached.
    """
    from bri_cli import running
    from bri_cli.standing import gather

    layout = Layout(data.absolute())
    found = running.read(layout)
    if found is not None and not hub:
        hub = Layout(layout.data, found.port_base, found.host).url("hub")
    document = gather(hub or options.default_hub(), layout)
    if as_json:
        print_json(document)
        return DONE
    from bri_cli.dashboard import print_standing

    print_standing(document)
    return DONE
