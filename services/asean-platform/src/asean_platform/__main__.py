"""Run this centre's node: `python -m asean_platform`."""

from asean_platform.profile import PROFILE
from bri_node.app import run

run(PROFILE)
