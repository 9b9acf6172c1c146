"""Changes by a visitor: edits, clip timing, contrast; the last one and the next one."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from tam_viz.analysis.edits.contrasts import AUTOMATIC, Contrast
from tam_viz.types import Clip, Edit, InputSpec, Target
from tam_viz.ui.edits import class_pickers
from tam_viz.ui.state import edit_address
from tam_viz.ui.state.selection import Selection

AS_IS = "as_is"
WHERE: dict[str, str] = {
    "all": "all blocks",
    "selected": "the selected block",
    "later": "the selected block and all later ones",
    "chosen": "chosen blocks",
}
WHICH: dict[str, str] = {
    "all": "all channels",
    "selected": "the selected channel",
    "past": "channels with more weight on the past than on the future",
    "future": "channels with more weight on the future than on the past",
    "listed": "listed channels",
}
TARGET_KEYS: dict[Target, str] = {"importance": "v", "kernel": "theta", "input": "x"}
LAST, NEXT = "last change", "next change"


@dataclass(frozen=True, eq=False)
class Change:
    """A change by a visitor.

    Attributes:
        edits: Of V and Θ.
        tempo: Name of another way to play the clip; None for as it is.
        contrast: The classes by which the change is measured.
        lacking: A sentence on what is still to be chosen; None for nothing.
        controls: What the controls are set to, by the names that they have in the address.
    """

    edits: tuple[Edit, ...]
    tempo: str | None
    contrast: Contrast = AUTOMATIC
    lacking: str | None = None
    controls: edit_address.Values = field(default_factory=dict)


def last(selection: Selection) -> Change | None:
    """The visitor's last change in this network, given clips like this; None if there is none.

    The edit with which the page of interventions opens is nobody's until a control is set.
    """
    changed_in, change = st.session_state.get(LAST, (None, Change((), None)))
    fits = changed_in == (selection.card.id, selection.spec)
    return change if fits and (change.edits or change.tempo) else None


def make_next(network: str, spec: InputSpec, change: Change) -> None:
    """Has the page of interventions make a change when it is opened; for a callback.

    Args:
        network: Id of the checkpoint.
        spec: What the network is given.
        change: What was changed, with its controls.
    """
    st.session_state[LAST] = ((network, spec), change)
    st.session_state[NEXT] = (network, {**defaults_of(None), **change.controls})
    edit_address.touch()


def make_nothing_next() -> None:
    """Takes back what `make_next` asked for, if it was not made yet; for a callback."""
    if st.session_state.pop(NEXT, None) is not None:
        st.session_state.pop(LAST, None)


def defaults_of(donor: Clip | None) -> dict[str, str | list[str]]:
    """Default settings of all controls."""
    return {
        **{TARGET_KEYS[target]: first_operation(target, donor) for target in TARGET_KEYS},
        "tempo": AS_IS,
        "where": next(iter(WHERE)),
        "which": next(iter(WHICH)),
        "edited": [],
        "channels": "",
        **class_pickers.controls(AUTOMATIC),
    }


def first_operation(target: Target, donor: Clip | None) -> str:
    """To begin with, V and Θ are those of another clip where there is one."""
    return "donor" if donor and target != "input" else AS_IS
