"""A visitor's additions to a finding: pictures that were looked at, and a note."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tam_viz.findings.finding import NOTE_LETTERS
from tam_viz.literal import sentence
from tam_viz.ui.clip import viewed_pictures
from tam_viz.ui.clip.viewed_pictures import ViewedPicture
from tam_viz.ui.edits.intervention import described
from tam_viz.ui.edits.last_change import Change, last
from tam_viz.ui.state.selection import Selection

_NOTE = "kept note"


@dataclass(frozen=True, eq=False)
class Attachments:
    """Additions to the view itself.

    Attributes:
        evidence: Pictures of Intervene and Attribution that were looked at.
        note: Of the visitor, letter for letter.
    """

    evidence: tuple[ViewedPicture, ...] = ()
    note: str = ""

    @property
    def explained(self) -> set[str]:
        """Ids of the networks whose answers are explained."""
        maps = {attribution.checkpoint_id for item in self.evidence for attribution in item.maps}
        return maps | {lost.checkpoint_id for item in self.evidence for lost in item.losses}


def pick_change(selection: Selection) -> Change | None:
    """The change made on Intervene, if there is one and it is to go along."""
    change = last(selection)
    if change is None:
        st.caption(
            "Nothing was changed on the page Intervene; a change made there can be saved too."
        )
        return None
    words = sentence(described(change, selection.frame))
    return change if st.toggle(f"With the change made on Intervene: {words}", value=True) else None


def pick_evidence() -> tuple[ViewedPicture, ...]:
    """Which of the pictures that were looked at go along; all of them to begin with."""
    viewed = viewed_pictures.here()
    if not viewed:
        st.caption(
            "What you look at on Intervene (sweep, swaps, timing) and on Attribution can be "
            "saved as evidence; so far you have looked at none for this clip and network."
        )
        return ()
    if not set(st.session_state.get("evidence", viewed)) <= set(viewed):
        st.session_state.pop("evidence", None)  # of another clip or network
    names = st.multiselect(
        "Evidence to save",
        list(viewed),
        default=list(viewed),
        format_func=lambda name: viewed[name].panel.title,
        key="evidence",
        help="Their pictures, numbers and maps go into the file.",
    )
    return tuple(viewed[name] for name in names)


def write_note() -> str:
    """A note of the visitor, kept while other pages are looked at."""
    st.session_state.setdefault("note", st.session_state.get(_NOTE, ""))
    note = st.text_area(
        "Note",
        key="note",
        max_chars=NOTE_LETTERS,
        placeholder="Your observations, stored exactly as typed.",
    )
    st.session_state[_NOTE] = note
    return note
