"""One colour language for all pictures, safe for colour-blind readers, in dark and light.

Text takes the colour of the page it is on, so no figure sets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.colors import sample_colorscale

from tam_viz.analysis.bench.mechanisms import mechanism

PAST, PRESENT, FUTURE = "#2A83C6", "#1B9E8A", "#D55E00"
DIRECTIONS = (PAST, PRESENT, FUTURE)
TIME_DIRECTION = {"past": PAST, "present": PRESENT, "future": FUTURE}
FIRST = "#7F9A00"
"""The clip itself, where a line or a box of its own is compared with others."""
SECOND = "#CC79A7"
"""The clip beside the first one, and what is done with it."""
EDITED = "#A6761D"
"""A network whose V or Θ was edited."""
IMPORTANCE = "#9B59B6"
IMPORTANCE_CENTRED = "PRGn_r"
"""Diverging, green below and purple above the channel's own mean."""
IMPORTANCE_SPREAD = "Purples"
KERNEL = "Greys"
UNTRAINED = "rgba(140,140,140,0.55)"
EVENT = "rgba(230,159,0,0.9)"
EVENT_FILL = "rgba(230,159,0,0.16)"
QUIET = "rgba(128,128,128,0.65)"
REFERENCE = "#808080"
"""Lines and marks that carry a meaning: as far from a white page as from a dark one."""

SHARE = "BrBG"
"""Diverging, brown below and teal above ½."""
SCORE = "Viridis"
OPERATOR = "PuOr"
"""Diverging, orange below and purple above 0: weights of one frame in another."""
INFLUENCE = "Cividis"
SALIENCY = "Inferno"
CHANGE = "RdBu"
"""Diverging, red for what an answer loses and blue for what it gains."""

MECHANISM_COLOURS = {
    "no temporal modelling": "#B8A020",
    "fixed weights": "#228833",
    "motion gating": "#3366CC",
    "attention": "#EE6677",
    "weights computed per video": "#AA3377",
}
"""One colour for each family of temporal modules: eighteen could not be told apart, so a module's
name is always written. For colour-blind readers too the five lie far apart."""
_OTHER_MODEL = "#777777"


def model_colour(temporal: str) -> str:
    """The colour of a network, by the name of its temporal module."""
    return MECHANISM_COLOURS.get(mechanism(temporal), _OTHER_MODEL)


def faint(colour: str, share: float) -> str:
    """A colour `#rrggbb` as a tint that covers a share, in [0, 1], of what is behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def ink(colours: str, shares: Float[np.ndarray, " n"]) -> list[str]:
    """Black or white for each value of a colour scale, in [0, 1]: what is read better upon it."""
    inks = []
    for colour in sample_colorscale(colours, shares.tolist()):
        rgb = np.array([float(part) / 255 for part in colour[4:-1].split(",")])
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        bright = float(linear @ (0.2126, 0.7152, 0.0722))
        inks.append("#000000" if bright > 0.179 else "#FFFFFF")  # where both contrast alike
    return inks


def written_out(colours: str) -> list[tuple[float, str]]:
    """A colour scale as `rgb(…)` at even steps, for figures that a page draws.

    Streamlit puts colours of its theme in the place of those from #000001 to about #000030, and
    Inferno begins with #000004.
    """
    steps = [i / 16 for i in range(17)]
    return list(zip(steps, sample_colorscale(colours, steps), strict=True))


def depth_colours(blocks: int) -> list[str]:
    """One colour per block, from the first (yellow) to the last (violet).

    Each stands out from a white page and from a dark one, for colour-blind readers too: from
    yellow to blue they go one way.
    """
    ramp = ("#B09600", "#83A31F", "#48A155", "#22A081", "#22909A", "#3C80B8", "#6470C4", "#8A5CC0")
    return [ramp[round(i * (len(ramp) - 1) / max(1, blocks - 1))] for i in range(blocks)]


def built(
    data: Sequence[dict[str, Any]], layout: dict[str, Any], height: int, *, legend: bool = False
) -> go.Figure:
    """A figure from plain dicts, checked once, with what all figures share; `height` in pixels."""
    return go.Figure({"data": list(data), "layout": {**_shared(height, legend=legend), **layout}})


def finish(figure: go.Figure, height: int, *, legend: bool = False) -> go.Figure:
    """Margins, background and legend shared by all figures; `height` in pixels."""
    return figure.update_layout(**_shared(height, legend=legend))


def colour_bar(title: str) -> dict[str, Any]:
    """A colour bar beside the plots, as many pixels away on a wide screen as on a narrow one."""
    return {
        "title": {"text": title, "side": "right"},
        "thickness": 12,
        "x": 1,
        "xpad": 20,
    }


def centred_text(
    text: str, x: float, y: float, size: int, yanchor: str = "bottom"
) -> dict[str, Any]:
    """Words around a place of the whole picture, `x` and `y` in [0, 1]; `size` in pixels.

    Plotly by itself would put them to the left or right of it in the outer thirds.
    """
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": yanchor,
        "showarrow": False,
        "font": {"size": size},
    }


def pointless(marker: dict[str, Any]) -> dict[str, Any]:
    """A trace without points, for what stands beside the plots: a colour bar, a legend's entry."""
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "markers",
        "marker": marker,
        "hoverinfo": "skip",
    }


def _shared(height: int, *, legend: bool) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 36, "b": 48},
        "showlegend": legend,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"align": "left"},
        "dragmode": False,
    }
