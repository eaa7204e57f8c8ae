"""HTML is made safe and keeps its meaning."""

import pytest

from bri_kit import html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="&#106;avascript:alert(1)">x</a>',
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<form action=//evil><button>go</button></form>",
        "<h1 onclick=alert(1)>x</h1>",
    ],
)
def test_nothing_that_could_run_is_left(hostile: str) -> None:
    """Scripts, handlers, foreign schemes, styles, frames and forms do not survive."""
    clean = html.sanitise(hostile).lower()
    for trace in ("script", "onerror", "onload", "onclick", "style", "iframe", "form", "svg"):
        assert trace not in clean


def test_a_top_heading_steps_down() -> None:
    """A page has one h1, its title; a body's own becomes an h2."""
    assert html.sanitise("<H1 class=a>One</H1>") == "<h2>One</h2>"
    assert html.from_markdown("# One") == "<h2>One</h2>\n"


def test_markdown_has_tables_and_no_raw_scripts() -> None:
    """Markdown gives tables; HTML inside it is made safe like any other."""
    clean = html.from_markdown("|a|b|\n|-|-|\n|1|2|\n\n<script>alert(1)</script>\n\n**bold**")
    assert "<td>1</td>" in clean
    assert "<strong>bold</strong>" in clean
    assert "alert" not in clean


def test_plain_text_keeps_lines_and_characters() -> None:
    """Blocks become lines, cells words, entities characters."""
    source = (
        "<h2>Waste &amp; water</h2><p>one<br>two</p><table><tr><td>a</td><td>b</td></tr></table>"
    )
    assert html.plain_text(source) == "Waste & water\none\ntwo\na b"
    assert html.plain_text("1 &lt; 2") == "1 < 2"
