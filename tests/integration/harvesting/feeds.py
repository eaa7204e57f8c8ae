"""Feeds to be read."""


def feed_of(*items: str, language: str = "en") -> str:
    """An RSS 2.0 feed with these items."""
    head = f"<title>Waste News</title><link>https://example.org/</link><language>{language}"
    return f'<rss version="2.0"><channel>{head}</language>{"".join(items)}</channel></rss>'


def item_of(**fields: str) -> str:
    return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</item>"
