"""What text of a record is embedded."""

from bri_retrieval.meaning.passages import DENSE_LENGTH, LENGTH, MOST, key, passages
from bri_retrieval.stories.member import Text


def test_a_passage_has_title_summary_and_how_the_body_begins() -> None:
    """What a record is about stands at its beginning."""
    piece, *more = passages({"en": Text("Title", "Summary", "Body. " * 2_000)})
    assert len(more) == MOST - 1
    assert piece.text.startswith("Title\nSummary\nBody.")
    assert LENGTH / 2 <= len(piece.text) <= LENGTH
    assert piece.text.endswith("Body.")


def test_further_passages_follow_each_other() -> None:
    """Several passages of an edition have all of its text, in order, none of it twice."""
    body = " ".join(f"Sentence number {n}." for n in range(500))
    pieces = [piece.text for piece in passages({"en": Text("Title", "", body)}, most=100)]
    assert len(pieces) > 3
    assert " ".join(pieces).split() == f"Title {body}".split()


def test_every_edition_has_passages_of_its_own() -> None:
    """Each language is embedded; dense scripts in shorter pieces; what is empty not at all."""
    found = passages(
        {"zh": Text("标题", "", "内容。" * 1_000), "en": Text("", "", ""), "ru": Text("а", "", "")}
    )
    assert [(piece.edition, piece.place) for piece in found[:3]] == [
        ("ru", 0),
        ("zh", 0),
        ("zh", 1),
    ]
    assert max(len(piece.text) for piece in found) <= DENSE_LENGTH


def test_no_crumb_is_left() -> None:
    """A last piece of a few words would be near everything and nothing: it joins the one before."""
    assert len(passages({"en": Text("T", "", "x" * LENGTH)})) == 1


def test_the_key_tells_other_text_and_other_models() -> None:
    """A key changes with the model, the language and any character, even a lone surrogate."""
    texts = [{"en": Text("Title", "", body)} for body in ("a", "b", "\ud800")]
    keys = {key(model, passages(each)) for each in texts for model in ("one", "two")}
    keys.add(key("one", passages({"ru": Text("Title", "", "a")})))
    assert len(keys) == 7
