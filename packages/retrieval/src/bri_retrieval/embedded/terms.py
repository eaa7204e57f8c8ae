"""Text as tantivy takes it.

Rules:
- what is indexed and what is asked go the same way (`analysis`): a word's script decides its stem;
- tantivy runs every stemmer of a field over every word in it, whatever its script, and most of the
  time of indexing would go to those that find nothing to do. So a field has the stemmer of the
  script that its words are mostly in, and words in another script come with their stems;
- Chinese fields have none: no Chinese word has a stem.
"""

import re
from collections.abc import Mapping

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from bri_retrieval.analysis import Family, stem

_OTHER_SCRIPTS: Mapping[Family, re.Pattern[str]] = {
    "zh": re.compile(r"[a-\u052f](?<![\W_])[^\W_]*"),
    "en": re.compile(r"[\u0400-\u052f](?<![\W_])[^\W_]*"),
    "ru": re.compile(r"[a-\u03ff](?<![\W_])[^\W_]*"),
}
"""Words that the field's own stemmer leaves as they are. One range of characters is far quicker
looked for than all that are letters of a script; what is no letter in it is told apart after."""


def terms(prepared: str, of: Family) -> str:
    """Prepared text in the family `of`, as `analyzers` makes terms of it."""
    if of == "xx" or (of == "en" and prepared.isascii()):
        return prepared
    return _OTHER_SCRIPTS[of].sub(lambda word: stem(word[0], of), prepared)


def analyzers() -> dict[str, TextAnalyzer]:
    """What becomes of `terms` in the fields of each family."""
    words = Tokenizer.simple()
    return {
        "zh": TextAnalyzerBuilder(words).build(),
        "en": TextAnalyzerBuilder(words).filter(Filter.stemmer("english")).build(),
        "ru": TextAnalyzerBuilder(words).filter(Filter.stemmer("russian")).build(),
        "xx": TextAnalyzerBuilder(Tokenizer.regex(r"[\p{L}\p{M}\p{N}]+")).build(),
    }
