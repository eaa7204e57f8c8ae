"""Machine translation, by whatever service the centre's operator has named.

The service is asked `POST {"source": "zh", "target": "ru", "texts": ["…"]}` and answers
`{"texts": ["…"]}`, as many and in the same order; its key, where there is one, is sent as a bearer
token. Rules:
- a text is a title, a summary, or one block of Markdown, so that the parts stay where they were;
- it is asked through `bri_kit.fetching`; private networks must be allowed in the settings;
- an answer of another shape is no translation: nothing of it is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from bri_kit import fetching
from bri_kit.addresses import parse_networks
from bri_kit.content import has_control_character
from bri_node.profile import NodeSettings

MAX_ANSWER = 16 * 1024 * 1024
_BLOCKS = re.compile(r"\n[ \t]*\n")


class TranslationFailed(Exception):
    """There is no translation; `reason` is a code of `REASONS`, `detail` for the operator."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail


REASONS = ("off", "slow", "unreachable", "refused", "unusable")


@dataclass(frozen=True, slots=True)
class Text:
    """What is translated: an edition without its bookkeeping; `body` is Markdown."""

    title: str
    summary: str
    body: str


async def translate(settings: NodeSettings, text: Text, source: str, target: str) -> Text:
    """`text` in the language `target`.

    Raises:
        TranslationFailed: for the reason that it names.
    """
    if not settings.translate_url:
        raise TranslationFailed("off")
    blocks = _BLOCKS.split(text.body.strip())
    texts = [text.title, text.summary, *blocks]
    asked = [index for index, part in enumerate(texts) if part.strip()]
    answers = await _ask(settings, source, target, [texts[index] for index in asked])
    for index, answer in zip(asked, answers, strict=True):
        texts[index] = answer
    title, summary, *body = texts
    return Text(" ".join(title.split()), summary, "\n\n".join(body))


async def _ask(
    settings: NodeSettings, source: str, target: str, texts: Sequence[str]
) -> Sequence[str]:
    headers = {"Content-Type": "application/json"}
    if key := settings.translate_key.get_secret_value():
        headers["Authorization"] = f"Bearer {key}"
    bounds = fetching.Bounds(
        allowed=parse_networks(settings.translate_allowed),
        max_bytes=MAX_ANSWER,
        seconds=settings.translate_seconds,
        max_redirects=0,
    )
    question = orjson.dumps({"source": source, "target": target, "texts": texts})
    try:
        answer = await fetching.fetch(
            settings.translate_url, bounds, method="POST", content=question, headers=headers
        )
    except fetching.AnswerTooSlow as fact:
        raise TranslationFailed("slow", str(fact)) from fact
    except fetching.FetchRefused as fact:
        raise TranslationFailed("unreachable", str(fact)) from fact
    if answer.status != HTTPStatus.OK:
        raise TranslationFailed("refused", f"status {answer.status}")
    return _read(answer.body, len(texts))


def _read(body: bytes, count: int) -> Sequence[str]:
    try:
        document = orjson.loads(body)
        found = document["texts"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as fact:
        raise TranslationFailed("unusable", "the answer is not as agreed") from fact
    if not isinstance(found, list) or len(found) != count:
        raise TranslationFailed("unusable", "the answer has another number of texts")
    for text in found:
        if not isinstance(text, str) or not text.strip() or has_control_character(text):
            raise TranslationFailed("unusable", "a text of the answer is empty or illegible")
    return found
