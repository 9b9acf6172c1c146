"""What the page of attribution asks for, and what it computes once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import cast, get_args

import streamlit as st

from tam_viz.analysis.attribution import (
    Attribution,
    Deletion,
    Explained,
    Filling,
    Method,
    Tested,
    frame_sums,
)
from tam_viz.experiments.kinds import Basis
from tam_viz.types import Card, Clip, UserError
from tam_viz.ui import cache
from tam_viz.ui.figure import clicked
from tam_viz.ui.pickers import pick_networks
from tam_viz.ui.selection import Selection

TRUE, OWN = "the true class", "its own best class"
_FIRST = 2
_STEPS = (16, 32, 64, 128)


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is to be explained, and how.

    Attributes:
        target: Name of the class, or `TRUE`, or `OWN`.
        method: What makes the maps.
        steps: Gradients along the path of integrated gradients.
    """

    target: str
    method: Method
    steps: int


def choose_networks(selection: Selection) -> list[Card]:
    """Networks to explain; the TANet and one that looks at frames alone to begin with."""
    own, *others = selection.starters
    rivals = sorted(others, key=lambda card: card.temporal != "none")  # keeps their order else
    return pick_networks(selection.cards, [own, *rivals][:_FIRST])


def pick_question(cards: Sequence[Card]) -> Asked:
    """The class, the method and, where it has any, its steps."""
    names = list(dict.fromkeys(name for card in cards for name in card.classes))
    left, middle, right = st.columns(3)
    with left:
        target = st.selectbox(
            "Class",
            [TRUE, OWN, *names],
            key="class",
            bind="query-params",
            help="Where the true class is not known, the one that the TANet says.",
        )
    with middle:
        method = st.segmented_control(
            "Method",
            get_args(Method),
            default="Grad-CAM",
            required=True,
            key="method",
            bind="query-params",
        )
    steps = _STEPS[1]
    if method != "Grad-CAM":
        with right:
            steps = st.selectbox("Steps", _STEPS, index=1, key="steps", bind="query-params")
    return Asked(target, cast("Method", method), int(steps))


def pick_filling() -> Filling:
    """What stands in the place of a deleted frame."""
    filling = st.segmented_control(
        "A deleted frame becomes",
        get_args(Filling),
        default="mean colour",
        required=True,
        key="filling",
        bind="query-params",
    )
    return cast("Filling", filling)


def choose_frame(key: str) -> None:
    """Takes the frame that was clicked."""
    frame = clicked(key)
    if frame is not None:
        st.session_state["frame"] = int(frame) + 1


def clips_of(selection: Selection, cards: Sequence[Card]) -> list[Clip]:
    """The view that is looked at; of another network's views the middle one.

    Raises:
        UserError: The video cannot be read.
    """
    return [_clip(selection, card) for card in cards]


def explain(
    selection: Selection, given: Sequence[tuple[Card, Clip]], asked: Asked, *, untrained: bool
) -> list[Explained]:
    """The answers of networks on their clips, explained; a sentence for each that cannot be.

    Raises:
        UserError: The class is the TANet's and it cannot be asked.
    """
    found = []
    for card, clip in given:
        target = _target(selection, card, clip, asked.target)
        if target not in card.classes:
            st.info(f"{card.id} does not know the class '{target}', so it is left out.")
            continue
        exact = dataclasses.replace(asked, target=target)
        try:
            own = _explained(card, clip, exact)
            basis = selection.basis_of(card)
            base = _explained(card, clip, exact, basis) if untrained else None
        except UserError as error:
            st.error(str(error))
            continue
        found.append(Explained(card, clip, own, base))
    return found


def delete(selection: Selection, explained: Sequence[Explained], filling: Filling) -> list[Tested]:
    """The same networks with frames taken out."""
    return [
        Tested(
            one.card,
            one.clip,
            _deleted(one, filling),
            _deleted(one, filling, selection.basis_of(one.card)),
            frame_sums(one.found),
        )
        for one in explained
    ]


def _clip(selection: Selection, card: Card) -> Clip:
    if card == selection.card:
        return selection.clip()
    spec = selection.given(card)
    return cache.clip(selection.source, spec, spec.all_views // 2)


def _target(selection: Selection, card: Card, clip: Clip, asked: str) -> str:
    if asked == OWN:
        return _says(card, clip)
    if asked == TRUE:
        return clip.label or _says(selection.card, selection.clip())
    return asked


def _says(card: Card, clip: Clip) -> str:
    return cache.run(card.id, clip).prediction.top(1)[0][0]


def _explained(card: Card, clip: Clip, asked: Asked, basis: Basis | None = None) -> Attribution:
    """Of a network; of the untrained one, fitted to the clips of `basis`, if that is given."""

    def steps() -> Iterator[tuple[int, int, Attribution | None]]:
        from tam_viz.capture import attribution

        loaded = cache.network_or_untrained(card.id, basis)
        if asked.method == "Grad-CAM":
            yield 0, 1, None
            yield 1, 1, attribution.grad_cam(loaded, clip, asked.target)
        else:
            yield from attribution.integrated_gradients(loaded, clip, asked.target, asked.steps)

    name = card.id if basis is None else f"{card.id} (untrained)"
    return cache.with_bar(
        ("attribution", card.id, clip.id, asked, basis and basis.key),
        steps,
        f"{asked.method} of {name}",
    )


def _deleted(one: Explained, filling: Filling, basis: Basis | None = None) -> Deletion:
    """Of a network; of the untrained one, fitted to the clips of `basis`, if that is given."""
    card, clip, target = one.card, one.clip, one.found.target

    def steps() -> Iterator[tuple[int, int, Deletion | None]]:
        from tam_viz.capture.attribution import frame_deletion

        loaded = cache.network_or_untrained(card.id, basis)
        return frame_deletion(loaded, clip, target, filling)

    name = card.id if basis is None else f"{card.id} (untrained)"
    return cache.with_bar(
        ("deletion", card.id, clip.id, target, filling, basis and basis.key),
        steps,
        f"Frames deleted for {name}",
    )
