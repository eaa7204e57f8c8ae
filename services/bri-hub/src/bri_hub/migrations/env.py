"""Run by Alembic for each step; see `bri_kit.migrations`."""

from alembic import context

from bri_kit.migrations import run_steps

run_steps(context)
