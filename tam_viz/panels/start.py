"""The panel of the first page: one TAM block in one picture."""

from __future__ import annotations

from tam_viz.analysis import importance as analysis
from tam_viz.analysis import kernels
from tam_viz.analysis.banded import tam_operator
from tam_viz.analysis.inside import BlockFeatures
from tam_viz.panels.panel import Panel
from tam_viz.plots import start as plots
from tam_viz.types import BlockTrace, Clip


def tam(clip: Clip, features: BlockFeatures, untrained: BlockTrace, channel: int) -> Panel:
    """What one TAM block makes of a clip."""
    block = features.trace
    largest = features.pooled.max(axis=1, keepdims=True) + 1e-12
    parts = plots.Parts(
        given=features.pooled / largest,
        importance=block.importance,
        kernel=block.kernel,
        operator=tam_operator(block)[channel],
        output=features.y.mean(axis=(2, 3)) / largest,
    )
    return Panel(
        title=f"TAM, drawn from this clip: {block.name}",
        see="Left to right. The feature map x is averaged over space: one row for each channel, "
        "one column for each frame, as a share of the channel's largest value (black: all of it). "
        "The local branch makes V of it: darker, the channel listens at that frame. The global "
        "branch makes Θ: how much each channel takes of the frame before, the same and the next. "
        "Together they are a matrix A for each channel, and y is what goes on. The arrows point "
        "at one channel; all maps have their rows in one order.",
        figure=plots.tam_picture(
            clip,
            parts,
            analysis.channel_order(block.importance, "peak"),
            channel,
        ),
        says=_says(block, untrained, channel),
        table=analysis.importance_table(block, clip).join(kernels.kernel_table(block)),
    )


def _says(block: BlockTrace, untrained: BlockTrace, channel: int) -> str:
    base = untrained.importance[channel]
    taps, plain = (
        ", ".join(f"{share:.0%}" for share in kernels.shares(which.kernel)[channel])
        for which in (block, untrained)
    )
    return (
        f"{analysis.describe_extremes(block, channel)} Of the frame before, the same and the next "
        f"it takes {taps}. The same channel of an untrained network: V from "
        f"{base.min():.2f} to {base.max():.2f}, Θ {plain}."
    )
