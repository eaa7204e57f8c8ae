"""What is pasted from a word processor or a web page, as the Markdown that the desk writes in.

Rules:
- what arrives is anybody's: pictures inside it are cut out first, then it is sanitised as every
  body is, and only then read;
- formatting that Markdown does not have goes, its text stays;
- no more than MAX_PASTE bytes are read, once the pictures are out.
"""

import re
from dataclasses import dataclass

from bri_kit import html
from bri_kit.errors import TooLarge

MAX_PASTE = 5 * 1024 * 1024

_PICTURE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?(?:data|file|blob|cid):[^>]*>", re.IGNORECASE)
_DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[a-z0-9+/=\s]*", re.IGNORECASE)
_CONDITIONAL = re.compile(r"<!(?:--)?\[if.*?<!\[endif\](?:--)?>", re.IGNORECASE | re.DOTALL)
_LIST_ITEM = re.compile(
    r"<p\b[^>]*class=[\"']?MsoListParagraph[^>]*>(.*?)</p>", re.IGNORECASE | re.DOTALL
)
_BULLET = re.compile(r"^(?:<[^>]*>|\s|&nbsp;)*(?:[·•▪§o]|\d+[.)])(?=[\s<&])")
_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A paste as Markdown, and how many pictures were left out of it."""

    markdown: str
    pictures: int


def clean(pasted: str) -> Cleaned:
    """What a clipboard holds as HTML, made Markdown.

    Raises:
        TooLarge: it is more than anybody would want to paste.
    """
    text, pictures = _PICTURE.subn("", pasted)
    text = _DATA.sub("", text)
    if len(text.encode(errors="replace")) > MAX_PASTE:
        raise TooLarge(f"A paste may have at most {MAX_PASTE // 1024 // 1024} MiB of text.")
    text = _LIST_ITEM.sub(_item, _CONDITIONAL.sub("", text))
    return Cleaned(to_markdown(html.sanitise(text)), pictures)


def _item(paragraph: re.Match[str]) -> str:
    return f"<ul><li>{_BULLET.sub('', paragraph[1])}</li></ul>"


def to_markdown(body: str) -> str:
    """Sanitised HTML as Markdown; tags that Markdown has no sign for lose their formatting."""
    from markdownify import ATX, MarkdownConverter  # 11 MB, and few paste

    converter = MarkdownConverter(heading_style=ATX, bullets="-", escape_misc=False)
    return _LINES.sub("\n\n", converter.convert(body)).strip()
