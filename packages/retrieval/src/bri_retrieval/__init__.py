"""Search across languages: what a query is, how text is analysed, and the engines that answer."""
