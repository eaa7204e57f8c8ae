"""In which of the centre's languages a text is.

Rules:
- what was declared holds, unless the text clearly is in another of the centre's languages;
- what nobody declared is told from the text, among the centre's languages alone: a short title
  would otherwise be taken for one of a hundred;
- a text that was declared as another language, and clearly is, is none of the centre's.
"""

import os
from functools import cache
from typing import Any

_SURE = 0.95
_ENOUGH = 40
"""Characters from which on a text overrules what was declared."""
_LOOKED_AT = 4_000


class OtherLanguage(Exception):
    """The text is in none of the centre's languages."""


def language_of(text: str, declared: str, languages: tuple[str, ...]) -> str:
    """The language of `text`, one of `languages`; `declared` is a BCP 47 tag, or empty.

    Raises:
        OtherLanguage: it is in none of them.
    """
    tag = declared.replace("_", "-").partition("-")[0].strip().lower()
    if tag in languages and (len(languages) == 1 or len(text) < _ENOUGH):
        return tag
    found, sureness = _detect(text, languages)
    if tag in languages:
        return found if found and sureness > _SURE else tag
    if tag and _detect(text, ())[0] == tag:
        raise OtherLanguage(f"the text is in {tag}; the centre publishes in {', '.join(languages)}")
    return found or languages[0]


def _detect(text: str, languages: tuple[str, ...]) -> tuple[str, float]:
    """The language and how sure that is, from 0 to 1; none where the model knows none of them."""
    model, known = _model(languages)
    if not known:
        return "", 0.0
    if len(known) == 1:
        return known[0], 0.5
    found, sureness = model.classify(text[:_LOOKED_AT])
    return str(found), float(sureness)


@cache
def _model(languages: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    every = tuple(str(each) for each in model.labels)
    known = tuple(each for each in languages if each in every) if languages else every
    if languages and known:
        model.set_languages(list(known))
    return model, known
