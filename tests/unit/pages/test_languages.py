"""Which language a reader is sent to."""

import pytest

from bri_pages.languages import preferred

OFFERED = ("zh", "en", "ru")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("kk, ru;q=0.5, en;q=0.4", "ru"),
        ("en;q=0.2, zh-Hans-CN;q=0.7", "zh"),
        ("fr, de", "zh"),
        ("", "zh"),
        ("*", "zh"),
        ("en;q=nonsense, ru", "ru"),
        (";;;,,,q=1", "zh"),
        ("x" * 100_000, "zh"),
    ],
)
def test_the_browser_is_asked(header: str, language: str) -> None:
    """The best liked language that the site has wins; a header without any means the first."""
    assert preferred(header, OFFERED) == language
