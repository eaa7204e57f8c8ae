"""`python -m bri_hub`: the hub, told by BRI_HUB_* what it needs to know."""

from bri_hub.app import main

main()
