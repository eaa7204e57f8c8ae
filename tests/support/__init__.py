"""What several kinds of tests stand on: real servers on free ports, waiting without sleeping."""
