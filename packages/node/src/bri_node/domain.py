"""The life of a record: its states, the steps between them, and who may take them.

| from | edit | submit | publish | retract | drop |
| --- | --- | --- | --- | --- | --- |
| draft | draft | in review | published * | | retracted * |
| in review | draft | | published * | | retracted * |
| published | published * | | | retracted * | |
| retracted | retracted * | | published * | | |

- Steps with a star need an editor; the others any token.
- What is read in review is what was submitted: editing it takes it back to draft.
- An edit, and publishing again after a retraction, make a new revision.
- What is dropped was never public: it is withdrawn here, and nobody else hears of it.
- A step writes an entry in the centre's log where it changes what the public can read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_REASON = 1_000
"""Longest reason of a retraction, in characters."""


class State(StrEnum):
    """Where a record is in its life."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    PUBLISHED = "published"
    RETRACTED = "retracted"


class Action(StrEnum):
    """What somebody does to a record."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    PUBLISH = "publish"
    RETRACT = "retract"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Step:
    """Where an action leads, and what it takes: an editor, a new revision, an entry in the log."""

    to: State
    editor: bool = False
    revises: bool = False
    entry: bool = False


class NotPossible(Exception):
    """The state does not allow the action."""


class EditorNeeded(Exception):
    """Only an editor may do this."""


_STEPS: Mapping[tuple[State, Action], Step] = {
    (State.DRAFT, Action.EDIT): Step(State.DRAFT, revises=True),
    (State.DRAFT, Action.SUBMIT): Step(State.IN_REVIEW),
    (State.DRAFT, Action.PUBLISH): Step(State.PUBLISHED, editor=True, entry=True),
    (State.DRAFT, Action.DROP): Step(State.RETRACTED, editor=True),
    (State.IN_REVIEW, Action.DROP): Step(State.RETRACTED, editor=True),
    (State.IN_REVIEW, Action.EDIT): Step(State.DRAFT, revises=True),
    (State.IN_REVIEW, Action.PUBLISH): Step(State.PUBLISHED, editor=True, entry=True),
    (State.PUBLISHED, Action.EDIT): Step(State.PUBLISHED, editor=True, revises=True, entry=True),
    (State.PUBLISHED, Action.RETRACT): Step(State.RETRACTED, editor=True, entry=True),
    (State.RETRACTED, Action.EDIT): Step(State.RETRACTED, editor=True, revises=True),
    (State.RETRACTED, Action.PUBLISH): Step(State.PUBLISHED, editor=True, revises=True, entry=True),
}


def step(state: State, action: Action, *, is_editor: bool) -> Step:
    """The step that `action` is in `state`.

    Raises:
        NotPossible: there is no such step.
        EditorNeeded: there is, and it is not the caller's to take.
    """
    found = _STEPS.get((state, action))
    if found is None:
        raise NotPossible(f"A record that is {state} cannot {_PASSIVE[action]}.")
    if found.editor and not is_editor:
        raise EditorNeeded(f"Only an editor can {action} a record that is {state}.")
    return found


_PASSIVE = {
    Action.CREATE: "be created",
    Action.EDIT: "be edited",
    Action.SUBMIT: "be submitted for review",
    Action.PUBLISH: "be published",
    Action.RETRACT: "be retracted",
    Action.DROP: "be dropped",
}
