"""Importance maps: when does each channel of a TAM block listen?"""

from __future__ import annotations

import streamlit as st

from tam_viz.panels import importance as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.importance import (
    choose_block,
    choose_channel,
    pick_limit,
    probes_of,
)
from tam_viz.ui.pickers import pick_order

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **when does each channel listen?** "
    "V lies between 0 (muted) and 1 (passes whole). Beside it stand the network given one frame "
    "all along, an untrained network and the mean over test clips: what they show as well needs no "
    "event, was not learned, or is not about this clip.",
)
with readable():
    clip = selection.clip()
with told():
    trace = cache.trace(selection.card.id, clip)
    untrained = cache.untrained_trace(selection.card.id, selection.basis, clip)
    held = cache.held_trace(selection.card.id, clip, selection.frame)
    mean = cache.mean_trace(selection.card.id, selection.basis).trace
    probes = probes_of(selection.card)
channel, name = selection.channel_of(clip), selection.block
block, whole = trace[name], panels.Beside(held, selection.frame, untrained, mean)
beside = panels.block_beside(whole, name)

show_notices(clip)
views = ["spread over channels", "what a probe reads"]
view = st.segmented_control(
    "Blocks by", views, default=views[0], required=True, key="blocks", bind="query-params"
)
if view == views[0]:
    show(panels.overview(clip, trace, whole), key="overview", on_click=choose_block)
elif probes is None:
    st.info(
        f"No probe was fitted to this network: `tam-viz probe {selection.card.id}` fits one, where "
        f"it was trained on MotionPairs."
    )
else:
    panel = panels.probed(clip, trace, untrained, probes, name)
    show(panel, key="probed", on_click=choose_block)

left, right = st.columns(2)
with left:
    order = pick_order()
with right:
    limit = pick_limit(trace, block)
maps = panels.block_map(clip, block, beside, channel=channel, order=order, limit=limit)
show(maps, key="map", on_click=choose_channel)
line = panels.channel_line(clip, block, beside, channel=channel, frame=selection.frame)
show(line, key="line")
weighted = st.toggle("After V", value=True, key="weighted", bind="query-params")
features = cache.features(selection.card.id, clip)[name].x[channel]
show(
    panels.emphasised(
        clip, block, features, channel=channel, frame=selection.frame, weighted=weighted
    ),
    key="emphasised",
)
