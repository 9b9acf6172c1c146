"""Asks a visitor whether to wait for what takes long."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from tam_viz.literal import sentence
from tam_viz.types import Card, Clip
from tam_viz.ui.state import cache

_STALE_S = 30
_ASK_S = 5.0
"""Work that is estimated to take longer waits until a visitor asks for it."""

_ALWAYS = 5e7
"""Work that is done unasked, however slow the machine is just now: see `_work`."""


def is_quick(card: Card, passes: int) -> bool:
    """Whether so many forward passes are done unasked."""
    return passes * _work(card) <= _ALWAYS


def agreed(
    key: tuple[Hashable, ...],
    card: Card,
    clip: Clip,
    passes: int,
    says: str,
    tell: Callable[[str], object] = st.info,
    *,
    fastest: bool = False,
) -> bool:
    """Whether to compute something now: it is quick, there already, or was asked for.

    Args:
        key: Under which its result is kept.
        card: Of the network that computes it.
        clip: What a pass is timed on.
        passes: How many it takes.
        says: What it is, as the beginning of a sentence.
        tell: Shows how long it takes.
        fastest: Whether the fastest form of the network computes it.
    """
    keys = wanted()
    if key in keys or cache.kept(key) or is_quick(card, passes):
        return True
    seconds = passes * _seconds(card.id, clip, fastest=fastest)
    if seconds <= _ASK_S:
        return True
    needs = (
        f"{says} takes about {seconds:.0f} seconds with this network on this machine at its "
        "present load."
    )
    tell(sentence(needs))
    st.button(
        "Compute it",
        key=f"compute-{str(key[0]).replace(' ', '-')}",
        on_click=keys.add,
        args=(key,),
    )
    return False


def wanted() -> set[Hashable]:
    """Keys of what this visitor agreed to wait for."""
    keys: set[Hashable] = st.session_state.setdefault("agreed", set())
    return keys


def _work(card: Card) -> float:
    """Roughly what a forward pass costs: pixels times the squared width, that of 16 being 1."""
    return card.input.frames * card.input.size**2 * (card.width / 16) ** 2


@st.cache_data(show_spinner="Timing the network…", ttl=_STALE_S)
def _seconds(name: str, _clip: Clip, *, fastest: bool) -> float:
    """Time of a forward pass of a network that has run before, measured anew every half minute.

    Another process that used the cores while it was measured would else be promised for ever.
    """
    from tam_viz.capture.run import run

    loaded = cache.network(name, fastest=fastest)
    return min(run(loaded, _clip).seconds for _ in range(2))
