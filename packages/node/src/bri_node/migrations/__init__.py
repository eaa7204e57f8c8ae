"""The revisions of a node's database."""

from pathlib import Path

from bri_kit.migrations import Schema

SCHEMA = Schema("node", Path(__file__).parent, mark="log_head")
