"""Panels of the lesson: one TAM block, from what comes in to its V and Θ."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam import block_words as words
from tam_viz.analysis.tam.block_features import (
    by_frame_table,
    channel_by_frame_table,
    means,
    shrunk,
)
from tam_viz.panels.panel import Panel
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.filmstrip import frame_ticks
from tam_viz.plots.shared.overlay import overlay_frames
from tam_viz.plots.shared.picture_rows import frame_row, map_row, picture_rows
from tam_viz.plots.tam import kernel_steps as kernel_plots
from tam_viz.plots.tam import lesson as plots
from tam_viz.plots.tam.kernel_steps import KernelSteps
from tam_viz.plots.tam.lesson import LessonTable, Line
from tam_viz.types import BlockFeatures, BlockTrace, Clip

Maps = Float[np.ndarray, "t h w"]
Numbers = Float[np.ndarray, " t"]


def high_of(*maps: np.ndarray) -> float:
    """A scale that all of these fit on."""
    return max(1e-6, *(float(m.max(initial=0.0)) for m in maps))


def incoming(
    clip: Clip,
    maps: Maps,
    *,
    name: str,
    high: float,
    frame: int,
    played: str = "",
    change: float = np.nan,
) -> Panel:
    """The activation of a channel in the frames.

    Args:
        clip: The frames in the order in which they were played.
        maps: The channel's map of each.
        name: What the channel is called.
        high: Upper end of the scale, the same for every order of the frames.
        frame: Frame to point at, from 0.
        played: How they were played, if not as filmed.
        change: By how much that changed the block's maps, put back in order.
    """
    reading = words.describe_order(means(maps), played, change) if played else ""
    return Panel(
        title=f"What {name} sees{', ' * bool(played)}{played}",
        see="The channel's map laid over each frame, brighter where it is more active, on one "
        "scale for the whole clip; where it is zero, the frame is left as it is.",
        figure=overlay_frames(
            clip,
            maps,
            low=0.0,
            high=high,
            colours=theme.SALIENCY,
            title="activation",
            highlight=frame,
        ),
        says=reading or words.describe_frames_of(means(maps), name.capitalize()),
        table=by_frame_table({"mean activation": means(maps)}),
    )


def pooled(features: BlockFeatures, channel: int) -> Panel:
    """The table that pooling leaves."""
    c, t = features.pooled.shape
    table = LessonTable(
        f"x̂: {c} × {t}", features.pooled, theme.SALIENCY, high_of(features.pooled), channel
    )
    return Panel(
        title="What pooling leaves",
        see="Rows are channels, columns frames; brighter is more active. The arrow points at "
        f"channel {channel}.",
        figure=plots.tables([table]),
        says=words.describe_pooled(features.pooled),
        table=channel_by_frame_table(features.pooled),
    )


def profile(
    features: BlockFeatures, channel: int, changed: Numbers | None = None, how: str = ""
) -> Panel:
    """One row of that table, and what it becomes when cells are rearranged."""
    own, mean = features.pooled[channel].astype(np.float64), features.pooled.mean(axis=0)
    lines = [
        Line("mean of all channels", mean, theme.QUIET, "dot"),
        Line(f"channel {channel}", own, "#808080"),
    ]
    if changed is not None:
        lines.append(Line(how, changed, theme.EDITED, "dash"))
    return Panel(
        title=f"Row {channel}: its profile",
        see="Mean activation by frame. Brown: with the cells rearranged; where the two lines "
        "coincide, nothing changed.",
        figure=plots.lines(lines, "mean activation", high_of(*(line.values for line in lines))),
        says=words.describe_profile(own, changed, how),
        table=by_frame_table({line.name: line.values for line in lines}),
    )


def cells(clip: Clip, maps: Maps, changed: Maps | None, how: str) -> Panel:
    """The maps of a channel, and the same with their cells rearranged."""
    small, high = shrunk(maps), high_of(maps)
    rows = [frame_row("frames", clip.frames), map_row("x", small, high)]
    if changed is not None:
        rows.append(map_row(f"x, {how}", shrunk(changed), high))
    columns = {"x": means(maps)} | ({} if changed is None else {f"x, {how}": means(changed)})
    return Panel(
        title="The maps that are averaged",
        see="Each map becomes one number, the mean of its cells. All maps share one scale.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_frames_of(means(maps), "The channel"),
        table=by_frame_table(columns),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Blanked:
    """The local branch with the pooled numbers of one frame set to zero.

    Attributes:
        frame: The frame, from 0.
        pooled: What the branch is given then.
        hidden: Its hidden layer, after the ReLU.
        importance: V.
    """

    frame: int
    pooled: Float[np.ndarray, "c t"]
    hidden: Float[np.ndarray, "b t"]
    importance: Float[np.ndarray, "c t"]


def local_branch(features: BlockFeatures, channel: int, blank: Blanked | None = None) -> Panel:
    """From the pooled table to V, as it is or with a frame blank."""
    c, b = len(features.pooled), len(features.local_hidden)
    given = features.pooled if blank is None else blank.pooled
    hidden = features.local_hidden if blank is None else blank.hidden
    v = features.importance if blank is None else blank.importance
    after = "" if blank is None else f", frame {blank.frame + 1} blank"
    return Panel(
        title=f"Through the local branch{after}",
        see="Rows are channels, columns frames: the input of the branch, its hidden layer, and "
        f"V. The arrow points at channel {channel}; the dotted edges are affected by zero "
        "padding.",
        figure=plots.tables(
            [
                LessonTable(
                    f"x̂, {c} channels", given, theme.SALIENCY, high_of(features.pooled), channel
                ),
                LessonTable(
                    f"hidden, {b} rows",
                    hidden,
                    theme.SALIENCY,
                    high_of(hidden, features.local_hidden),
                    edges=True,
                ),
                LessonTable("V", v, theme.IMPORTANCE_SPREAD, 1.0, channel, edges=True),
            ]
        ),
        says=words.describe_local(
            hidden, features.importance, None if blank is None else blank.importance
        ),
        table=channel_by_frame_table(v),
    )


def importance_line(
    v: Numbers, untrained: Numbers | None, channel: int, blanked: Blanked | None = None
) -> Panel:
    """V of one channel, and what it becomes when a frame is blank."""
    blank = None if blanked is None else blanked.importance[channel]
    lines = [] if untrained is None else [Line("untrained", untrained, theme.QUIET, "dot")]
    lines.append(Line("V", v, theme.IMPORTANCE))
    if blanked is not None and blank is not None:
        lines.append(Line(f"frame {blanked.frame + 1} blank", blank, theme.EDITED, "dash"))
    return Panel(
        title=f"V of channel {channel}",
        see="From 0 (nothing passes) to 1 (everything passes). Dotted: untrained. Brown: with "
        "one frame blank.",
        figure=plots.lines(lines, "V", 1.0, edges=True),
        says=words.describe_importance(v, untrained, blank),
        table=by_frame_table({line.name: line.values for line in lines}),
    )


def weighted(clip: Clip, maps: Maps, own: Numbers, yours: Numbers | None) -> Panel:
    """The maps of a channel before V and after it."""
    small, high = shrunk(maps), high_of(maps)
    rows = [
        frame_row("frames", clip.frames),
        map_row("x, before V", small, high),
        map_row("V ⊙ x, the network’s V", small * own[:, None, None], high),
    ]
    columns = {"before": means(maps), "V": own, "after": means(maps) * own}
    if yours is not None:
        rows.append(map_row("V ⊙ x, your V", small * yours[:, None, None], high))
        columns |= {"your V": yours, "after yours": means(maps) * yours}
    return Panel(
        title="Before and after V",
        see="All maps share one scale. Frames that fade are attenuated; the pattern within them "
        "stays.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_weighted(
            columns["before"], columns["after"], columns.get("after yours")
        ),
        table=by_frame_table(columns),
    )


def kernel(
    features: BlockFeatures, untrained: BlockTrace | None, channel: int, drawn: KernelSteps | None
) -> Panel:
    """From the profile of a channel to its kernel."""
    own = KernelSteps(
        f"channel {channel}",
        theme.QUIET,
        features.pooled[channel],
        features.global_hidden[channel],
        features.logits[channel],
        features.kernel[channel],
    )
    base = None if untrained is None else untrained.kernel[channel]
    table = channel_by_frame_table(features.kernel).set_axis(
        ["past", "present", "future"], axis="columns"
    )
    return Panel(
        title="Through the global branch",
        see="From the channel's profile to the scores of the three taps and their weights Θ. "
        "Brown: the profile that you drew. Grey marks: Θ of the untrained network.",
        figure=kernel_plots.kernel_steps(own, base, drawn),
        says=words.describe_kernel(own.kernel, base, None if drawn is None else drawn.kernel),
        table=table,
    )
