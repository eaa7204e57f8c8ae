"""What was found, as tables: a figure that has a goal is compared with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from rich.console import Console
from rich.table import Table

from tests.bench.asking import Card, Found
from tests.bench.passages import LANGUAGES, SDG_LANGUAGES, Figures, figures

WITHIN_GOALS = {"en": 0.985, "zh": 0.975, "ru": 0.975}
ACROSS_GOAL, SEPARATE_GOAL, TOGETHER_GOAL, INDICATORS_GOAL = 0.975, 0.97, 0.965, 0.90
PRECISION_GOAL, RECALL_GOAL = 0.99, 0.95

console = Console(width=110)

_ByLanguage = Mapping[str, Figures]
"""By the question's language."""


def print_alone(found: Mapping[str, Found]) -> None:
    """The language of questions against that of records, `found` by the latter."""
    modes = list(next(iter(found.values())).answers)
    by_records = {name: _by_mode(each) for name, each in found.items()}
    for mode in modes:
        cells = {
            (asked, name): by_language[mode].get(asked)
            for name, by_language in by_records.items()
            for asked in LANGUAGES
        }
        table = _table(f"{mode}: recall@1 / recall@10 (MRR@10), question by records", *by_records)
        for asked in LANGUAGES:
            table.add_row(asked, *(_told(cells[asked, name]) for name in by_records))
        console.print(table)
        console.print(_means(cells, goals=mode == "hybrid"))


def print_together(found: Found) -> None:
    """Records of all their editions, by the question's language."""
    table = _table("together: recall@1 / recall@10 (MRR@10)", *LANGUAGES, "mean recall@1")
    for mode, by_language in _by_mode(found).items():
        mean = _mean([each.recall_1 for each in by_language.values()])
        row = [_told(by_language.get(language)) for language in LANGUAGES]
        table.add_row(mode, *row, _against(mean, TOGETHER_GOAL if mode == "hybrid" else None))
    console.print(table)


def print_separate(found: Found) -> None:
    """A record for each edition: are all of them on the first page?"""
    title = "separate: share of questions with all versions on the first page"
    table = _table(title, *LANGUAGES, "mean")
    for mode, cards in found.answers.items():
        there: dict[str, list[bool]] = {}
        for question, page in zip(found.asked, cards, strict=True):
            has_all = found.published.has_all(page, question.passage)
            there.setdefault(question.language, []).append(has_all)
        shares = {language: sum(some) / len(some) for language, some in there.items()}
        row = [f"{shares[each]:.4f}" if each in shares else "" for each in LANGUAGES]
        goal = SEPARATE_GOAL if mode == "hybrid" else None
        table.add_row(mode, *row, _against(_mean(list(shares.values())), goal))
    console.print(table)


def print_stories(found: Mapping[str, Found]) -> None:
    """Pairs of records on one card, against those that are versions of one passage."""
    table = _table("story links", "records", "linked", "precision", "recall")
    for name, each in found.items():
        linked, right, there = pairs(each.cards, each.published.passage)
        precision, recall = right / max(linked, 1), right / max(there, 1)
        table.add_row(
            name,
            str(len(each.published.passage)),
            f"{linked} of {there}",
            _against(precision, PRECISION_GOAL),
            _against(recall, RECALL_GOAL),
        )
    console.print(table)


def pairs(cards: Sequence[Card], passage: Mapping[str, str]) -> tuple[int, int, int]:
    """Pairs of records that are linked, those of them that are right, and all that would be."""
    linked = [pair for card in cards for pair in combinations(card, 2)]
    right = sum(passage[one] == passage[other] for one, other in linked)
    there = sum(size * (size - 1) // 2 for size in Counter(passage.values()).values())
    return len(linked), right, there


def print_indicators(found: Found) -> None:
    """SDG indicators in English, asked for by their titles in other languages."""
    table = _table("SDG indicators, against en: recall@10", *SDG_LANGUAGES, "mean")
    for mode, by_language in _by_mode(found).items():
        cells = {language: each.recall_10 for language, each in by_language.items()}
        row = [f"{cells[each]:.4f}" if each in cells else "" for each in SDG_LANGUAGES]
        goal = INDICATORS_GOAL if mode == "hybrid" else None
        table.add_row(mode, *row, _against(_mean(list(cells.values())), goal))
    console.print(table)


def _by_mode(found: Found) -> dict[str, _ByLanguage]:
    return {mode: _by_language(found, cards) for mode, cards in found.answers.items()}


def _by_language(found: Found, cards: Sequence[Sequence[Card]]) -> _ByLanguage:
    places: dict[str, list[int]] = {}
    for question, page in zip(found.asked, cards, strict=True):
        place = found.published.place(page, question.passage)
        places.setdefault(question.language, []).append(place)
    return {language: figures(each) for language, each in places.items()}


def _means(cells: Mapping[tuple[str, str], Figures | None], *, goals: bool) -> str:
    across = [each.recall_10 for (a, b), each in cells.items() if each and a != b]
    within = [
        f"{a} {_against(each.mrr_10, WITHIN_GOALS.get(a) if goals else None)}"
        for (a, b), each in cells.items()
        if each and a == b
    ]
    told = _against(_mean(across), ACROSS_GOAL if goals else None)
    return f"MRR@10 within: {', '.join(within)}\nrecall@10 across, mean of the pairs: {told}"


def _told(figures: Figures | None) -> str:
    return "{:.3f} / {:.3f} ({:.4f})".format(*figures) if figures else ""


def _against(figure: float, goal: float | None) -> str:
    if goal is None:
        return f"{figure:.4f}"
    return f"{figure:.4f} {'≥' if figure >= goal else '<'} {goal:.3f}"


def _mean(some: Sequence[float]) -> float:
    return sum(some) / len(some) if some else 0.0


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table
