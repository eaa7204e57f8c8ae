"""Benchmarks: figures and ratios to the bare component of the same run, never pass or fail."""
