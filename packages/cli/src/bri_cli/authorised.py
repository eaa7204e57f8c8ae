"""What is asked of a service with a token: without one nothing is asked, and the way to one is
told. A decision at the hub needs a reason as well, which the hub keeps.
"""

from typing import TYPE_CHECKING

from bri_cli import options
from bri_cli.outcome import NotBegun
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bri_client import Call
    from bri_client.call import Result


def need_token(token: str, *, hub: bool = False) -> None:
    """Raises NotBegun, with the way to a token of a centre or of the hub, where there is none."""
    if not token:
        way = f"bri token create --{'hub' if hub else 'help'}"
        raise NotBegun(f"a token is needed: --token or BRI_TOKEN (see '{way}')")


def decide(
    hub: str,
    token: str,
    reason: str,
    call: "Call[Result]",
    line: "Callable[[Result], str]",
    as_json: bool,
) -> "Result":
    """Have the hub decide, the one on this machine unless named, and print what became of it: whole
    as JSON, or as a `line`.

    Raises NotBegun without a token or a reason, else as `Remote.ask` does.
    """
    from bri_cli.remote import Remote

    need_token(token, hub=True)
    if not reason.strip():
        raise NotBegun("--reason must not be blank")
    with Remote(hub or options.default_hub(), token) as remote:
        document = remote.ask(call)
    if as_json:
        print_json(document)
    else:
        print(line(document))
    return document
