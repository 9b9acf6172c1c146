"""The references of V and Θ of a clip, which join them once they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from tam_viz.analysis.tam.sameness import describe_sameness
from tam_viz.analysis.tam.usual import Usual, usual_of
from tam_viz.literal import sentence
from tam_viz.types import Clip, Mean, TAMTrace
from tam_viz.ui.state import cache
from tam_viz.ui.state.messages import draw_anew
from tam_viz.ui.state.selection import Selection

if TYPE_CHECKING:
    from tam_viz.experiments.studies.reference import Traces


@dataclass(frozen=True, eq=False)
class References:
    """The references of a clip that are there.

    Attributes:
        untrained: What the untrained network decides on the clip.
        second: What it decides on the second clip.
        mean: The mean of the network over clips.
        fitted: The clips that the batch norms of the untrained network are fitted to, in words.
        traces: Of the network on the clips that the mean is over.
    """

    untrained: TAMTrace | None
    second: TAMTrace | None
    mean: Mean | None
    fitted: str
    traces: Traces | None = None

    def usual(self, block: str, channel: int, label: str | None) -> Usual | None:
        """The kernels of a channel on many clips, where they are known."""
        traces = self.traces
        if traces is None:
            return None
        return usual_of(traces.traces, traces.labels, traces.over, block, channel, label)

    def sameness(self, block: str) -> str:
        """A sentence where a block does nearly the same to every clip; else nothing."""
        return (self.mean and describe_sameness(self.mean, block)) or ""


def say_fitted(selection: Selection) -> None:
    """Says what clips the untrained network is fitted to; once it was shown."""
    over = cache.fitted(selection.card.id, selection.basis)
    st.caption(
        sentence(
            f"The untrained {selection.card.id} is randomly initialised; its batch norms are "
            f"recalibrated on {over}."
        )
    )


def so_far(selection: Selection, clip: Clip, second: Clip | None = None) -> References:
    """The references that are there already; waits for none."""
    name, basis = selection.card.id, selection.basis
    keys = [
        None if shown is None else cache.untrained_key(name, basis, shown)
        for shown in (clip, second)
    ]
    untrained, beside = (
        cache.untrained_trace(name, basis, shown)
        if shown is not None and key is not None and cache.kept(key)
        else None
        for shown, key in zip((clip, second), keys, strict=True)
    )
    if not cache.kept(cache.mean_key(name, basis)):
        return References(untrained, beside, None, cache.fitted(name, basis))
    traces = cache.clip_traces(name, basis)
    return References(
        untrained, beside, cache.mean_trace(name, basis), cache.fitted(name, basis), traces
    )


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
        cache.fitted(name, basis),
        cache.clip_traces(name, basis),
    )


def join(selection: Selection, drawn: References, clip: Clip, second: Clip | None = None) -> None:
    """Waits for the references that were not there and draws the page again; its last call.

    Args:
        selection: What the visitor is looking at.
        drawn: What `so_far` gave when the page was drawn.
        clip: The clip.
        second: The second one.

    Raises:
        UserError: The network cannot be run, or no clip can be read that they are over.
    """
    alone = second is None or drawn.second is not None
    if drawn.untrained is not None and drawn.mean is not None and alone:
        return
    complete(selection, clip, second)
    draw_anew()
