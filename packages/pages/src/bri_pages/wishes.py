"""What a list asks, as it is kept for those who follow it.

The same question has one form, whichever page it was asked on: what a page itself asks stands among
the filters, and page and order are left out.
"""

from dataclasses import replace
from functools import lru_cache

from starlette.datastructures import QueryParams

from bri_pages import asking
from bri_pages.asking import Question


def standing(question: Question) -> str:
    """The query part of the address that asks the same of everything, without its question mark."""
    filters = tuple(dict.fromkeys((*question.fixed, *question.filters)))
    everything = replace(question, fixed=(), filters=(), sort="relevance", page=1)
    for name, value in filters:
        everything = everything.toggled(name, value)
    return everything.encoded().removeprefix("?")


@lru_cache(maxsize=20_000)
def question_of(asked: str) -> Question:
    """The question in a search's query part."""
    return asking.read(QueryParams(asked))
