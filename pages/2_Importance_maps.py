"""Importance maps: which frames does each channel of a TAM block pass?"""

from __future__ import annotations

import streamlit as st

from tam_viz.panels import importance as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.importance import (
    choose_block,
    choose_channel,
    choose_frame,
    order_of,
    pick_limit,
    probes_of,
)
from tam_viz.ui.ranking import pick_ranking, show_list

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **which frames does each channel pass "
    "on?** V lies between 0 (the frame is muted) and 1 (it passes whole). Controls stand next to "
    "it: what also appears in them is explained by padding, by the architecture, or by clips in "
    "general, not by this clip.",
)
with readable():
    clip, second = selection.clip(), selection.second_clip()
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
    "Summarise blocks by",
    views,
    default=views[0],
    required=True,
    key="blocks",
    bind="query-params",
    format_func=dict(zip(views, ("variation over time", "decoded event"), strict=True)).get,
)
if view == views[0]:
    show(panels.overview(clip, trace, whole, name), key="overview", on_click=choose_block)
elif probes is None:
    st.info(
        f"No probe was fitted to this network: `tam-viz probe {selection.card.id}` fits one, where "
        f"it was trained on MotionPairs."
    )
else:
    panel = panels.probed(clip, trace, untrained, probes, name)
    show(panel, key="probed", on_click=choose_block)

left, middle, right = st.columns(3)
with left, told():
    ranking = pick_ranking(selection, clip, second)
with middle:
    order = order_of(block, ranking.order)
with right:
    limit = pick_limit(trace, block)
maps = panels.block_map(
    clip,
    block,
    beside,
    channel=channel,
    order=order,
    limit=limit,
    shown=ranking.shown(channel),
    ranked_by=ranking.name,
)
show(maps, key="map", on_click=choose_channel)
left, right = st.columns([2, 3])
with left:
    show_list(selection, clip, ranking, channel)
with right:
    line = panels.channel_line(clip, block, beside, channel=channel, frame=selection.frame)
    show(line, key="line", on_click=choose_frame)
weighted = st.toggle("Show after weighting by V", value=True, key="weighted", bind="query-params")
features = cache.features(selection.card.id, clip)[name].x[channel]
show(
    panels.emphasised(
        clip, block, features, channel=channel, frame=selection.frame, weighted=weighted
    ),
    key="emphasised",
    on_click=choose_frame,
)
