"""The revisions of the hub's database."""

from pathlib import Path

from bri_kit.migrations import Schema

SCHEMA = Schema("hub", Path(__file__).parent, mark="centre")
