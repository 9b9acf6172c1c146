"""Panels on adaptive kernels; an untrained network stands beside every picture."""

from __future__ import annotations

import numpy as np

from tam_viz.analysis import kernels as analysis
from tam_viz.panels.panel import Panel
from tam_viz.plots import kernels as plots
from tam_viz.plots.theme import depth_colours
from tam_viz.types import BlockTrace, TAMTrace


def reversal(trace: TAMTrace, backwards: TAMTrace, untrained: TAMTrace) -> Panel:
    """The clip beside the same clip played backwards."""
    return Panel(
        title="Kernels: forwards and backwards",
        see="A dot is a channel: above zero it reads more of the next frame than of the one "
        "before. Where the two colours part, the kernel depends on the direction of time.",
        figure=plots.leans(
            trace.names,
            [analysis.lean(block.kernel) for block in trace.blocks],
            [analysis.lean(block.kernel) for block in backwards.blocks],
            [analysis.lean(block.kernel) for block in untrained.blocks],
        ),
        says=analysis.describe_reversal(trace, backwards),
        table=analysis.lean_table(
            {"the clip": trace, "the clip backwards": backwards, "untrained": untrained}
        ),
    )


def taps(trace: TAMTrace, untrained: TAMTrace) -> Panel:
    """The distribution of each tap by block."""
    return Panel(
        title="Kernels: each tap, block by block",
        see="Boxes span the middle half of a block's channels, grey ones are untrained; the "
        "dotted line is ⅓, the plain average of three frames.",
        figure=plots.tap_boxes(_shares(trace), _shares(untrained)),
        says=analysis.describe_taps(trace),
        table=analysis.tap_table(trace),
    )


def simplex(trace: TAMTrace, untrained: TAMTrace, only: str | None = None) -> Panel:
    """Every kernel between past, present and future; of one block if `only` names it."""
    colours = dict(zip(trace.names, depth_colours(len(trace.names)), strict=True))
    chosen = trace.names if only is None else (only,)
    parts, plain = _shares(trace), _shares(untrained)
    return Panel(
        title=f"Kernels: between past, present and future, {only or 'all blocks'}",
        see="A dot is a channel's kernel; light blocks are early, dark ones late, grey dots are "
        "untrained. Diamonds are fixed kernels: TSN keeps the present, TSM shifts an eighth of the "
        "channels each way, the centre is the plain average.",
        figure=plots.simplex(
            {name: parts[name] for name in chosen},
            np.concatenate([plain[name] for name in chosen]),
            analysis.LANDMARKS,
            [colours[name] for name in chosen],
        ),
        says=analysis.describe_simplex([trace[name] for name in chosen]),
        table=analysis.tap_table(trace).loc[list(chosen)],
    )


def block_map(block: BlockTrace, untrained: BlockTrace) -> Panel:
    """One block, every kernel."""
    return Panel(
        title=f"Kernels: every channel of {block.name}",
        see="A column is a channel, a row a tap; darker weighs more. Channels are sorted by future "
        "− past in this network, and the untrained one is drawn in the same order.",
        figure=plots.kernel_maps(
            block.kernel, untrained.kernel, np.argsort(analysis.lean(block.kernel), kind="stable")
        ),
        says=analysis.describe_kernels(block, untrained),
        table=analysis.kernel_table(block),
    )


def _shares(trace: TAMTrace) -> dict[str, np.ndarray]:
    return {block.name: analysis.shares(block.kernel) for block in trace.blocks}
