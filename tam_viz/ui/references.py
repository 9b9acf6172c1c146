"""What V and Θ of a clip are compared with; it joins them once they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tam_viz.types import Clip, Mean, TAMTrace
from tam_viz.ui import cache
from tam_viz.ui.selection import Selection


@dataclass(frozen=True, eq=False)
class References:
    """The references of a clip that are there.

    Attributes:
        untrained: What the untrained network decides on the clip.
        second: What it decides on the second clip.
        mean: The mean of the network over clips.
        fitted: The clips that the batch norms of the untrained network are fitted to, in words.
    """

    untrained: TAMTrace | None
    second: TAMTrace | None
    mean: Mean | None
    fitted: str


def found(selection: Selection, clip: Clip, second: Clip | None = None) -> References:
    """The references that are there already; waits for none."""
    name, basis = selection.card.id, selection.basis
    keys = [
        None if one is None else cache.untrained_key(name, basis, one) for one in (clip, second)
    ]
    untrained, beside = (
        cache.untrained_trace(name, basis, one)
        if one is not None and key is not None and cache.kept(key)
        else None
        for one, key in zip((clip, second), keys, strict=True)
    )
    mean = cache.mean_trace(name, basis) if cache.kept(cache.mean_key(name, basis)) else None
    return References(untrained, beside, mean, basis.says)


def complete(selection: Selection, clip: Clip, second: Clip | None = None) -> References:
    """All references; waits for those that are not there, with a bar for each.

    Raises:
        UserError: The network cannot be run, or no clip can be read that they are over.
    """
    name, basis = selection.card.id, selection.basis
    return References(
        cache.untrained_trace(name, basis, clip),
        None if second is None else cache.untrained_trace(name, basis, second),
        cache.mean_trace(name, basis),
        basis.says,
    )


def join(selection: Selection, there: References, clip: Clip, second: Clip | None = None) -> None:
    """Waits for the references that were not there and draws the page again; its last call.

    Args:
        selection: What the visitor is looking at.
        there: What `found` gave when the page was drawn.
        clip: The clip.
        second: The second one.

    Raises:
        UserError: The network cannot be run, or no clip can be read that they are over.
    """
    alone = second is None or there.second is not None
    if there.untrained is not None and there.mean is not None and alone:
        return
    complete(selection, clip, second)
    st.rerun()
