"""Importance maps: when does each channel of a TAM block listen?"""

from __future__ import annotations

import streamlit as st

from tam_viz.analysis.importance import most_variable
from tam_viz.panels import importance as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.pickers import pick_block, pick_channel, pick_order

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **when does each channel listen?** "
    "V lies between 0 (muted) and 1 (passes whole). Beside it stands an untrained network of the "
    "same shape: what that shows as well was not learned.",
)
with readable():
    clip = cache.clip(selection.source, selection.spec, selection.view)
with told():
    trace = cache.trace(selection.card.id, clip)
    untrained = cache.untrained_trace(selection.card.id, clip)

show_notices(clip)
show(panels.overview(clip, trace, untrained), key="overview")

left, middle, right = st.columns(3)
with left:
    name = pick_block(trace)
block, base = trace[name], untrained[name]
with middle:
    channel = pick_channel(len(block.importance), most_variable(block.importance))
with right:
    order = pick_order()
show(panels.block_map(clip, block, base, channel=channel, order=order), key="map")
show(panels.channel_line(clip, block, base, channel=channel), key="line")
