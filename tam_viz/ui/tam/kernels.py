"""The controls of the page of adaptive kernels, and its click callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float

from tam_viz.analysis.tam.adaptivity import RECORD, Adaptation, read_adaptation
from tam_viz.analysis.tam.kernels import Fixed
from tam_viz.experiments.kinds import Basis
from tam_viz.literal import sentence
from tam_viz.models.cards import find
from tam_viz.panels.tam.adaptivity import Ablated
from tam_viz.panels.tam.kernel_study import KernelStudy, Second
from tam_viz.types import Card, Clip, Steps, UserError
from tam_viz.ui.figure import clicked
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.keys import KEYS
from tam_viz.ui.state.references import References
from tam_viz.ui.state.selection import BACKWARDS, Selection

ONE, ALL, ADAPTIVITY = "block", "all", "adaptivity"
_PARTS = {ONE: "the chosen block", ALL: "all blocks", ADAPTIVITY: "effect of adaptivity"}
"""The parts of the page: keys and labels."""
_DIFFERENCE = "difference"
_SHOWN = {"both": "both", _DIFFERENCE: "difference"}


def choose(names: Sequence[str], key: str) -> None:
    """Takes the block and the channel whose dot or column was clicked."""
    cell = clicked(key)
    if cell is not None:
        number, channel = cell
        st.session_state["block"], st.session_state["channel"] = names[int(number)], int(channel)


def study_of(
    selection: Selection,
    clip: Clip,
    second: Clip | None,
    references: References,
    *,
    difference: bool = False,
) -> KernelStudy:
    """The study of the page: both clips in the network, and their references.

    Args:
        selection: What the visitor is looking at.
        clip: The clip.
        second: The one beside it.
        references: Of the two.
        difference: Whether to show how far they differ instead of both.

    Raises:
        UserError: The network cannot be run.
    """
    name, mean = selection.card.id, references.mean
    beside = None
    if second is not None:
        beside = Second(second.source, cache.trace(name, second), references.second)
    return KernelStudy(
        name=clip.source,
        trace=cache.trace(name, clip),
        untrained=references.untrained,
        block=selection.block,
        channel=selection.channel_of(clip),
        mean=None if mean is None else mean.trace,
        second=beside,
        difference=difference,
        over="clips" if mean is None else mean.over,
        sameness=references.sameness(selection.block),
        fitted=references.fitted,
    )


def pick_part() -> str:
    """Which pictures: all of them would be a long page, and drawn anew at every change."""
    return pick(st.segmented_control, "Kernels of", _PARTS, "part", required=True)


def pick_difference(second: Clip | None) -> bool:
    """Whether to show how far two clips differ instead of both; not asked for one clip."""
    if second is None:
        return False
    shown = pick(
        st.segmented_control,
        "Show",
        _SHOWN,
        "show",
        required=True,
        help="Both clips, or the first minus the second.",
    )
    return shown == _DIFFERENCE


def rival_of(selection: Selection) -> Fixed | None:
    """The temporal convolution of the same shape: its kernels are the same for every video."""
    mine = selection.card
    for card in selection.cards:
        if card.temporal == "tconv" and (card.layers, card.width) == (mine.layers, mine.width):
            try:
                return _fixed(card.id)
            except UserError as error:
                st.warning(sentence(str(error)))
    return None


@st.cache_resource(show_spinner=False)
def _fixed(name: str) -> Fixed:
    from tam_viz.experiments.studies.fixed_kernels import fixed_kernels

    return Fixed(name, fixed_kernels(cache.network(name)))


def adaptation_file(card: Card) -> Path:
    """Where `tam-viz probe` puts what it measures of a network."""
    return find(card.id) / RECORD


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=KEYS)
def adaptation(path: Path) -> Adaptation | None:
    """The measurements of `tam-viz probe`, read anew when the file changes.

    Args:
        path: The record in the folder of its checkpoint; None is returned where there is none.

    Raises:
        UserError: The file is damaged.
    """
    return read_adaptation(path.parent) if path.is_file() else None


def not_asked(card: Card) -> None:
    """Says that nothing was found of a network, and how to find it."""
    st.info(
        sentence(
            f"{card.id} has no test-set measurements yet: `tam-viz probe {card.id}` makes them, "
            f"for networks trained on MotionPairs."
        )
    )


def ablated(
    selection: Selection, clip: Clip, second: Clip | None
) -> tuple[Ablated, Ablated | None]:
    """Losses of both predictions if kernels do not adapt, with bars while they are measured.

    Asked about is the true class where the network knows it, else the one that it names.

    Raises:
        UserError: The network cannot be run.
    """
    card, basis = selection.card, selection.basis
    first = _ablated(card, basis, clip, clip.label)
    if second is None:
        return first, None
    # Played backwards, a clip keeps its label and shows something else.
    return first, _ablated(
        card, basis, second, None if selection.second == BACKWARDS else second.label
    )


def _ablated(card: Card, basis: Basis, clip: Clip, truth: str | None) -> Ablated:
    prediction = cache.run(card.id, clip).prediction
    known = truth in card.classes
    label = card.classes.index(truth) if truth in card.classes else int(prediction.logits.argmax())
    mean = cache.mean_trace(card.id, basis)

    def steps() -> Steps[Float[np.ndarray, " b"]]:
        from tam_viz.experiments.studies.kernel_ablation import freeze

        return freeze(cache.network(card.id), clip, label, mean.trace)

    lost = cache.with_bar(
        ("ablated", card.id, basis.key, clip.id, label), steps, f"Replacing Θ of {card.id}"
    )
    return Ablated(clip.source, card.classes[label], known, lost, mean.over)
