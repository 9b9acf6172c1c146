"""Adaptive kernels: which way in time does each channel of a TAM block look?"""

from __future__ import annotations

import streamlit as st

from tam_viz.panels import kernels as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.pickers import pick_block

selection = open_page(
    "Adaptive kernels",
    "The global branch gives every channel a kernel made for this clip: **does it look at the "
    "past, the present or the future?** Its weights sum to 1. In grey stands an untrained network "
    "of the same shape: what that shows as well was not learned.",
)
with readable():
    clip = cache.clip(selection.source, selection.spec, selection.view)
    backwards = cache.clip(selection.source, selection.spec, selection.view, reverse=True)
with told():
    trace = cache.trace(selection.card.id, clip)
    mirrored = cache.trace(selection.card.id, backwards)
    untrained = cache.untrained_trace(selection.card.id, clip)

show_notices(clip)
show(panels.reversal(trace, mirrored, untrained), key="reversal")
show(panels.taps(trace, untrained), key="taps")

picker, scope = st.columns(2, vertical_alignment="bottom")
with picker:
    name = pick_block(trace)
with scope:
    single = st.toggle("Only this block in the triangle", key="single", bind="query-params")
show(panels.simplex(trace, untrained, name if single else None), key="simplex")
show(panels.block_map(trace[name], untrained[name]), key="map")
