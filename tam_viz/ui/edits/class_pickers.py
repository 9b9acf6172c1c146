"""Which two classes the page of interventions speaks of."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tam_viz.analysis.edits.contrasts import ALL_OTHERS, OTHERS_LABEL, Contrast, subject_of
from tam_viz.literal import sentence
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.ui.state import cache, chosen_classes
from tam_viz.ui.state.selection import Selection

RIVALS: Mapping[str, str] = {
    first: second for motion in MOTIONS for first, second in (motion.classes, motion.classes[::-1])
}
"""The other class of each pair."""

CONTRAST_HELP = (
    "The class that the target is compared with. Automatic: the predicted class if it differs from "
    "the target, otherwise the true class if that differs, then the other class of its pair, then "
    "the most probable other class."
)

AUTO = "*auto"
"""Leaves the choice of a class to the clip; no name of a class."""
_CALLED = {AUTO: "automatic", ALL_OTHERS: OTHERS_LABEL}
_FORMULAS: Mapping[str, str] = {
    "log-odds": "log(p / (1 − p)) of its probability p",
    "log-ratio": "log(p / q) of their probabilities p and q",
}


def ask_contrast(selection: Selection) -> Contrast:
    """Draws the pickers of the class that is spoken of and of the one against it.

    What is chosen is remembered for the page of attribution too.

    Raises:
        UserError: The clip cannot be read.
    """
    clip = selection.clip()
    prediction = cache.run(selection.card.id, clip).prediction
    left, right = st.columns(2)
    with left:
        spoken = _pick(
            "spoken",
            "Target class",
            list(prediction.classes),
            "The class that the scores are about. Automatic: the true class if the network knows "
            "it, otherwise its prediction.",
        )
    name = subject_of(prediction, clip.label, RIVALS, Contrast(spoken)).name
    with right:
        against = _pick(
            "against",
            "Contrast class",
            [ALL_OTHERS, *(other for other in prediction.classes if other != name)],
            CONTRAST_HELP,
        )
    contrast = Contrast(spoken, against)
    chosen_classes.keep(contrast)
    subject = subject_of(prediction, clip.label, RIVALS, contrast)
    measure = f"The change is measured by the {subject.measure_says}: {_FORMULAS[subject.kind]}."
    st.caption(sentence(measure))
    return contrast


def chosen(contrast: Contrast) -> dict[str, str]:
    """The classes that a person chose, by the keys of their pickers."""
    classes = {"spoken": contrast.spoken, "against": contrast.against}
    return {key: name for key, name in classes.items() if name is not None}


def controls(contrast: Contrast) -> dict[str, str]:
    """Settings of the pickers for two classes."""
    return {"spoken": AUTO, "against": AUTO} | chosen(contrast)


def _pick(key: str, says: str, classes: list[str], more: str) -> str | None:
    """One of some classes; None to leave the choice to the clip."""
    options = [AUTO, *classes]
    if st.session_state.get(key) not in options:
        st.session_state[key] = AUTO  # it was of another network, or the class itself
    chosen = st.selectbox(
        says, options, key=key, format_func=lambda name: _CALLED.get(name, name), help=more
    )
    return None if chosen == AUTO else chosen
