"""Newer records before older ones that match as well.

Each of the last YEARS years adds a little to a score, this year most: between records that match
differently it decides nothing (a word in a title is worth ten times as much), between records that
match alike everything.
"""

from datetime import date

from tantivy import Occur, Query

from bri_retrieval.embedded.schema import SCHEMA

YEARS = 5
MOST = 0.25
"""What the current year adds; a word of middling rarity in a body scores 2 to 6."""


def favoured(matching: Query, today: date, most: float = MOST) -> Query:
    """What `matching` finds, with a little more, `most` for this year, for what is recent."""
    recent = [
        (
            Occur.Should,
            Query.const_score_query(
                Query.term_query(SCHEMA, "year", today.year - age, index_option="basic"),
                most * (YEARS - age) / YEARS,
            ),
        )
        for age in range(YEARS)
    ]
    return Query.boolean_query([(Occur.Must, matching), *recent])
