"""The engine of every centre's platform; a centre is a `Profile` and three lines that run it."""
