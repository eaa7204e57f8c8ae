"""Giving back at the hub: harvests by set and time, dumps, and changes for mirrors."""
