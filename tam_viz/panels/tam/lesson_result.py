"""Panels of the lesson: V and Θ at work, on signals, on frames and on the prediction."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from tam_viz.analysis.tam import block_words as words
from tam_viz.analysis.tam.block_features import (
    band,
    blended,
    brightened,
    by_frame_table,
    means,
    passed,
    shrunk,
)
from tam_viz.panels.clip.clip import answers
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam.lesson import high_of
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.filmstrip import frame_ticks
from tam_viz.plots.shared.picture_rows import frame_row, map_row, picture_rows
from tam_viz.plots.tam import lesson as plots
from tam_viz.plots.tam.lesson import Line
from tam_viz.plots.tam.matrix_at_work import matrix_at_work
from tam_viz.types import Card, Clip, Run

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
        """Their effect on the frames of the channel."""
        return band(self.importance, self.kernel)


def aggregation(chosen: Chosen, own: Chosen, signal: Numbers, name: str) -> Panel:
    """A channel's matrix at work on a signal."""
    out, base = passed(chosen.matrix, signal), passed(own.matrix, signal)
    whose = "the network’s own" if chosen.own else "yours"
    return Panel(
        title=f"The matrix at work: {whose}",
        see=f"Rows: output frame t. Columns: input frame s that it reads. Above: what goes in "
        f"({name}). Right: what comes out, brown if the matrix is yours; purple: the network’s.",
        figure=matrix_at_work(
            chosen.matrix,
            signal,
            out,
            None if chosen.own else base,
            high_of(signal, out, base),
        ),
        says=words.describe_passage(signal, out, base, not chosen.own),
        table=by_frame_table({"in": signal, "out": out, "out, the network’s own": base}),
    )


def result(clip: Clip, x: Maps, y: Maps, chosen: Chosen) -> Panel:
    """The maps of a channel before TAM and after it."""
    before, after = shrunk(x), shrunk(y)
    high = high_of(x, y)
    rows = [
        frame_row("frames", clip.frames),
        map_row("x, what comes in", before, high),
        map_row("y, what comes out", after, high),
    ]
    columns = {"x": means(x), "y": means(y)}
    if not chosen.own:
        rows.append(map_row(f"y {_YOURS}", passed(chosen.matrix, before), high))
        columns[f"y {_YOURS}"] = passed(chosen.matrix, means(x))
    return Panel(
        title="What comes in and what comes out",
        see="All maps share one scale. Look for a pattern of one frame that appears in another. "
        "A black map does not mean that the frame is lost: the shortcut carries the block’s "
        "input on.",
        figure=picture_rows(rows, frame_ticks(clip), high),
        says=words.describe_weighted(columns["x"], columns["y"], columns.get(f"y {_YOURS}"), "TAM"),
        table=by_frame_table(columns),
    )


def signal_through(chosen: Chosen, own: Chosen, signal: Numbers, name: str) -> Panel:
    """A signal of one dimension through a channel."""
    out, base = passed(chosen.matrix, signal), passed(own.matrix, signal)
    lines = [Line("in", signal, "#808080"), Line("out, the network’s", base, plots.OUTPUT)]
    if not chosen.own:
        lines.append(Line(f"out, {_YOURS}", out, theme.EDITED, "dash"))
    return Panel(
        title=f"Played through it: {name}",
        see="Input (grey) and output by frame. A line that runs ahead of the grey one has read "
        "the future; a lower one was attenuated by V.",
        figure=plots.lines(lines, "signal", high_of(*(line.values for line in lines)), edges=True),
        says=words.describe_passage(signal, out, base, not chosen.own),
        table=by_frame_table({line.name: line.values for line in lines}),
    )


def answers_with(
    card: Card, clip: Clip, own: Run, here: Run, everywhere: Run, channel: int
) -> Panel:
    """Predictions with another V and Θ in one channel, and in all of the block."""
    runs = {"as it is": own, f"in channel {channel}": here, "in all channels": everywhere}
    cards = [dataclasses.replace(card, id=name) for name in runs]
    panel = answers(cards, list(runs.values()), clip.label)
    return dataclasses.replace(
        panel,
        title="What the network predicts",
        see="The five most probable classes: of the network as it is, with your V and Θ in "
        f"channel {channel}, and with them in all channels of this block.",
        how="One channel of many seldom changes a prediction. The weights are those of the trained "
        "network throughout.",
    )


def frames_through(clip: Clip, chosen: Chosen, own: Chosen, *, weighed: bool) -> Panel:
    """The frames themselves, as pixels, through a channel.

    Args:
        clip: The frames.
        chosen: V and Θ of the reader.
        own: Those of the network.
        weighed: Whether V takes part, brightened; else Θ alone does.
    """
    both = {"the network’s": own} if chosen.own else {"the network’s": own, "yours": chosen}
    v = {
        n: brightened(c.importance) if weighed else np.ones(len(own.importance))
        for n, c in both.items()
    }
    matrices = {name: band(v[name], c.kernel) for name, c in both.items()}
    rows = [frame_row("frames", clip.frames)]
    rows += [frame_row(f"out, {name}", blended(m, clip.frames)) for name, m in matrices.items()]
    weights = {f"out, {name}": m.sum(axis=1) for name, m in matrices.items()}
    return Panel(
        title="Played through it: the real frames",
        see="TAM does this to feature maps, not to pixels. Ghosts are neighbouring frames that "
        "were mixed in.",
        how=(
            "V is divided by its largest value inside the clip, so that frames can be seen; "
            "darker ones were attenuated. "
            if weighed
            else "V is left out, since it would darken all frames. "
        )
        + "A black frame is not lost: the shortcut carries the block’s input on.",
        figure=picture_rows(rows, frame_ticks(clip)),
        says=words.describe_blend(matrices),
        table=by_frame_table({"mean brightness": clip.frames.mean(axis=(1, 2, 3)), **weights}),
    )
