"""The day on which a page says that it was published; nothing is inferred.

Rules, the first that finds a day counts:
1. what the page declares: JSON-LD `datePublished`, `article:published_time` and its kin;
2. `<time>` or an element that is called a date, in or before the article;
3. a day right behind a word for publication or date (`发布时间：2024年6月5日`, `Дата: 05.06.2024`);
4. the one day that stands alone in the element after the page's main heading.

A year, a copyright's years, dates of other articles in lists and in footers are none of these.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from bri_harvesting import dates, json_reader

_META = frozenset(
    "article:published_time og:published_time og:article:published_time datepublished pubdate"
    " publishdate publish_date publish-date publication_date date dc.date dc.date.issued"
    " dcterms.date dcterms.issued dcterms.created citation_publication_date citation_date"
    " parsely-pub-date sailthru.date article.published weibo:article:create_at".split()
)
_LABEL = re.compile(
    r"(?:发布时间|发布日期|发表时间|发文日期|成文日期|公布日期|刊发时间|更新时间|时间|日期|發布時間|發佈日期|日期"
    r"|дата публикации|опубликовано|размещено|дата|published(?: on)?|posted(?: on)?"
    r"|publication date|date|жарияланған(?: күні)?|ngày đăng)\s{0,3}[:：]?\s{0,3}",
    re.I,
)
_DAY = re.compile(
    r"\d{4} ?[-./年] ?\d{1,2} ?[-./月] ?\d{1,2}(?!\d)|(?<!\d)\d{1,2}[-./]\d{1,2}[-./]\d{4}(?!\d)"
    r"|(?<!\d)\d{1,2} [^\W\d_]{3,12}\.?,? \d{4}(?!\d)|[^\W\d_]{3,12}\.? \d{1,2},? \d{4}(?!\d)"
    r"|[〇零一二]{1}[〇零一二三四五六七八九]{3}年[一二十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:pub|post|article|news|entry|publish)?[_-]?(?:date|time|riqi)\b", re.I
)
_ELSEWHERE = frozenset("footer nav aside header li a script style".split())
_OTHERS = re.compile(r"foot|copyright|sidebar|related|recommend|list|menu|comment", re.I)
_LONGEST = 200
_MOST_SCRIPTS = 20
_MOST_ELEMENTS = 50_000


def published_on(tree: lxml_html.HtmlElement) -> str:
    """The day in ISO 8601; empty where the page does not say it."""
    for found in (_declared(tree), _shown(tree)):
        for text in found:
            try:
                if day := dates.published(text):
                    return day
            except dates.NoDate:
                continue
    return ""


def _declared(tree: lxml_html.HtmlElement) -> Iterator[str]:
    for script in tree.xpath("//script[@type='application/ld+json']")[:_MOST_SCRIPTS]:
        try:
            document, _ = json_reader.loads(script.text or "")
        except json_reader.NotJSON:
            continue
        yield from _in_json(document, 0)
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in _META:
            yield meta.get("content") or ""
    for element in tree.xpath("//*[@itemprop='datePublished']"):
        yield element.get("datetime") or element.get("content") or element.text_content()


def _in_json(document: object, depth: int) -> Iterator[str]:
    if depth > 4:
        return
    if isinstance(document, list):
        for each in document[:50]:
            yield from _in_json(each, depth + 1)
    elif isinstance(document, dict):
        if isinstance(found := document.get("datePublished"), str):
            yield found
        yield from _in_json(document.get("@graph"), depth + 1)


def _shown(tree: lxml_html.HtmlElement) -> Iterator[str]:
    """Days that stand in the page where the day of its publication stands, the likeliest first."""
    labelled, alone = [], []
    is_after_heading = False
    for number, element in enumerate(tree.iter(etree.Element)):
        if number > _MOST_ELEMENTS:
            break
        is_after_heading = is_after_heading or element.tag == "h1"
        own = " ".join((element.text or "", *(each.tail or "" for each in element)))
        text = " ".join(own.split())
        if not (text or element.get("datetime")) or _is_elsewhere(element):
            continue
        if element.tag == "time" or _NAMED.search(_names(element)):
            yield element.get("datetime") or ""
            yield from _DAY.findall(text[:_LONGEST])
        labels = _LABEL.finditer(text[:_LONGEST])
        days = (_DAY.match(text, label.end()) for label in labels)
        labelled += [day[0] for day in days if day]
        if is_after_heading and len(text) < 40 and (day := _DAY.match(text)):
            alone.append(day[0])
    yield from labelled
    yield from alone[:1]


def _names(element: lxml_html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_elsewhere(element: lxml_html.HtmlElement) -> bool:
    """Whether an element is part of what stands on every page, or of a list."""
    for _ in range(12):
        if element is None:
            return False
        if element.tag in _ELSEWHERE or _OTHERS.search(_names(element)):
            # A page's header is elsewhere, an article's is not.
            parent = element.getparent()
            if element.tag != "header" or parent is None or parent.tag not in ("article", "main"):
                return True
        element = element.getparent()
    return False
