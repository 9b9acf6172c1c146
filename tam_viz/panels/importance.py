"""Panels on importance maps.

Beside every picture stand the same network given one frame held still, so that nothing happens,
an untrained network, and the mean over test clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Float

from tam_viz.analysis import importance as analysis
from tam_viz.analysis.adaptivity import InsideProbe, inside_scores
from tam_viz.panels.panel import Panel
from tam_viz.plots import importance as plots
from tam_viz.plots import theme
from tam_viz.plots.importance import Column
from tam_viz.plots.overlay import overlay_frames
from tam_viz.types import BlockTrace, Clip, TAMTrace

T = TypeVar("T")

_THIS, _UNTRAINED, _MEAN = "this network", "untrained", "mean over test clips"
_DASHES = ("dashdot", "dot", "dash")
"""Of what stands beside, in the order of its names."""


@dataclass(frozen=True, eq=False)
class Beside(Generic[T]):
    """What a trace, or a block of one, is held against.

    Attributes:
        held: The same network, given one frame of the clip all along.
        frame: That frame, from 0.
        untrained: An untrained network, given the clip.
        mean: The mean over test clips, where it is known.
    """

    held: T
    frame: int
    untrained: T
    mean: T | None = None

    def named(self) -> dict[str, T]:
        """Each by what it is called."""
        found = {f"frame {self.frame + 1} held": self.held, _UNTRAINED: self.untrained}
        return found if self.mean is None else {**found, _MEAN: self.mean}


def block_beside(beside: Beside[TAMTrace], name: str) -> Beside[BlockTrace]:
    """The same block of each."""
    mean = None if beside.mean is None else beside.mean[name]
    return Beside(beside.held[name], beside.frame, beside.untrained[name], mean)


def _columns(
    clip: Clip, values: Float[np.ndarray, "r t"], others: Mapping[str, Float[np.ndarray, "r t"]]
) -> list[Column]:
    first = Column(_THIS, values, clip, analysis.inside_event(clip))
    return [first, *(Column(name, rows, None) for name, rows in others.items())]


def overview(clip: Clip, trace: TAMTrace, beside: Beside[TAMTrace]) -> Panel:
    """All blocks at once, by how far channels depart from their own mean."""
    others = beside.named()
    columns = _columns(
        clip, analysis.spread(trace), {name: analysis.spread(one) for name, one in others.items()}
    )
    return Panel(
        title="Importance: all blocks",
        see="How far channels depart from their own mean over time, by block (down, in forward "
        "order) and frame (across); darker is farther. The mean of V over channels would be flat. "
        "At the two marked edges zero padding rules: do not read them as attention. It reaches "
        "inwards from block to block, so beside it one frame is held: what shows there needs no "
        "event. Click a block to choose it.",
        figure=plots.block_overview(
            trace.names, columns, plots.spread_scale(analysis.reach(columns[0].values))
        ),
        says=analysis.describe_spread(trace, others),
        table=analysis.spread_table(trace, clip),
    )


def probed(
    clip: Clip,
    trace: TAMTrace,
    untrained: TAMTrace,
    probes: tuple[InsideProbe, InsideProbe],
    block: str,
) -> Panel:
    """All blocks at once, by what a linear probe reads off V: is the event on?

    Args:
        clip: The clip.
        trace: Its V.
        untrained: That of an untrained network.
        probes: Of the network, and of it untrained.
        block: The chosen one.
    """
    inside = analysis.inside_event(clip)
    scores = inside_scores(trace, probes[0])
    base = inside_scores(untrained, probes[1])
    return Panel(
        title="Importance: what a probe reads off all blocks",
        see="For each block and frame, what a linear probe says that was fitted to V of other "
        "clips: teal, the event is going on; brown, it is not. The orange bar is the truth, where "
        "it is known. The untrained network has a probe of its own: what it finds too was not "
        "learned. The two edges are left out, since zero padding rules them. Click a block to "
        "choose it.",
        figure=plots.block_overview(
            trace.names,
            [
                Column("this network", scores, clip, inside),
                Column("untrained", base, clip, inside),
            ],
            plots.probe_scale(analysis.reach(scores)),
        ),
        says=analysis.describe_probe(trace.names, scores, base, inside, block),
        table=analysis.frame_table_of(scores, trace.names, clip),
    )


def block_map(
    clip: Clip,
    block: BlockTrace,
    beside: Beside[BlockTrace],
    *,
    channel: int,
    order: analysis.Order = "peak",
    limit: float | None = None,
) -> Panel:
    """One block, every channel.

    Args:
        clip: The clip.
        block: Its V.
        beside: The same block elsewhere.
        channel: Channel to point at.
        order: Of the channels.
        limit: End of the colour scale; by default the largest departure in this block.
    """
    others = beside.named()
    shifted = analysis.centred(block.importance)
    columns = _columns(
        clip, shifted, {name: analysis.centred(one.importance) for name, one in others.items()}
    )
    return Panel(
        title=f"Importance: every channel of {block.name}",
        see="A row is a channel, a column a frame. Purple: the channel listens more than it does "
        "on average away from the edges; green: less. The arrow points at the chosen channel; "
        "click a row to choose another. All maps share one scale, and their rows are in the order "
        "of the first.",
        figure=plots.block_maps(
            columns,
            analysis.channel_order(block.importance, order),
            limit or analysis.reach(shifted),
            channel,
        ),
        says=analysis.describe_block(block, others),
        table=analysis.importance_table(block, clip),
    )


def channel_line(
    clip: Clip,
    block: BlockTrace,
    beside: Beside[BlockTrace],
    *,
    channel: int,
    frame: int = 0,
) -> Panel:
    """One channel of one block."""
    lines = [
        (name, one.importance[channel], theme.QUIET, dash)
        for (name, one), dash in zip(beside.named().items(), _DASHES, strict=False)
    ]
    lines.append((f"channel {channel}", block.importance[channel], theme.IMPORTANCE, "solid"))
    return Panel(
        title=f"Importance: channel {channel} of {block.name}",
        see="V itself, from 0 (the frame is muted) to 1 (it passes whole). Grey, the same channel "
        "with one frame held still, of an untrained network (random weights, batch norms fitted "
        "to MotionPairs: on other videos it too departs from its neutral ½), and on average.",
        figure=plots.channel_lines(clip, lines, analysis.inside_event(clip), frame),
        says=analysis.describe_channel(block, channel),
        table=analysis.importance_table(block, clip).loc[[channel]].T,
    )


def emphasised(
    clip: Clip,
    block: BlockTrace,
    features: Float[np.ndarray, "t h w"],
    *,
    channel: int,
    frame: int,
    weighted: bool,
) -> Panel:
    """What one channel sees in the frames, before V or after it.

    Args:
        clip: The clip.
        block: Its V.
        features: Of the channel, before V; at least 0.
        channel: Its number.
        frame: Frame to point at, from 0.
        weighted: Whether V has been put on them.
    """
    high = max(float(features.max(initial=0.0)), 1e-6)
    v = block.importance[channel]
    maps = features * v[:, None, None] if weighted else features
    return Panel(
        title=f"What channel {channel} of {block.name} sees, {'after' if weighted else 'before'} V",
        see="Where in each frame the channel is active, brighter for more, on one scale for the "
        "whole clip, which is the same before and after V: a frame that pales has been muted.",
        figure=overlay_frames(
            clip,
            maps,
            low=0.0,
            high=high,
            colours=theme.SALIENCY,
            title="activation",
            highlight=frame,
        ),
        says=analysis.describe_emphasis(features, v, frame),
        table=analysis.emphasis_table(features, v, clip),
    )
