"""Markup of sources: nothing is cut that is not markup, nothing vanishes without a word."""

import time

import pytest

from bri_harvesting.markup import address, clean, line

BASE = "https://env.example/news/1"

WHOLE = [
    "Lead was <LOD in 4 wells and >LOQ in 6 wells; p < 0.05.",
    "x <b and c> d",
    "p<a, q>b",
    "pH <7, NO<x",
    "[Na+] <Ca2+> and <HCO3->",
    "A <! B and <? C",
    "if a<b then",
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_less_than_sign_cuts_nothing(text: str) -> None:
    """In plain text, in markup, and in a title."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert clean(text, BASE).html == f"<p>{shown}</p>"
    assert clean(f"<p>{text}</p>", BASE).html == f"<p>{shown}</p>"
    assert line(text) == text


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<p>Cut <b>off he", "<p>Cut <b>off he</b></p>"),
        ("<p>Word<o:p></o:p></p>", "<p>Word</p>"),
        ("<custom-part>x</custom-part>", "x"),
        ("<![CDATA[<p>x</p>]]>", "<p>x</p>"),
        ('<noscript><img src="/p.jpg" alt="P"></noscript>', '<img src="{}/p.jpg" alt="P">'),
        ('<img data-src="/p.jpg" src="data:image/gif;base64,AA">', '<img src="{}/p.jpg">'),
        ('<img src="/p.jpg"><noscript><img src="/p.jpg"></noscript>', '<img src="{}/p.jpg">'),
        (
            '<a href="Annual report 2024.pdf">r</a>',
            '<a href="{}/news/Annual%20report%202024.pdf" rel="noopener noreferrer">r</a>',
        ),
    ],
)
def test_what_is_markup_is_read_as_such(markup: str, html: str) -> None:
    """Tags that are cut off, of other vocabularies, and pictures however they are loaded."""
    assert clean(markup, BASE).html == html.replace("{}", "https://env.example")


def test_formulas_are_text_and_say_so() -> None:
    """With their powers, fractions and roots, and without the annotation beside them."""
    formula = (
        "<math><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mn>1</mn><mrow>"
        "<mn>2</mn><mo>+</mo><mi>y</mi></mrow></mfrac></mrow>"
        '<annotation encoding="application/x-tex">x^2</annotation></semantics></math>'
    )
    found = clean(f"<p>The index is {formula} here.</p>", BASE)
    assert found.html == "<p>The index is x<sup>2</sup>=1/(2+y) here.</p>"
    assert any("formulas" in each for each in found.remarks)
    assert line("10<sup>3</sup> m<sup>-1</sup> of CO<sub>2</sub>") == "10³ m⁻¹ of CO2"


@pytest.mark.parametrize("tag", ["iframe", "video", "svg", "object"])
def test_what_cannot_be_shown_is_said(tag: str) -> None:
    """It is left out, and an editor is told."""
    found = clean(f"<p>x</p><{tag} src='https://env.example/x'></{tag}>", BASE)
    assert found.html == "<p>x</p>"
    assert any(tag in each for each in found.remarks)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/docs/Annual report 2024.pdf", "https://env.example/docs/Annual%20report%202024.pdf"),
        (" /a\n b ", "https://env.example/a%20b"),
        ("/a|b{c}", "https://env.example/a%7Cb%7Bc%7D"),
        ("/отчёт 1.pdf", "https://env.example/отчёт%201.pdf"),
        ("https://e x/", ""),
        ("https://x:99999/", ""),
        ("javascript:x", ""),
        ("", ""),
    ],
)
def test_addresses_keep_their_spaces(url: str, whole: str) -> None:
    """As browsers write them; what is no address is none."""
    assert address(url, BASE) == whole


@pytest.mark.parametrize(
    "part", ["<", "<a", "<a ", "<sup>", "<![CDATA[", "</a", "<math>", "<x:y", "&", "<img srcset="]
)
def test_the_work_is_linear(part: str) -> None:
    """A hundred kilobytes of what is never finished costs seconds at most."""
    began = time.process_time()
    text = part * (100_000 // len(part))
    clean(text, BASE)
    line(text)
    assert time.process_time() - began < 5
