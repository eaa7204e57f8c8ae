"""Fault tests: a real federation under load, while everything that can break is broken."""
