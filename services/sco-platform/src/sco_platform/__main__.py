"""Run this centre's node: `python -m sco_platform`."""

from bri_node.app import run
from sco_platform.profile import PROFILE

run(PROFILE)
