"""What every service of the federation shares. Nothing here knows a node from the hub."""
