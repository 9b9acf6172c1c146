"""Networks compared on one clip: what is picked and what is computed once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import cast

import streamlit as st

from tam_viz.analysis.bench.operators import Look
from tam_viz.experiments.kinds import Basis
from tam_viz.literal import sentence
from tam_viz.panels.bench import compare as panels
from tam_viz.panels.bench.compare import Named
from tam_viz.panels.panel import Panel
from tam_viz.types import Card, Clip, Operator, Step, Steps, UserError
from tam_viz.ui.state import cache
from tam_viz.ui.state.choices import pick
from tam_viz.ui.state.deferred import Later
from tam_viz.ui.state.keys import KEYS
from tam_viz.ui.state.selection import Selection

THIS, ALL = "clip", "testset"
_SCOPES = {THIS: "this clip", ALL: "the test clips"}
_FIRST = ("tam", "none", "pool", "tconv", "tsm", "teinet", "nonlocal", "dynamic")
_LOOKS: dict[str, str] = {
    "mean": "mean over channels",
    "size": "strength (root mean square)",
    "channel": "one channel",
}


def pick_scope() -> str:
    """One clip or many."""
    return pick(st.segmented_control, "Compare on", _SCOPES, "scope", required=True)


@st.cache_data(show_spinner=False)
def network_names() -> dict[str, str]:
    """Names of the networks of the bench, by the id of their checkpoint."""
    from tam_viz.models.registry import entries

    return {entry.checkpoint: entry.network for entry in entries().values()}


def named(card: Card) -> Named:
    """A network as it appears in pictures; one that is not of the bench under its id."""
    return Named(network_names().get(card.id, card.id), card.temporal)


def pick_networks(selection: Selection) -> list[Card]:
    """Networks that know the same classes and are given as many frames, the TANet first."""
    own = selection.card
    networks = {
        named(card).name: card
        for card in selection.cards
        if card.classes == own.classes and card.input.frames == own.input.frames
    }
    rivals = {name: card for name, card in networks.items() if card is not own}
    ranks = {temporal: rank for rank, temporal in enumerate(_FIRST)}
    begin = sorted(
        (name for name, card in rivals.items() if card.temporal in ranks),
        key=lambda name: ranks[rivals[name].temporal],
    )
    chosen = st.multiselect(
        "Compare with",
        list(rivals),
        default=begin,
        key="rivals",
        bind="query-params",
        help="Networks that know the same classes and are given as many frames.",
    )
    return [own, *(rivals[name] for name in chosen)]


def clip_of(selection: Selection, card: Card) -> Clip:
    """The chosen clip as a network is given it.

    Raises:
        UserError: The video cannot be read.
    """
    if selection.given(card) == selection.spec:
        return selection.clip()
    return cache.clip(selection.source, selection.given(card), 0)


def operators(selection: Selection, cards: Sequence[Card], later: Later) -> Panel:
    """The panel of the temporal operators, with its control.

    Args:
        selection: What the visitor is looking at.
        cards: The networks, the TANet first.
        later: Has the untrained TANet join.

    Raises:
        UserError: A video or a network cannot be read.
    """
    look = cast("Look", pick(st.segmented_control, "Channels", _LOOKS, "look", required=True))
    own, basis = selection.card, selection.basis
    shown = [
        (named(card), _operators(card.id, clip))
        for card in cards
        for clip in (clip_of(selection, card),)
    ]
    clip = selection.clip()
    ready = partial(_untrained_operators, own.id, basis, clip)
    base = later.get(ready, is_kept=cache.kept(_untrained_key(own.id, basis, clip)))
    if base is not None:
        untrained = Named(f"{named(own).name}, untrained", own.temporal, untrained=True)
        shown.insert(1, (untrained, base))
    channel = 0
    if look == "channel":
        channel = selection.channel_of(clip)
    return panels.temporal_operators(shown, selection.block, look, channel)


@st.cache_data(show_spinner="Computing the operators…", max_entries=256, hash_funcs=KEYS)
def _operators(name: str, clip: Clip) -> dict[str, Operator]:
    from tam_viz.capture.operators import operators as capture

    return capture(cache.network(name), clip)


def _untrained_key(name: str, basis: Basis, clip: Clip) -> tuple[Hashable, ...]:
    return "operators", name, basis.key, clip.id


def _untrained_operators(name: str, basis: Basis, clip: Clip) -> dict[str, Operator]:
    def steps() -> Steps[dict[str, Operator]]:
        from tam_viz.capture.operators import operators as capture

        yield Step(1, 1, capture(cache.untrained(name, basis).network, clip))

    key = _untrained_key(name, basis, clip)
    return cache.with_bar(key, steps, "Computing the operators of the untrained network")


def answering(selection: Selection) -> list[Card]:
    """Networks that know the same classes and answer on the clip; a sentence for each other one.

    Raises:
        UserError: The TANet itself does not answer.
    """
    answering_cards = []
    for card in selection.cards:
        if card.classes != selection.card.classes:
            continue
        try:
            cache.run(card.id, clip_of(selection, card))
        except UserError as error:
            if card is selection.card:
                raise
            st.info(sentence(f"{error} It is left out."))
            continue
        answering_cards.append(card)
    return answering_cards


def answers_here(selection: Selection, cards: Sequence[Card]) -> Panel:
    """The panel of what networks say of the clip.

    Raises:
        UserError: A video or a network cannot be read.
    """
    runs = {named(card).name: cache.run(card.id, clip_of(selection, card)) for card in cards}
    temporals = {named(card).name: card.temporal for card in cards}
    return panels.clip_answers(runs, temporals, selection.clip().label)
