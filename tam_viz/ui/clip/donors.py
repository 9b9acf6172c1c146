"""Which clip stands beside a failure: the nearest test clip of its true class that is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from tam_viz.experiments.kinds import knows_motionpairs
from tam_viz.literal import sentence
from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.source import DrawnClip
from tam_viz.types import Card, Clip, InputSpec, Source, Steps, UserError
from tam_viz.ui.state import cache, clip_picker
from tam_viz.ui.state.selection import BACKWARDS, Selection

if TYPE_CHECKING:
    from tam_viz.experiments.studies.neighbours import Neighbours

PAGES = ("Importance maps", "Adaptive kernels", "Intervene", "Attribution")
"""Where the second clip is chosen by what the network says of the first; others do not run it."""
_SUGGESTED = "suggested second clip"
_NEAREST = 5


def suggest(
    page: str, clips: Mapping[str, Source], source: Source, card: Card, spec: InputSpec
) -> dict[str, Source]:
    """Chooses the second clip where the visitor did not; ahead of its picker.

    For a failure it is the nearest right clip of the true class, else the clip played backwards.

    Args:
        page: The page that is shown.
        clips: All that can be picked, by key.
        source: The first clip.
        card: The network.
        spec: What the network is given.

    Returns:
        All that can be picked, the suggestion among them.
    """
    state = st.session_state
    suggested_for, value = state.get(_SUGGESTED, (None, None))
    chosen = state.get("second") not in (None, value)
    if page not in PAGES or chosen or suggested_for == (source.key, card.id):
        return dict(clips)
    near = nearest(source, card, spec)
    drawn = DrawnClip(TEST_SEED, near.clips[0][0]) if near and near.clips else None
    if drawn is not None:
        clip_picker.offer(drawn)
    key = BACKWARDS if drawn is None else drawn.name
    state["second"], state[_SUGGESTED] = key, ((source.key, card.id), key)
    return dict(clips) if drawn is None else {**clips, drawn.name: drawn}


def nearest(source: Source, card: Card, spec: InputSpec) -> Neighbours | None:
    """Right clips of the true class of a failure; None where it is none, or none can be had."""
    if not knows_motionpairs(card):
        return None
    try:
        clip = cache.clip(source, spec, 0)
    except UserError:
        return None  # the page says why it cannot be read
    predicted = cache.run(card.id, clip).prediction.top(1)[0][0]
    if clip.label not in card.classes or clip.label == predicted:
        return None
    return neighbours(card.id, clip, str(clip.label))


def neighbours(name: str, clip: Clip, label: str) -> Neighbours:
    """Test clips of a class that a network names rightly, the nearest to a clip first."""

    def steps() -> Steps[Neighbours]:
        from tam_viz.experiments.studies.neighbours import right_neighbours

        return right_neighbours(cache.network(name), clip, label)

    return cache.with_bar(("neighbours", name, clip.id, label), steps, "Looking for correct clips")


def null_donor(card: Card, clip: Clip, not_these: set[str]) -> Clip | None:
    """The nearest right clip of the most probable class that is none of some."""
    if not knows_motionpairs(card):
        return None
    ranked = cache.run(card.id, clip).prediction.top(len(card.classes))
    label = next((name for name, _ in ranked if name not in not_these), None)
    near = None if label is None else neighbours(card.id, clip, label)
    if near is None or not near.clips:
        return None
    return cache.clip(DrawnClip(TEST_SEED, near.clips[0][0]), card.input, 0)


def show_donors(selection: Selection) -> None:
    """Says what the second clip is, and offers other test clips in its place."""
    card = selection.card
    if not knows_motionpairs(card):
        return
    near = nearest(selection.source, card, selection.spec)
    if near is not None:
        st.caption(sentence(_said(near, selection)))
    with st.popover("Take a test clip as the second clip"):
        with st.container(horizontal=True):
            for number, distance in () if near is None else near.clips[:_NEAREST]:
                st.button(
                    f"test clip {number} ({distance:.1f})",
                    key=f"donor-{number}",
                    on_click=_take,
                    args=(number,),
                )
        st.number_input(
            f"Number of a test clip (0–{TEST_CLIPS - 1})",
            min_value=0,
            max_value=TEST_CLIPS - 1,
            value=None,
            key="donor_number",
            on_change=_take,
            help="Test clips cycle through the sixteen classes, in the order of the networks' "
            "outputs.",
        )


def _said(near: Neighbours, selection: Selection) -> str:
    right = f"{len(near.clips)} of the {near.asked} test clips of '{near.label}' that were tried"
    if not near.clips:
        return f"The network is wrong on this clip, and correct on {right}."
    second = selection.second
    number = near.clips[0][0]
    beside = isinstance(second, DrawnClip) and second.index == number
    where = "It is the second clip." if beside else "It is offered below."
    where += " 'Look further', at the end of the page, tests whether the evidence is already "
    where += "missing before TAM."
    return (
        f"The network is wrong on this clip and correct on {right}. The nearest of them, by the "
        f"distance of the logits, is test clip {number} ({near.clips[0][1]:.1f}). {where}"
    )


def _take(number: int | None = None) -> None:
    """Makes a test clip the second one, by default that whose number was entered; a callback."""
    index = st.session_state["donor_number"] if number is None else number
    if index is not None:
        st.session_state["second"] = clip_picker.offer(DrawnClip(TEST_SEED, int(index)))
