"""The NATS server's configuration on one machine.

What JetStream acknowledges is on disk (`sync_interval: always`), and the server is reached from
this machine alone. Its file store gets a limit of its own: by default it would be three quarters
of what the disk has free, and the stream, which reserves 8 GiB, could not be made on a small one.
"""

import json

from bri_cli.layout import LOOPBACK, Layout


def configuration(layout: Layout) -> str:
    """The text of the configuration file."""
    folder = layout.folder("nats")
    return f"""\
listen: "{LOOPBACK}:{layout.port("nats")}"
server_name: "bri"
max_payload: 8MB
pid_file: {json.dumps(str(folder / "nats.pid"))}
jetstream {{
  store_dir: {json.dumps(str(folder / "store"))}
  max_file_store: 18GB
  sync_interval: always
}}
"""


def write_configuration(layout: Layout) -> str:
    """Write the file; answers its path."""
    path = layout.folder("nats") / "nats.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(configuration(layout))
    return str(path)
