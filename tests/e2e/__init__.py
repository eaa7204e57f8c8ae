"""A real federation, driven from outside."""
