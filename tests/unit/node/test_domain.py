"""The life of a record, step by step."""

from itertools import product

import pytest

from bri_node.domain import Action, EditorNeeded, NotPossible, State, step

POSSIBLE = {
    (State.DRAFT, Action.EDIT): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.IN_REVIEW,
    (State.DRAFT, Action.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Action.DROP): State.RETRACTED,
    (State.IN_REVIEW, Action.DROP): State.RETRACTED,
    (State.IN_REVIEW, Action.EDIT): State.DRAFT,
    (State.IN_REVIEW, Action.PUBLISH): State.PUBLISHED,
    (State.PUBLISHED, Action.EDIT): State.PUBLISHED,
    (State.PUBLISHED, Action.RETRACT): State.RETRACTED,
    (State.RETRACTED, Action.EDIT): State.RETRACTED,
    (State.RETRACTED, Action.PUBLISH): State.PUBLISHED,
}
FOR_ANYBODY = {
    (State.DRAFT, Action.EDIT),
    (State.DRAFT, Action.SUBMIT),
    (State.IN_REVIEW, Action.EDIT),
}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_an_editor_can_take_the_steps_of_the_table_and_no_others(
    state: State, action: Action
) -> None:
    if (state, action) in POSSIBLE:
        assert step(state, action, is_editor=True).to is POSSIBLE[state, action]
    else:
        with pytest.raises(NotPossible):
            step(state, action, is_editor=True)


@pytest.mark.parametrize(("state", "action"), list(POSSIBLE))
def test_a_contributor_works_on_what_the_public_never_saw(state: State, action: Action) -> None:
    if (state, action) in FOR_ANYBODY:
        assert step(state, action, is_editor=False).to is POSSIBLE[state, action]
    else:
        with pytest.raises(EditorNeeded):
            step(state, action, is_editor=False)


@pytest.mark.parametrize(("state", "action"), list(POSSIBLE))
def test_what_the_public_can_read_changes_with_an_entry_and_not_otherwise(
    state: State, action: Action
) -> None:
    taken = step(state, action, is_editor=True)
    assert taken.entry == (State.PUBLISHED in (state, taken.to))


@pytest.mark.parametrize(("state", "action"), list(POSSIBLE))
def test_a_revision_is_made_by_edits_and_by_publishing_again(state: State, action: Action) -> None:
    expected = action is Action.EDIT or (state, action) == (State.RETRACTED, Action.PUBLISH)
    assert step(state, action, is_editor=True).revises == expected
