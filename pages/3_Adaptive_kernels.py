"""Adaptive kernels: which way in time does each channel of a TAM block look?"""

from __future__ import annotations

import streamlit as st

from tam_viz.panels import kernels as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told

selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **does it look at the "
    "past, the present or the future?** Its weights sum to 1. In grey stands an untrained network "
    "of the same shape: what that shows as well was not learned.",
)
with readable():
    clip = selection.clip()
    second = selection.second_clip() or clip
with told():
    trace = cache.trace(selection.card.id, clip)
    mirrored = cache.trace(selection.card.id, second)
    untrained = cache.untrained_trace(selection.card.id, clip)

show_notices(clip, second)
show(panels.reversal(trace, mirrored, untrained), key="reversal")
show(panels.taps(trace, untrained), key="taps")
single = st.toggle("Only this block in the triangle", key="single", bind="query-params")
name = selection.block
show(panels.simplex(trace, untrained, name if single else None), key="simplex")
show(panels.block_map(trace[name], untrained[name]), key="map")
