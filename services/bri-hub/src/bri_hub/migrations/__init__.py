"""The revisions of the hub's database."""

from pathlib import Path

from bri_kit.migrations import Schema

REMEDY = (
    "stop the hub and restore its newest backup ('bri restore'); without one, delete hub.db and "
    "the files hub.db-wal and hub.db-shm beside it: all records are filled in again from the "
    "centres' logs, but admissions, tokens and subscriptions have to be made again"
)
SCHEMA = Schema("hub", Path(__file__).parent, mark="centre", remedy=REMEDY)
