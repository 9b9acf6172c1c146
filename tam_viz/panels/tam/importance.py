"""Panels on importance maps: all blocks, the channels of one, what a channel does to the frames.

Beside the clip's own stand its controls, as far as they are known: the same network given one
frame repeated, so that nothing happens, an untrained network, and the mean over clips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam import importance as analysis
from tam_viz.analysis.tam.adaptivity import InsideProbe, inside_scores
from tam_viz.analysis.tam.usual import Usual, describe_importance
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.columns import Column
from tam_viz.plots.shared.overlay import overlay_frames
from tam_viz.plots.tam import importance as plots
from tam_viz.plots.tam.channel_line import channel_lines
from tam_viz.types import BlockTrace, Clip, TAMTrace

T = TypeVar("T")

THIS = "this network"
_DASHES = ("dashdot", "dot", "dash")
"""Of the controls, in the order of their names."""


@dataclass(frozen=True, eq=False)
class Beside(Generic[T]):
    """The controls of a trace, or of a block of one.

    Attributes:
        frozen: The same network, given one frame of the clip repeated.
        frame: That frame, from 0.
        untrained: An untrained network, given the clip, where there is one.
        mean: The mean over clips, where it is known.
        fitted: The clips that the untrained network's batch norms were fitted to.
        over: The clips that the mean is over.
    """

    frozen: T
    frame: int
    untrained: T | None = None
    mean: T | None = None
    fitted: str = "MotionPairs clips"
    over: str = "test clips"

    def named(self) -> dict[str, T]:
        """Each by what it is called."""
        found = {f"frozen at frame {self.frame + 1}": self.frozen}
        if self.untrained is not None:
            found["untrained"] = self.untrained
        if self.mean is not None:
            found[f"mean over {self.over}"] = self.mean
        return found

    @property
    def explained(self) -> str:
        """What the controls are and what they are good for, in sentences."""
        parts = [
            f"‘frozen at frame {self.frame + 1}’ is the same network fed that one frame throughout"
        ]
        if self.untrained is not None:
            parts.append(
                "‘untrained’ is randomly initialised, its batch norms recalibrated on "
                f"{self.fitted}"
            )
        if self.mean is not None:
            parts.append(f"‘mean over {self.over}’ is the average of these clips")
        return (
            f"References: {'; '.join(parts)}. Whatever a reference shows too is not caused by the "
            "event, was not learned, or is not specific to this clip."
        )


def block_beside(beside: Beside[TAMTrace], name: str) -> Beside[BlockTrace]:
    """The same block of each."""
    return Beside(
        beside.frozen[name],
        beside.frame,
        None if beside.untrained is None else beside.untrained[name],
        None if beside.mean is None else beside.mean[name],
        beside.fitted,
        beside.over,
    )


def _columns(
    clip: Clip, values: Float[np.ndarray, "r t"], others: Mapping[str, Float[np.ndarray, "r t"]]
) -> list[Column]:
    first = Column(THIS, values, clip, analysis.inside_event(clip))
    return [first, *(Column(name, rows, None) for name, rows in others.items())]


_EDGES = (
    "The two marked edges are dominated by zero padding; do not read them as attention. Padding "
    "spreads inwards with depth; the map of the frozen clip shows how far."
)
_EVENT = "Orange bars mark the frames inside the true event, where it is known."


def overview(
    clip: Clip, trace: TAMTrace, beside: Beside[TAMTrace], block: str | None = None
) -> Panel:
    """All blocks at once, by how far channels depart from their own mean.

    Args:
        clip: The clip.
        trace: Its V.
        beside: Its controls.
        block: The chosen block, to outline.
    """
    others = beside.named()
    columns = _columns(
        clip, analysis.spread(trace), {name: analysis.spread(one) for name, one in others.items()}
    )
    return Panel(
        title="Importance: all blocks",
        see="In which blocks and frames does V vary? The more a cell stands out from the page, the "
        "more. Click a row of any map to choose the block.",
        how="Rows are TAM blocks in forward order, columns the frames of the view. The value is "
        "the temporal variation of V: its RMS deviation from each channel's time average, over the "
        "channels of a block; "
        f"the mean of V over channels would be nearly flat. {_EVENT} {_EDGES}\n\n"
        f"{beside.explained}",
        figure=plots.block_overview(
            trace.names,
            columns,
            plots.spread_scale(analysis.colour_limit(columns[0].values)),
            block,
        ),
        says=analysis.describe_spread(trace, others),
        table=analysis.spread_table(trace, clip),
    )


def probed(
    clip: Clip,
    trace: TAMTrace,
    untrained: TAMTrace | None,
    probes: tuple[InsideProbe, InsideProbe],
    block: str,
) -> Panel:
    """All blocks at once, by what a linear probe reads off V: is the event on?

    Args:
        clip: The clip.
        trace: Its V.
        untrained: That of an untrained network, where there is one.
        probes: Of the network, and of it untrained.
        block: The chosen one.
    """
    inside = analysis.inside_event(clip)
    scores = inside_scores(trace, probes[0])
    base = None if untrained is None else inside_scores(untrained, probes[1])
    columns = [Column(THIS, scores, clip, inside)]
    if base is not None:
        columns.append(Column("untrained", base, clip, inside))
    return Panel(
        title="Importance: linear probe, event vs. no event",
        see="Can a linear probe tell from V alone that the event is going on? Teal: it decodes "
        "the event; brown: it does not. Click a row of any map to choose the block.",
        how="The probe of each block was fitted to V of other clips. Orange bars mark the frames "
        "inside the true event, where it is known. The untrained network has a probe of its own: "
        "what that decodes too was not learned. The two edges are left out, since zero padding "
        "dominates there.",
        figure=plots.block_overview(
            trace.names, columns, plots.probe_scale(analysis.colour_limit(scores)), block
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
    order: Sequence[int] | None = None,
    limit: float | None = None,
    shown: Sequence[int] | None = None,
    ranked_by: str = "",
    sameness: str = "",
) -> Panel:
    """The channels of one block.

    Args:
        clip: The clip.
        block: Its V.
        beside: Its controls.
        channel: Channel to point at.
        order: All channels from top to bottom; by default by the frame of their peak.
        limit: End of the colour scale; by default the largest departure in this block.
        shown: The channels to show; by default all.
        ranked_by: What they were chosen by.
        sameness: A sentence on whether the block does the same to every clip.
    """
    others, count = beside.named(), len(block.importance)
    shifted = analysis.centred(block.importance)
    columns = _columns(
        clip, shifted, {name: analysis.centred(one.importance) for name, one in others.items()}
    )
    rows = analysis.channel_order(block.importance, "peak") if order is None else np.array(order)
    zoomed = shown is not None and len(shown) < count
    which = f"{len(shown)} of {count} channels" if shown and zoomed else "every channel"
    part = (
        f" Shown are the first {len(shown)} channels by {ranked_by}; the slim map at the left has "
        f"all {count}, with an arrow at each one that is shown."
        if shown and zoomed
        else ""
    )
    return Panel(
        title=f"Importance: {which} of {block.name}",
        see="When does each channel pass more than usual? Purple: V is above the channel's "
        "average; green: below. Click a row of any map to choose the channel.",
        how=f"A row is a channel, a column a frame.{part} The value is V minus the channel's mean "
        "over time, away from the edges. All maps share one colour scale, and their rows are in "
        f"the order of the first. The outlined row is the chosen channel. {_EVENT} {_EDGES}\n\n"
        f"{beside.explained}",
        figure=plots.block_maps(
            columns,
            rows,
            limit or analysis.colour_limit(shifted),
            channel,
            shown if zoomed else None,
        ),
        says=f"{analysis.describe_block(block, others)} {sameness}".strip(),
        table=analysis.importance_table(block, clip),
    )


def channel_line(
    clip: Clip,
    block: BlockTrace,
    beside: Beside[BlockTrace],
    *,
    channel: int,
    frame: int = 0,
    usual: Usual | None = None,
) -> Panel:
    """One channel of one block.

    Args:
        clip: The clip.
        block: Its V.
        beside: Its controls.
        channel: The channel.
        frame: The chosen frame, from 0.
        usual: What the channel does on many clips, where it is known.
    """
    v = block.importance[channel]
    lines = [
        (name, one.importance[channel], theme.REFERENCE, dash)
        for (name, one), dash in zip(beside.named().items(), _DASHES, strict=False)
    ]
    lines.append((f"channel {channel}", v, theme.IMPORTANCE, "solid"))
    return Panel(
        title=f"Importance: channel {channel} of {block.name}",
        see="V of this channel in purple, from 0 (the frame is muted) to 1 (it passes whole); its "
        "references in grey. Click a frame to choose it.",
        how=f"{_EVENT.replace('bars', 'bands')} {_EDGES}\n\n{beside.explained} V of an untrained "
        "network is near ½ on the clips that its batch norms were recalibrated on."
        + (
            ""
            if usual is None
            else f" The grey band holds the channel's V on the middle 90% of {usual.over}."
        ),
        figure=channel_lines(
            clip,
            lines,
            analysis.inside_event(clip),
            frame,
            None if usual is None else np.quantile(usual.importance, [0.05, 0.95], axis=0),
        ),
        says=" ".join(
            [
                analysis.describe_channel(block, channel),
                *(() if usual is None else [describe_importance(usual, v, channel)]),
            ]
        ),
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
        see="Where the channel is active in each frame; frames that fade have been down-weighted "
        "by V. Click a frame to choose it.",
        how="Brighter is more active. One colour scale holds for the whole clip, the same before "
        f"and after V: its end is the largest activation before V, {high:.3g}.",
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
