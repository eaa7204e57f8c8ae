"""The languages of pages: which one a reader is sent to, and how each is called by its own people.

Every page has an address of its own in each language; only the bare address asks the browser.
"""

from collections.abc import Iterator, Sequence

OWN_NAMES = {
    "zh": "中文",
    "en": "English",
    "ru": "Русский",
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "tg": "Тоҷикӣ",
    "uz": "Oʻzbekcha",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "id": "Bahasa Indonesia",
    "ms": "Bahasa Melayu",
    "lo": "ລາວ",
    "km": "ខ្មែរ",
    "my": "မြန်မာ",
}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LONGEST_HEADER = 500


def preferred(accepted: str, offered: Sequence[str]) -> str:
    """The one of `offered` that an Accept-Language header (RFC 9110, 12.5.4) likes best; the first
    of them where it likes none."""
    for tag in _by_weight(accepted[:_LONGEST_HEADER]):
        if tag in offered:
            return tag
    return offered[0]


def direction(tag: str) -> str:
    """ "rtl" for languages written from right to left, else "ltr"."""
    return "rtl" if tag.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def own_name(tag: str) -> str:
    """What speakers call their language; the tag itself where it is not known here."""
    return OWN_NAMES.get(tag, tag)


def brief_name(tag: str) -> str:
    """The same for a narrow screen."""
    return OWN_NAMES[tag] if tag == "zh" else tag.upper()


def _by_weight(accepted: str) -> Iterator[str]:
    weighed = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    yield from (tag for _, _, tag in sorted(weighed))
