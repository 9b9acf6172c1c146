"""Importance maps: when does each channel of a TAM block listen?"""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis import importance as analysis
from tam_viz.plots import importance as plots
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable
from tam_viz.ui.pickers import pick_block, pick_channel, pick_order

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **when does each channel listen?** "
    "V lies between 0 and 1, and without training it stays near ½.",
)
with readable(selection):
    clip = cache.clip(selection.source, selection.card.input)
trace = cache.trace(selection.card.id, clip)
base = cache.untrained_trace(selection.card.id, clip)
inside = analysis.inside_event(clip)
for notice in clip.notices:
    st.warning(notice)

show(
    plots.block_overview(
        clip, trace.names, analysis.spread(trace), analysis.spread(base), inside
    ),
    title="All blocks",
    see="How far channels depart from their own mean over time, by block (down, in forward order) "
    "and frame (across); darker is farther. The mean of V over channels would be flat. At the two "
    "marked edges zero padding takes part: do not read them as attention.",
    says=analysis.describe_spread(trace, base),
    table=analysis.spread_table(trace, clip),
    key="overview",
)

left, middle, right = st.columns(3)
with left:
    name = pick_block(trace)
block, reference = trace[name], base[name]
with middle:
    channel = pick_channel(len(block.importance), analysis.most_variable(block.importance))
with right:
    order = analysis.channel_order(block.importance, pick_order())

show(
    plots.block_maps(
        clip,
        analysis.centred(block.importance),
        analysis.centred(reference.importance),
        order,
        channel=channel,
        inside=inside,
    ),
    title=f"Block {name}: every channel",
    see="A row is a channel, a column a frame. Purple: the channel listens more than it does on "
    "average; green: less. The arrow points at the chosen channel. Both maps share one scale.",
    says=analysis.describe_block(block, reference),
    table=analysis.importance_table(block, clip),
    key="map",
)
show(
    plots.channel_lines(
        clip, block.importance[channel], reference.importance[channel], channel, inside
    ),
    title=f"Block {name}, channel {channel}",
    see="V itself, from 0 (the frame is muted) to 1 (it passes whole).",
    says=analysis.describe_channel(block, channel),
    table=analysis.importance_table(block, clip).loc[[channel]].T,
    key="channel_line",
)
