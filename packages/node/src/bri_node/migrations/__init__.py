"""The revisions of a node's database."""

from pathlib import Path

from bri_kit.migrations import Schema

REMEDY = (
    "stop the node and restore its newest backup ('bri restore'); do not delete the database: it "
    "is the only place that holds this centre's log and drafts"
)
SCHEMA = Schema("node", Path(__file__).parent, mark="log_head", remedy=REMEDY)
