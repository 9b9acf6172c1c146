"""Importance maps: when does each channel of a TAM block listen?"""

from __future__ import annotations

from tam_viz.panels import importance as panels
from tam_viz.ui import cache
from tam_viz.ui.figure import show
from tam_viz.ui.frame import open_page, readable, show_notices, told
from tam_viz.ui.pickers import pick_order

selection = open_page(
    "Importance maps",
    "The local branch weights every channel at every frame: **when does each channel listen?** "
    "V lies between 0 (muted) and 1 (passes whole). Beside it stands an untrained network of the "
    "same shape: what that shows as well was not learned.",
)
with readable():
    clip = selection.clip()
with told():
    trace = cache.trace(selection.card.id, clip)
    untrained = cache.untrained_trace(selection.card.id, clip)
channel, name = selection.channel_of(trace), selection.block

show_notices(clip)
show(panels.overview(clip, trace, untrained), key="overview")
order = pick_order()
block, base = trace[name], untrained[name]
show(panels.block_map(clip, block, base, channel=channel, order=order), key="map")
show(panels.channel_line(clip, block, base, channel=channel), key="line")
