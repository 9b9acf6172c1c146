"""One colour language for all pictures, safe for colour-blind readers, in dark and light.

Text takes the colour of the page it is on, so no figure sets it.
"""

from __future__ import annotations

import plotly.graph_objects as go

PAST, PRESENT, FUTURE = "#2A83C6", "#1B9E8A", "#D55E00"
TIME_DIRECTION = {"past": PAST, "present": PRESENT, "future": FUTURE}
BACKWARDS = "#CC79A7"
IMPORTANCE = "#9B59B6"
IMPORTANCE_CENTRED = "PRGn_r"
"""Diverging, green below and purple above the channel's own mean."""
IMPORTANCE_SPREAD = "Purples"
KERNEL = "Greys"
UNTRAINED = "rgba(140,140,140,0.55)"
EVENT = "rgba(230,159,0,0.9)"
EVENT_FILL = "rgba(230,159,0,0.16)"
QUIET = "rgba(128,128,128,0.65)"

_MODELS = {"tam": "#AA3377", "tsm": "#228833", "none": "#B8A020"}
_OTHER_MODEL = "#4477AA"


def model_colour(temporal: str) -> str:
    """The colour of a network, by the name of its temporal module."""
    return _MODELS.get(temporal, _OTHER_MODEL)


def depth_colours(blocks: int) -> list[str]:
    """One colour per block, from the first (light) to the last (dark), perceptually even."""
    ramp = ("#FDE725", "#B5DE2B", "#6ECE58", "#35B779", "#1F9E89", "#26828E", "#31688E", "#3E4989")
    return [ramp[round(i * (len(ramp) - 1) / max(1, blocks - 1))] for i in range(blocks)]


def finish(figure: go.Figure, height: int, *, legend: bool = False) -> go.Figure:
    """Margins, background and legend shared by all figures; `height` in pixels."""
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 20, "t": 36, "b": 48},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left"},
        dragmode=False,
    )
    return figure
