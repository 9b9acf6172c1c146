"""The controls of the page of attribution: networks, classes, method, frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from tam_viz.analysis.edits.contrasts import ALL_OTHERS, OTHERS_LABEL, Contrast, subject_of
from tam_viz.literal import sentence
from tam_viz.types import Card, Clip, Filling, Method
from tam_viz.ui.edits.class_pickers import AUTO, CONTRAST_HELP, RIVALS
from tam_viz.ui.figure import clicked
from tam_viz.ui.pickers import pick_networks
from tam_viz.ui.state import cache, chosen_classes
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.history import revisited
from tam_viz.ui.state.selection import Selection

TRUE, PREDICTED, OWN = "*true", "*predicted", "*own"
_CALLED = {
    TRUE: "the true class",
    PREDICTED: "what the TANet predicts",
    OWN: "each network's own best class",
    AUTO: "automatic",
    ALL_OTHERS: OTHERS_LABEL,
}
"""Choices that are no class, by keys that are no name of one."""
_METHODS: dict[str, Method] = {
    "grad_cam": "Grad-CAM",
    "integrated_gradients": "integrated gradients",
}
_FILLINGS: dict[str, Filling] = {"mean_colour": "mean colour", "neighbour": "neighbour"}
_FIRST = 2
_FEW = "32"
_STEPS = {steps: steps for steps in ("16", "32", "64", "128")}


@dataclass(frozen=True)
class AttributionRequest:
    """The score to explain, and the method.

    Attributes:
        target: Name of the class, or `OWN`.
        rival: Name of the class to hold it against; None for all others together.
        method: What makes the maps.
        steps: Gradients along the path of integrated gradients.
    """

    target: str
    rival: str | None
    method: Method
    steps: int


def choose_networks(selection: Selection) -> list[Card]:
    """Networks to explain; the TANet and one that looks at frames alone to begin with."""
    own, *others = selection.starters
    rivals = sorted(others, key=lambda card: card.temporal != "none")  # keeps their order else
    return pick_networks(selection.cards, [own, *rivals][:_FIRST])


def pick_question(selection: Selection, cards: Sequence[Card]) -> AttributionRequest:
    """The class and what it is compared with, the method and, where it has any, its steps.

    Raises:
        UserError: The TANet cannot be asked.
    """
    clip = selection.clip()
    names = list(dict.fromkeys(name for card in cards for name in card.classes))
    first, second, third, fourth = st.columns([3, 3, 3, 1.4])
    with first:
        known = [TRUE] if clip.label in names else []
        before = chosen_classes.asked()
        spoken = _pick("class", "Target class", [*known, PREDICTED, OWN, *names], before.spoken)
    with second:
        against = _pick(
            "rival",
            "Contrast class",
            [AUTO, ALL_OTHERS, *names],
            before.against,
            CONTRAST_HELP,
        )
    with third:
        labels: dict[str, str] = {**_METHODS}
        method = _METHODS[pick(st.segmented_control, "Method", labels, "method", required=True)]
    steps = _FEW
    if method != "Grad-CAM":
        with fourth:
            steps = pick(st.selectbox, "Steps", _STEPS, "steps", _FEW)
    target, rival = _contrast(selection, clip, spoken, against)
    chosen = target if spoken in names or (spoken == PREDICTED and known) else None
    chosen_classes.keep(Contrast(chosen, None if against == AUTO else against))
    st.caption(sentence(f"The score that is explained is {_score_of(target, rival)}."))
    return AttributionRequest(target, rival, method, int(steps))


def _pick(
    key: str, says: str, options: list[str], before: str | None, more: str | None = None
) -> str:
    """One of some options; what was chosen for another clip or network is forgotten.

    Args:
        key: Of the picker, and in the address.
        says: What it is called.
        options: What can be chosen.
        before: What was chosen on Intervene, for a page that is opened without a choice.
        more: Help.
    """
    address = {"rival": "against"}.get(key, key)  # the key of a picker on Intervene
    opened = key not in st.session_state and address not in st.query_params and not revisited()
    if opened and before in options:
        st.session_state[key] = before
    labels = {option: _CALLED.get(option, option) for option in options}
    return pick(st.selectbox, says, labels, key, address=address, help=more)


def _contrast(
    selection: Selection, clip: Clip, spoken: str, against: str
) -> tuple[str, str | None]:
    """The class and its rival, the same in every picture of the page."""
    if spoken == OWN:
        return OWN, None if against in (AUTO, ALL_OTHERS) else against
    prediction = cache.run(selection.card.id, clip).prediction
    target = {TRUE: clip.label, PREDICTED: prediction.top(1)[0][0]}.get(spoken, spoken) or spoken
    asked = Contrast(target, None if against == AUTO else against)
    subject = subject_of(prediction, clip.label, RIVALS, asked)
    if subject.name == target:
        return target, subject.rival
    return target, None if against in (AUTO, ALL_OTHERS, target) else against


def _score_of(target: str, rival: str | None) -> str:
    """The score in words, with its formula."""
    name = "each network's own best class" if target == OWN else f"'{target}'"
    if rival is None:
        return f"the log-odds of {name}: log(p / (1 − p)) of its probability p"
    return f"the log-ratio of {name} to '{rival}': log(p / q) of their probabilities p and q"


def pick_look(asked: AttributionRequest) -> tuple[bool, bool, bool]:
    """Whether all maps share a scale, the untrained network stands below, and cells run together.

    Args:
        asked: What is asked; only the cells of Grad-CAM can run into each other.
    """
    first, second, third = st.columns(3)
    with first:
        shared = st.toggle("Same scale for all networks", key="shared", bind="query-params")
    with second:
        beside = st.toggle("Untrained below", value=True, key="untrained", bind="query-params")
    with third:
        smooth = asked.method == "Grad-CAM" and st.toggle(
            "Smooth between cells", key="smooth", bind="query-params"
        )
    return shared, beside, smooth


def pick_filling() -> Filling:
    """The replacement of a deleted frame."""
    labels: dict[str, str] = {**_FILLINGS}
    label = "A removed frame is replaced by"
    return _FILLINGS[pick(st.segmented_control, label, labels, "filling", required=True)]


def choose_frame(key: str) -> None:
    """Takes the frame that was clicked."""
    frame = clicked(key)
    if frame is not None:
        st.session_state["frame"] = int(frame) + 1
