"""Attacks on a running federation, as an admitted centre, a contributor, an editor and an anonymous
reader can make them, each at a bounded rate and for a bounded time, against this machine alone."""
