"""Panels of the lesson: one TAM block, from what comes in to what goes on."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from tam_viz.analysis import inside_words as words
from tam_viz.analysis.inside import (
    BlockFeatures,
    band,
    blended,
    channel_table,
    frame_table,
    means,
    passed,
    shrunk,
)
from tam_viz.panels.clip import answers
from tam_viz.panels.panel import Panel
from tam_viz.plots import lesson as plots
from tam_viz.plots import theme
from tam_viz.plots.filmstrip import frame_ticks
from tam_viz.plots.lesson import KernelSteps, Line, Table
from tam_viz.plots.maps import frame_row, map_row, picture_rows
from tam_viz.plots.overlay import overlay_frames
from tam_viz.types import BlockTrace, Card, Clip, Run

Maps = Float[np.ndarray, "t h w"]
Numbers = Float[np.ndarray, " t"]
_YOURS = "with yours"


@dataclasses.dataclass(frozen=True, eq=False)
class Chosen:
    """V and Θ of one channel that a reader chose; either may be the network's own.

    Attributes:
        importance: V.
        kernel: Θ.
        own: Whether both are the network's.
    """

    importance: Numbers
    kernel: Float[np.ndarray, " k"]
    own: bool

    @property
    def matrix(self) -> Float[np.ndarray, "t t"]:
        """What they do to the frames of the channel."""
        return band(self.importance, self.kernel)


def _high(*maps: np.ndarray) -> float:
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
    """What a channel sees in the frames.

    Args:
        clip: The frames in the order in which they were played.
        maps: The channel's map of each.
        name: What the channel is called.
        high: Upper end of the scale, the same for every order of the frames.
        frame: Frame to point at, from 0.
        played: How they were played, if not as filmed.
        change: By how much that changed the block's maps, put back in order.
    """
    said = words.describe_order(means(maps), played, change) if played else ""
    return Panel(
        title=f"What {name} sees{', ' * bool(played)}{played}",
        see="The channel's map laid over each frame, brighter for a stronger answer, on one scale "
        "for the whole clip; where it finds nothing, the frame is left as it is.",
        figure=overlay_frames(
            clip,
            maps,
            low=0.0,
            high=high,
            colours=theme.SALIENCY,
            title="activation",
            highlight=frame,
        ),
        says=said or words.describe_frames_of(means(maps), name.capitalize()),
        table=frame_table({"mean activation": means(maps)}),
    )


def pooled(inside: BlockFeatures, channel: int) -> Panel:
    """The table that pooling leaves."""
    c, t = inside.pooled.shape
    table = Table(f"x̂: {c} × {t}", inside.pooled, theme.SALIENCY, _high(inside.pooled), channel)
    return Panel(
        title="The table that is left",
        see="A row is a channel, a column a frame; brighter is more active. The arrow points at "
        f"channel {channel}.",
        figure=plots.tables([table]),
        says=words.describe_pooled(inside.pooled),
        table=channel_table(inside.pooled),
    )


def profile(
    inside: BlockFeatures, channel: int, changed: Numbers | None = None, how: str = ""
) -> Panel:
    """One row of that table, and what it becomes when places are rearranged."""
    own, mean = inside.pooled[channel].astype(np.float64), inside.pooled.mean(axis=0)
    lines = [
        Line("mean of all channels", mean, theme.QUIET, "dot"),
        Line(f"channel {channel}", own, "#808080"),
    ]
    if changed is not None:
        lines.append(Line(how, changed, theme.EDITED, "dash"))
    return Panel(
        title=f"Row {channel}: its profile",
        see="Mean activation by frame. Brown: the same after the places were rearranged; where the "
        "two lines are one, nothing changed.",
        figure=plots.lines(lines, "mean activation", _high(*(line.values for line in lines))),
        says=words.describe_profile(own, changed, how),
        table=frame_table({line.name: line.values for line in lines}),
    )


def places(clip: Clip, maps: Maps, changed: Maps | None, how: str) -> Panel:
    """The maps of a channel, and the same with their places rearranged."""
    small, high = shrunk(maps), _high(maps)
    rows = [frame_row("frames", clip.frames), map_row("x", small, high)]
    if changed is not None:
        rows.append(map_row(f"x, {how}", shrunk(changed), high))
    columns = {"x": means(maps)} | ({} if changed is None else {f"x, {how}": means(changed)})
    return Panel(
        title="The maps that are averaged",
        see="Each map becomes one number, the mean of its cells. All maps share one scale.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_frames_of(means(maps), "The channel"),
        table=frame_table(columns),
    )


def local_branch(inside: BlockFeatures, channel: int) -> Panel:
    """From the pooled table to V."""
    c, b = len(inside.pooled), len(inside.local_hidden)
    given, hidden = inside.pooled, inside.local_hidden
    return Panel(
        title="Through the local branch",
        see="A row is a channel, a column a frame. Left to right: what the branch is given, its "
        f"hidden layer, and V. The arrow points at channel {channel}; at the dotted edges zeros "
        "from beyond the clip take part.",
        figure=plots.tables(
            [
                Table(f"x̂, {c} channels", given, theme.SALIENCY, _high(given), channel),
                Table(f"hidden, {b} rows", hidden, theme.SALIENCY, _high(hidden), edges=True),
                Table("V", inside.importance, theme.IMPORTANCE_SPREAD, 1.0, channel, edges=True),
            ]
        ),
        says=words.describe_local(inside),
        table=channel_table(inside.importance),
    )


def importance_line(
    v: Numbers, untrained: Numbers, channel: int, blank: Numbers | None = None, frame: int = 0
) -> Panel:
    """V of one channel, and what it becomes when a frame, from 0, is blank."""
    lines = [Line("untrained", untrained, theme.QUIET, "dot"), Line("V", v, theme.IMPORTANCE)]
    if blank is not None:
        lines.append(Line(f"frame {frame + 1} blank", blank, theme.EDITED, "dash"))
    return Panel(
        title=f"V of channel {channel}",
        see="From 0 (muted) to 1 (passes whole). Dotted grey: the same channel of an untrained "
        "network. Brown: V with one frame blank; it can leave the purple line there and beside it.",
        figure=plots.lines(lines, "V", 1.0, edges=True),
        says=words.describe_importance(v, untrained, blank),
        table=frame_table({line.name: line.values for line in lines}),
    )


def weighted(clip: Clip, maps: Maps, own: Numbers, yours: Numbers | None) -> Panel:
    """The maps of a channel before V and after it."""
    small, high = shrunk(maps), _high(maps)
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
        title="Before V and after it",
        see="All maps share one scale. A frame that pales is turned down; the pattern within it "
        "stays.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_weighted(
            columns["before"], columns["after"], columns.get("after yours")
        ),
        table=frame_table(columns),
    )


def kernel(
    inside: BlockFeatures, untrained: BlockTrace, channel: int, drawn: KernelSteps | None
) -> Panel:
    """From the profile of a channel to its kernel."""
    own = KernelSteps(
        f"channel {channel}",
        theme.QUIET,
        inside.pooled[channel],
        inside.global_hidden[channel],
        inside.logits[channel],
        inside.kernel[channel],
    )
    base = untrained.kernel[channel]
    table = channel_table(inside.kernel).set_axis(["past", "present", "future"], axis="columns")
    return Panel(
        title="Through the global branch",
        see="Left to right: the channel's pooled numbers, the hidden layer, the three scores, and "
        "their shares Θ. Brown: what becomes of the profile that you drew. Grey marks: Θ of the "
        "untrained network.",
        figure=plots.kernel_steps(own, base, drawn),
        says=words.describe_kernel(own.kernel, base, None if drawn is None else drawn.kernel),
        table=table,
    )


def aggregation(chosen: Chosen, own: Chosen, signal: Numbers, name: str) -> Panel:
    """A channel's matrix at work on a signal."""
    out, base = passed(chosen.matrix, signal), passed(own.matrix, signal)
    whose = "the network’s own" if chosen.own else "yours"
    return Panel(
        title=f"The matrix at work: {whose}",
        see="A row says what a frame of the output takes, a column what a frame of the input "
        "gives, in the colours of past, present and future. Above the columns stands what goes "
        f"in ({name}), beside the rows what comes out; purple marks are what comes out of the "
        "network’s own matrix while you hold another.",
        figure=plots.matrix_at_work(
            chosen.matrix,
            signal,
            out,
            None if chosen.own else base,
            _high(signal, out, base),
        ),
        says=words.describe_passage(signal, out, base, not chosen.own),
        table=frame_table({"in": signal, "out": out, "out, the network’s own": base}),
    )


def result(clip: Clip, x: Maps, y: Maps, chosen: Chosen) -> Panel:
    """The maps of a channel before TAM and after it."""
    before, after = shrunk(x), shrunk(y)
    high = _high(x, y)
    rows = [
        frame_row("frames", clip.frames),
        map_row("x, what comes in", before, high),
        map_row("y, what goes on", after, high),
    ]
    columns = {"x": means(x), "y": means(y)}
    if not chosen.own:
        rows.append(map_row(f"y {_YOURS}", passed(chosen.matrix, before), high))
        columns[f"y {_YOURS}"] = passed(chosen.matrix, means(x))
    return Panel(
        title="What comes in and what goes on",
        see="All maps share one scale. Look for a pattern of one frame that appears in another.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_weighted(columns["x"], columns["y"], columns.get(f"y {_YOURS}"), "TAM"),
        table=frame_table(columns),
    )


def signal_through(chosen: Chosen, own: Chosen, signal: Numbers, name: str) -> Panel:
    """A signal of one dimension through a channel."""
    out, base = passed(chosen.matrix, signal), passed(own.matrix, signal)
    lines = [Line("in", signal, "#808080"), Line("out, the network’s", base, plots.OUTPUT)]
    if not chosen.own:
        lines.append(Line(f"out, {_YOURS}", out, theme.EDITED, "dash"))
    return Panel(
        title=f"Played through it: {name}",
        see="What goes in (grey) and what comes out, by frame. A line that runs ahead of the grey "
        "one looked into the future, a lower one was turned down by V.",
        figure=plots.lines(lines, "signal", _high(*(line.values for line in lines)), edges=True),
        says=words.describe_passage(signal, out, base, not chosen.own),
        table=frame_table({line.name: line.values for line in lines}),
    )


def answers_with(
    card: Card, clip: Clip, own: Run, here: Run, everywhere: Run, channel: int
) -> Panel:
    """What the network says after another V and Θ in one channel, and in all of the block."""
    runs = {"as it is": own, f"in channel {channel}": here, "in all channels": everywhere}
    cards = [dataclasses.replace(card, id=name) for name in runs]
    panel = answers(cards, list(runs.values()), clip.label)
    return dataclasses.replace(
        panel,
        title="What the network says of it",
        see="The five most probable classes, on one scale: of the network as it is, with your V "
        f"and Θ in channel {channel}, and with them in all channels of this block. One channel of "
        "many seldom changes an answer. The weights are those of the trained network throughout.",
    )


def frames_through(clip: Clip, chosen: Chosen, own: Chosen) -> Panel:
    """The frames themselves, as pixels, through a channel."""
    matrices = {"the network’s": own.matrix}
    if not chosen.own:
        matrices[_YOURS] = chosen.matrix
    rows = [frame_row("frames", clip.frames)]
    rows += [frame_row(f"out, {name}", blended(m, clip.frames)) for name, m in matrices.items()]
    level = clip.frames.mean(axis=(1, 2, 3))
    outs = {f"out, {name}": passed(m, level) for name, m in matrices.items()}
    return Panel(
        title="Played through it: the real frames",
        see="TAM never does this to pixels; it does it to feature maps. But eyes read pixels "
        "better: ghosts are neighbours that were mixed in, dark frames were turned down by V.",
        figure=picture_rows(rows, frame_ticks(clip)),
        says=words.describe_blend(level, outs),
        table=frame_table({"mean brightness": level, **outs}),
    )
