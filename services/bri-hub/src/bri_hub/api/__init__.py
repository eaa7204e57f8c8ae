"""The hub's public API: everything that was published, for everyone, to read."""
