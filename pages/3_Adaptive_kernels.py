"""Adaptive kernels: which way in time does each channel of a TAM block look?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from tam_viz.analysis import kernels as analysis
from tam_viz.plots import kernels as plots
from tam_viz.plots.theme import depth_colours
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable
from tam_viz.ui.pickers import pick_block

selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **does it look at the "
    "past, the present or the future?** The three weights sum to 1; without training they stay "
    "near ⅓ each.",
)
name = selection.card.id
with readable(selection):
    clip = cache.clip(selection.source, selection.card.input)
    reverse = cache.clip(selection.source, selection.card.input, reverse=True)
trace, mirrored = cache.trace(name, clip), cache.trace(name, reverse)
base = cache.untrained_trace(name, clip)
for notice in clip.notices:
    st.warning(notice)

parts = {block.name: analysis.shares(block.kernel) for block in trace.blocks}
plain = {block.name: analysis.shares(block.kernel) for block in base.blocks}
colours = dict(zip(trace.names, depth_colours(len(trace.names)), strict=True))
show(
    plots.leans(
        trace.names,
        [analysis.lean(block.kernel) for block in trace.blocks],
        [analysis.lean(block.kernel) for block in mirrored.blocks],
        [analysis.lean(block.kernel) for block in base.blocks],
    ),
    title="Forwards and backwards",
    see="Each dot is a channel: above zero it reads more of the next frame than of the one "
    "before. Where the two colours part, the kernel depends on the direction of time.",
    says=analysis.describe_reversal(trace, mirrored),
    table=analysis.lean_table({"clip": trace, "backwards": mirrored, "untrained": base}),
    key="leans",
)
show(
    plots.tap_boxes(parts, plain),
    title="Each tap, block by block",
    see="Boxes span the middle half of a block's channels; the dotted line is ⅓, the average.",
    says=f"Medians over the channels of {trace.names[-1]}: "
    + ", ".join(
        f"{tap} {np.median(parts[trace.names[-1]][:, i]):.2f}"
        for i, tap in enumerate(analysis.TAPS)
    )
    + ".",
    table=analysis.tap_table(trace),
    key="taps",
)

picker, scope = st.columns(2)
with picker:
    chosen = pick_block(trace)
with scope:
    every = st.toggle("All blocks in the triangle", value=True, key="every", bind="query-params")
shown = parts if every else {chosen: parts[chosen]}
grey = plain if every else {chosen: plain[chosen]}
block, reference = trace[chosen], base[chosen]
left, right = st.columns([3, 2])
with left:
    show(
        plots.simplex(
            shown,
            np.concatenate(list(grey.values())),
            analysis.LANDMARKS,
            [colours[b] for b in shown],
        ),
        title="Between past, present and future",
        see="A dot is a channel's kernel; light blocks are early, dark ones late. Diamonds are "
        "the fixed kernels of the rivals.",
        says=analysis.describe_kernels(block, reference),
        table=analysis.kernel_table(block),
        key="simplex",
    )
with right:
    show(
        plots.kernel_maps(block.kernel, reference.kernel, np.argsort(analysis.lean(block.kernel))),
        title=f"Block {chosen}: every kernel",
        see="A row is a channel, a column a tap; darker weighs more. Rows are sorted by "
        "future − past.",
        says=analysis.describe_kernels(block, reference),
        table=analysis.kernel_table(block),
        key="map",
    )
