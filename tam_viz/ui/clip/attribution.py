"""Computations of the page of attribution, each done once."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from functools import partial

import streamlit as st

from tam_viz.analysis.clip.attribution import Explained, Tested, frame_sums
from tam_viz.analysis.clip.checkpoints import CheckpointPair
from tam_viz.experiments.kinds import Basis
from tam_viz.literal import sentence
from tam_viz.types import Attribution, Card, Clip, Deletion, Filling, Step, Steps, UserError
from tam_viz.ui.clip.attribution_controls import OWN, AttributionRequest
from tam_viz.ui.state import cache
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.selection import Selection


def clips_of(selection: Selection, cards: Sequence[Card]) -> list[Clip]:
    """The view that is looked at; where a network is given other views, the middle one.

    Raises:
        UserError: The video cannot be read.
    """
    return [_clip(selection, card) for card in cards]


def explain(
    selection: Selection,
    inputs: Sequence[tuple[Card, Clip]],
    request: AttributionRequest,
    untrained: Later | None = None,
) -> list[Explained]:
    """The answers of networks on their clips, explained; a sentence for each that cannot be.

    Args:
        selection: What the visitor is looking at.
        inputs: Each network with what it is given.
        request: What is to be explained, and how.
        untrained: Has the untrained networks join; None to leave them out.

    Raises:
        UserError: A network cannot be asked for its own best class.
    """
    explained = []
    for card, clip in inputs:
        target = _says(card, clip) if request.target == OWN else request.target
        rival = None if request.rival == target else request.rival
        strange = next((n for n in (target, rival) if n is not None and n not in card.classes), "")
        if strange:
            st.info(sentence(f"{card.id} has no class '{strange}', so it is left out."))
            continue
        exact = dataclasses.replace(request, target=target, rival=rival)
        try:
            own = _explained(card, clip, exact)
        except UserError as error:
            st.error(sentence(str(error)))
            continue
        base = None
        if untrained is not None:
            basis = selection.basis_of(card)
            ready = partial(_explained, card, clip, exact, basis)
            is_kept = cache.kept(_explained_key(card, clip, exact, basis))
            base = untrained.get(ready, is_kept=is_kept)
        explained.append(Explained(card, clip, own, base))
    return explained


def explain_pair(
    selection: Selection, other: Card, request: AttributionRequest, filling: Filling
) -> CheckpointPair | None:
    """The TANet and another checkpoint of its architecture, asked for the same class.

    None where one of the two cannot be explained; a sentence then says why.

    Raises:
        UserError: The video cannot be read.
    """
    cards = [selection.card, other]
    inputs = list(zip(cards, clips_of(selection, cards), strict=True))
    if request.target == OWN:
        request = dataclasses.replace(request, target=_says(*inputs[0]))
    explained = explain(selection, inputs, request)
    if len(explained) < len(cards):
        return None
    first, second = explained
    tested = delete(selection, explained, filling)
    return CheckpointPair((first, second), (tested[0], tested[1]))


def delete(
    selection: Selection,
    explained: Sequence[Explained],
    filling: Filling,
    untrained: Later | None = None,
) -> list[Tested]:
    """The same networks with frames taken out.

    Args:
        selection: What the visitor is looking at.
        explained: The networks.
        filling: What stands in the place of a frame.
        untrained: Has the untrained networks join; None to leave them out.
    """
    tested = []
    for network in explained:
        lost, base = _deleted(network, filling), None
        if untrained is not None:
            basis = selection.basis_of(network.card)
            ready = partial(_deleted, network, filling, basis)
            base = untrained.get(ready, is_kept=cache.kept(_deleted_key(network, filling, basis)))
        tested.append(Tested(network.card, network.clip, lost, base, frame_sums(network.result)))
    return tested


def _clip(selection: Selection, card: Card) -> Clip:
    spec = selection.given(card)
    if spec == selection.spec:
        return selection.clip()
    return cache.clip(selection.source, spec, spec.all_views // 2)


def _says(card: Card, clip: Clip) -> str:
    return cache.run(card.id, clip).prediction.top(1)[0][0]


def _explained_key(
    card: Card, clip: Clip, request: AttributionRequest, basis: Basis | None
) -> tuple[Hashable, ...]:
    return "attribution", card.id, clip.id, request, basis and basis.key


def _explained(
    card: Card, clip: Clip, request: AttributionRequest, basis: Basis | None = None
) -> Attribution:
    """Of a network; of the untrained one, fitted to the clips of `basis`, if that is given."""

    def steps() -> Steps[Attribution]:
        from tam_viz.capture import attribution

        loaded = cache.network_or_untrained(card.id, basis)
        if request.method == "Grad-CAM":
            yield Step(0, 1)
            yield Step(1, 1, attribution.grad_cam(loaded, clip, request.target, request.rival))
        else:
            yield from attribution.integrated_gradients(
                loaded, clip, request.target, request.steps, request.rival
            )

    name = card.id if basis is None else f"{card.id} (untrained)"
    key = _explained_key(card, clip, request, basis)
    return cache.with_bar(key, steps, f"{request.method} of {name}")


def _deleted_key(
    explained: Explained, filling: Filling, basis: Basis | None
) -> tuple[Hashable, ...]:
    target, rival = explained.result.target, explained.result.rival
    return (
        "deletion",
        explained.card.id,
        explained.clip.id,
        target,
        rival,
        filling,
        basis and basis.key,
    )


def _deleted(explained: Explained, filling: Filling, basis: Basis | None = None) -> Deletion:
    """Of a network; of the untrained one, fitted to the clips of `basis`, if that is given."""
    card, clip, target, rival = (
        explained.card,
        explained.clip,
        explained.result.target,
        explained.result.rival,
    )

    def steps() -> Steps[Deletion]:
        from tam_viz.capture.deletion import frame_deletion

        loaded = cache.network_or_untrained(card.id, basis)
        return frame_deletion(loaded, clip, target, filling, rival)

    name = card.id if basis is None else f"{card.id} (untrained)"
    key = _deleted_key(explained, filling, basis)
    return cache.with_bar(key, steps, f"Frames deleted for {name}")
