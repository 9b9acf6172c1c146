"""The panel of the first page: one TAM block in one picture."""

from __future__ import annotations

from tam_viz.analysis.tam import importance as analysis
from tam_viz.analysis.tam import importance_words, kernels
from tam_viz.analysis.tam.tam_operator import tam_operator
from tam_viz.panels.panel import Panel
from tam_viz.plots.tam import start as plots
from tam_viz.types import BlockFeatures, BlockTrace, Clip


def tam(
    clip: Clip,
    features: BlockFeatures,
    channel: int,
    untrained: BlockTrace | None = None,
    fitted: str = "",
    sameness: str = "",
) -> Panel:
    """One TAM block at work on a clip.

    Args:
        clip: The clip.
        features: Everything inside the block.
        channel: The chosen channel.
        untrained: The block of an untrained network, where it is there.
        fitted: The clips that its batch norms were fitted to, in words.
        sameness: A sentence on whether the block does the same to every clip.
    """
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
        see="Left to right: the pooled features x; V, where a darker cell passes more of a frame; "
        "Θ, the weights of the previous, current and next frame; the matrix A that V and Θ make; "
        "and the output y.",
        how="x is averaged over space: one row for each channel, one column for each frame, as a "
        "share of the channel's largest value (black: all of it). The local branch computes V. Its "
        "first and last columns look alike on every clip, because the convolution in time reads "
        "zeros there; read the frames between. The global branch computes Θ. In A, output frame t "
        "takes Θ_{s−t} · V_s of input frame s. The arrows point at one channel; all maps have "
        "their rows in one order.",
        figure=plots.tam_picture(
            clip,
            parts,
            analysis.channel_order(block.importance, "peak"),
            channel,
        ),
        says=f"{_says(block, channel, untrained, fitted)} {sameness}".strip(),
        table=analysis.importance_table(block, clip).join(kernels.kernel_table(block)),
    )


def _says(block: BlockTrace, channel: int, untrained: BlockTrace | None, fitted: str) -> str:
    extremes = importance_words.describe_extremes(block, channel)
    says = f"{extremes} {_weights('It weights', block, channel)}"
    if untrained is None:
        return says
    base = untrained.importance[channel]
    return (
        f"{says} The same channel of an untrained network (batch norms recalibrated on {fitted}): "
        f"V from {base.min():.2f} to {base.max():.2f}. {_weights('It weights', untrained, channel)}"
    )


def _weights(begins: str, block: BlockTrace, channel: int) -> str:
    taps = ", ".join(f"{share:.0%}" for share in kernels.shares(block.kernel)[channel])
    return f"{begins} the previous, current and next frame {taps}."
