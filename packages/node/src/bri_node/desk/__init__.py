"""The editor's desk: pages at which a centre's people write, review, publish and withdraw."""
