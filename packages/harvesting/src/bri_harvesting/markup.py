"""Markup and plain text of sources, as clean HTML or as one line, with remarks on what was lost.

Rules:
- a `<` begins a tag only where it can be one: an element of HTML with attributes or none, or
  something that is closed by its name; else it is a character: `<LOD in 4 wells`, `p <0.05`;
- addresses are absolute, so that links lead where they led; pictures that a script would load are
  taken from where it would take them, or from `noscript`;
- formulas become text with superscripts and subscripts; in a line superscripts are characters;
- what cannot be shown (frames, films, sound, drawings, forms) is left out, and a remark says so;
- all is one pass over tokens; every expression is linear.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote, urljoin, urlsplit

from bri_harvesting import mathml
from bri_kit import html
from bri_kit.html_tokenizer import KEPT, tokenize, write

_MAX_ADDRESS = 2_000
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<(/?+)([A-Za-z][^\s/<>]*+)([^<>]*+)(>?+)")
_END_TAG = re.compile(r"</([A-Za-z][^\s/<>]*+)")
_ATTRIBUTES = re.compile(r"\s*+/?+|\s++[^\s=\"'<>/]++\s*+=.*+", re.S)
_STRAY = re.compile(r"<(?=[!?](?!--|doctype|\[|/?[a-z]))", re.I)
_SUPERSCRIPT = re.compile(r"<sup\b[^<>]*+>\s*+([^<]{1,20})</sup\s*+>", re.I)
_RAISED = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_SPACE = re.compile(r"\s")
_UNSAFE = '"<>\\^`{|}'
_KNOWN = frozenset(
    "a abbr acronym address area article aside audio b base basefont bdi bdo big blockquote body br"
    " button canvas caption center cite code col colgroup data datalist dd del details dfn dialog"
    " dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4"
    " h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map"
    " mark marquee math menu meta meter nav nobr noembed noframes noscript object ol optgroup"
    " option output p param picture plaintext pre progress q rb rp rt rtc ruby s samp script search"
    " section select slot small source span strike strong style sub summary sup svg table tbody td"
    " template textarea tfoot th thead time title tr track tt u ul var video wbr xmp".split()
)
_NOT_SHOWN = frozenset("iframe video audio object embed svg canvas form frame".split())
_HIDDEN = frozenset(("svg", "iframe"))
"""Elements that the tokenizer leaves out before they are seen here."""
LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-lazyload")
"""Attributes in which pages keep the address of a picture that a script loads, the surest first."""
_ASKED = KEPT | {*LAZY, "srcset", "data-srcset"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Sanitised HTML, and what was changed or left out on the way."""

    html: str
    remarks: tuple[str, ...] = ()

    @property
    def has_image(self) -> bool:
        """Whether there is a picture in it."""
        return '<img src="' in self.html or ("<img " in self.html and ' src="' in self.html)


def clean(markup: str, base: str) -> Cleaned:
    """Sanitised HTML with absolute addresses; plain text becomes paragraphs."""
    markup = CONTROLS.sub("", markup).strip()
    if "<![CDATA[" in markup:
        markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    if not markup:
        return Cleaned("")
    markup, has_tags = _stray_escaped(markup)
    if not has_tags:
        return Cleaned(paragraphs(unescape(markup)))
    rewriter = _Rewriter(base)
    written = "".join(rewriter.written(markup))
    return Cleaned(html.sanitise_any(written), tuple(rewriter.remarks(markup)))


def line(text: str) -> str:
    """Plain text in one line, of what may be HTML in an attribute's or an element's escaping."""
    text, has_tags = _stray_escaped(text)
    if has_tags:
        if "<math" in text:
            text = "".join(_Rewriter("").written(text))
        text = _SUPERSCRIPT.sub(_raised, text)
        text = html.plain_text(html.sanitise_any(text))
    if "&" in text:
        text = unescape(text)
    return " ".join(CONTROLS.sub(" ", text).split())


def paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line parts paragraphs, a line end breaks a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks: list[list[str]] = [[]]
    for each in lines:
        if each.strip():
            blocks[-1].append(escape(each.strip(), quote=False))
        elif blocks[-1]:
            blocks.append([])
    return "".join(f"<p>{'<br>'.join(block)}</p>" for block in blocks if block)


def address(url: str, base: str) -> str:
    """An http or https address, absolute; empty where it is none. Spaces and other characters that
    an address cannot have are written with `%` (WHATWG URL)."""
    url = CONTROLS.sub("", url.replace("\t", "").replace("\n", "").replace("\r", "")).strip()
    try:
        whole = urljoin(base, url)
        parts = urlsplit(whole)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        good = good and not _SPACE.search(parts.netloc) and (parts.port or 1) > 0
    except ValueError:
        return ""
    whole = "".join(quote(each) if each.isspace() or each in _UNSAFE else each for each in whole)
    return whole if good and len(whole) <= _MAX_ADDRESS and url else ""


def _raised(found: re.Match[str]) -> str:
    text = unescape(found[1]).strip()
    raised = text.translate(_RAISED)
    is_whole = not any(letter.isascii() and letter.isalnum() for letter in raised)
    return raised if is_whole else f"^{found[1]}"


def _stray_escaped(text: str) -> tuple[str, bool]:
    """Text with `&lt;` for every `<` that begins no tag, and whether any begins one."""
    if "<" not in text:
        return text, False
    closed = {name.lower() for name in _END_TAG.findall(text)}
    tags = 0

    def checked(found: re.Match[str]) -> str:
        nonlocal tags
        if not _is_tag(found, closed):
            return f"&lt;{found[0][1:]}"
        tags += 1
        return found[0]

    text = _TAG.sub(checked, _STRAY.sub("&lt;", text))
    return text, tags > 0 or "<!--" in text


def _is_tag(found: re.Match[str], closed: set[str]) -> bool:
    is_end, name, rest, end = found.groups()
    name = name.lower()
    if is_end or ":" in name:
        return bool(is_end) or bool(end)
    if not end and "=" not in rest and name not in closed:
        return False
    if name in closed:
        return True
    return name in _KNOWN and _ATTRIBUTES.fullmatch(rest) is not None


class _Rewriter:
    """One pass over the tokens of a markup."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._last_image = ""
        self._is_noscript = False
        self._not_shown: set[str] = set()
        self._formulas = 0

    def written(self, markup: str) -> Iterator[str]:
        tokens = tokenize(markup, _ASKED)
        for token in tokens:
            name = token.name
            if not name:
                yield token.text
            elif name == "math":
                self._formulas += 1
                yield mathml.to_html(tokens)
            elif name == "img":
                yield self._image(token.attributes)
            else:
                self._is_noscript = (
                    (name == "noscript") if "noscript" in name else self._is_noscript
                )
                self._not_shown |= {name} & _NOT_SHOWN
                yield write(name, self._absolute(token.attributes))

    def remarks(self, markup: str) -> Iterator[str]:
        """What is to be said of the whole."""
        lowered = markup.lower()
        self._not_shown |= {name for name in _HIDDEN if f"<{name}" in lowered}
        if self._not_shown:
            yield f"left out, because it cannot be shown: {', '.join(sorted(self._not_shown))}"
        if self._formulas:
            yield "formulas (MathML) became text with superscripts and subscripts"

    def _absolute(self, attributes: Mapping[str, str]) -> Mapping[str, str]:
        href = attributes.get("href", "")
        if not href:
            return attributes
        is_mail = href.strip().lower().startswith("mailto:")
        whole = unescape(href) if is_mail else address(unescape(href), self._base)
        kept = {name: value for name, value in attributes.items() if name != "href"}
        return {**kept, "href": escape(whole, quote=False)} if whole else kept

    def _image(self, attributes: Mapping[str, str]) -> str:
        source = next((attributes[name] for name in LAZY if attributes.get(name)), "")
        source = source or attributes.get("src", "")
        listed = attributes.get("srcset") or attributes.get("data-srcset") or ""
        if not source or source.startswith("data:"):
            source = listed.split(",")[0].strip().partition(" ")[0]
        whole = address(unescape(source), self._base)
        if not whole or (self._is_noscript and whole == self._last_image):
            return ""
        self._last_image = whole
        kept = {name: value for name, value in attributes.items() if name in KEPT}
        return write("img", {**kept, "src": escape(whole, quote=False)})
