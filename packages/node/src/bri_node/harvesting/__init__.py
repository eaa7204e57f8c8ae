"""Bringing what a centre already has: its sources are read on a schedule and become records."""
