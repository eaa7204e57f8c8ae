"""HTML is well-nested and bounded before it is sanitised, and proven where it was before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bri_kit import html, html_proof
from bri_kit.html import TooDeep
from bri_kit.html_nesting import balance

TAGS = "p div b i a span ul li dl dt dd table tr td h1 h3 pre em section svg math script br img x-y"


def test_a_hundred_levels_are_taken_and_one_more_is_not() -> None:
    """The bound counts open elements, also those that are not kept."""
    for tag in ("div", "section", "b"):
        assert not html.is_too_deep(f"<{tag}>" * 100 + "x")
        assert html.is_too_deep(f"<{tag}>" * 101 + "x")
        with pytest.raises(TooDeep):
            html.sanitise(f"<{tag}>" * 101 + "x")


@pytest.mark.parametrize(
    "text",
    [
        "<p>x" * 500,
        "<ul>" + "<li>x" * 500 + "</ul>",
        "<table>" + "<tr><td>1<td>2" * 500 + "</table>",
        "<dl>" + "<dt>a<dd>b" * 500 + "</dl>",
        "x<br>" * 500,
        "<p><b>x" * 500,
        "<a href='https://a.example/'>x" * 500,
        "<ruby>" + "x<rt>y" * 500 + "</ruby>",
    ],
)
def test_what_closes_by_itself_is_not_deep(text: str) -> None:
    """Paragraphs, items, rows and cells need no end tags, and links close each other."""
    assert not html.is_too_deep(text)
    assert html.has_text(html.sanitise(text))


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ("<!-- </div> -->", "<div>"),
        ('<p title="</div>">', "<div>"),
        ("<textarea></div></textarea>", "<div>"),
    ],
)
def test_ends_that_are_none_do_not_count(hidden: str, seen: str) -> None:
    """An end tag in a comment, an attribute or raw text closes nothing."""
    assert html.is_too_deep((seen + hidden) * 200)


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("<b>1<i>2</b>3</i>", "<b>1<i>2</i></b><i>3</i>"),
        ("<b><div>1</b>2</div>3", "<b><div>1</div></b><div>2</div>3"),
        ("<p>a<section>b</section>c</p>", "<p>a</p>bc"),
        (
            "<table>1<tr><td>2</table>",
            "<table><tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table>",
        ),
        ("1<2 and <!x> 3", "1&lt;2 and  3"),
        ("<noscript><p>x</p></noscript>", "<p>x</p>"),
        ("<math><mi>x</mi></math>", "x"),
    ],
)
def test_misnested_markup_keeps_its_sense(source: str, clean: str) -> None:
    """What was open goes on where its neighbour ended; nothing is lost but tags."""
    assert html.sanitise(source) == clean


@pytest.mark.parametrize("tag", ["table", "div", "b", "li", "tr", "ul><li"])
@pytest.mark.parametrize("depth", [30, 34, 50, 99, 101])
def test_what_is_found_too_deep_is_what_the_sanitiser_refuses(tag: str, depth: int) -> None:
    """Also where a tag opens more elements than its own: a table in a table has a row and cell."""
    body = f"<{tag}>" * depth + "deep"
    try:
        html.sanitise(body)
    except html.TooDeep:
        assert html.is_too_deep(body)
    else:
        assert not html.is_too_deep(body)


pieces = st.lists(
    st.one_of(
        st.sampled_from(TAGS.split()).map("<{}>".format),
        st.sampled_from(TAGS.split()).map("</{}>".format),
        st.sampled_from(
            ["text", " ", "&amp;", "&", "<", "<!--c-->", "\n", "\u00a0", "<a href='x>y'>"]
        ),
    ),
    max_size=15,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(pieces)
def test_what_is_proven_is_what_the_sanitiser_gives(source: str) -> None:
    """The proof that a body is safe says so only of what the sanitiser itself leaves alone."""
    for text in (source, html.sanitise(source)):
        if html_proof.is_sanitised(text):
            assert html._CLEANER.clean(text) == text


@settings(max_examples=200, deadline=None)
@given(pieces)
def test_well_nested_markup_is_left_alone(source: str) -> None:
    """What was made well-nested once stays as it is."""
    once = balance(source)
    assert balance(once) == once
