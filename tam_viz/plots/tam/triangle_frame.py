"""The frame of kernels between past, present and future: corners, scales, landmarks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme

_ACROSS, _UPWARDS = (-1.14, 1.14), (-0.09, 1.09)
_BLOCK_LABELS = 16
FREE = (0.78, 0.72)
"""A simplex_xy outside of the triangle."""
GREY = "#8C8C8C"


def key(label: str, colour: str) -> dict[str, Any]:
    """Names of the dots, for the legend."""
    return {**theme.pointless({"color": colour, "size": 6}), "name": in_plot(label)}


BAR: dict[str, Any] = {
    **theme.pointless({"color": [0], "coloraxis": "coloraxis"}),
    "showlegend": False,
}
"""Carries the bar of the blocks' colours."""


def fixed(landmarks: Mapping[str, tuple[float, float, float]]) -> dict[str, Any]:
    """Kernels that are the same for every video, as diamonds."""
    parts = np.array(list(landmarks.values()))
    return {
        "type": "scatter",
        "x": parts[:, 2] - parts[:, 0],
        "y": parts[:, 1],
        "text": list(landmarks),
        "mode": "markers",
        "marker": {
            "symbol": "diamond-open",
            "size": 13,
            "color": theme.REFERENCE,
            "line": {"width": 2},
        },
        "name": "fixed kernels",
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",  # it would take the clicks of the dots below it
    }


def outline() -> dict[str, Any]:
    """The triangle with lines at ¼, ½ and ¾ of each corner's weight, as one path."""
    lines = ["M -1 0 L 1 0 L 0 1 Z"]
    for share in (0.25, 0.5, 0.75):
        rest = 1 - share
        lines += [
            f"M {-rest} {share} L {rest} {share}",
            f"M {-share} {rest} L {rest - share} 0",
            f"M {share} {rest} L {share - rest} 0",
        ]
    return {
        "type": "path",
        "path": " ".join(lines),
        "line": {"width": 1, "color": "rgba(128,128,128,0.5)"},
        "layer": "below",
    }


def corners() -> list[dict[str, Any]]:
    """The names of the corners, and of the kernels in them."""
    corners = (
        ("past", "TSM, one eighth", -1.0, 0.0, -22),
        ("future", "TSM, one eighth", 1.0, 0.0, -22),
        ("present", "TSN", 0.0, 1.0, 16),
    )
    named = [
        {
            "text": f"<b style='color:{theme.TIME_DIRECTION[tap]}'>{tap}</b> {rival}",
            "x": x,
            "y": y,
            "yshift": shift,
            "showarrow": False,
        }
        for tap, rival, x, y, shift in corners
    ]
    middle = {"text": "average", "x": 0.0, "y": 1 / 3, "arrowcolor": theme.REFERENCE, "standoff": 8}
    return [*named, {**middle, "axref": "x", "ayref": "y", "ax": -0.8, "ay": 0.62}]


def square(across: tuple[float, float], upwards: tuple[float, float]) -> dict[str, Any]:
    """Axes on which the triangle has three equal sides."""
    quiet = {
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "constrain": "domain",
        "ticklabeloverflow": "allow",
    }
    return {
        "margin": {"l": 60, "r": 110, "t": 96, "b": 48, "autoexpand": False},
        "hovermode": "closest",
        "xaxis": {
            "range": list(across),
            "title": {"text": "weight of the future − weight of the past"},
            **quiet,
        },
        "yaxis": {
            "range": list(upwards),
            "title": {"text": "weight of the present"},
            "scaleanchor": "x",
            "scaleratio": math.sqrt(3),
            **quiet,
        },
    }


def depth_axis(names: Sequence[str], block: int) -> dict[str, Any]:
    """A colour for each block; the bar beside the picture names them."""
    count = len(names)
    colours = theme.depth_colours(count)
    steps = [[(i + end) / count, colour] for i, colour in enumerate(colours) for end in (0, 1)]
    every = -(-count // _BLOCK_LABELS)
    shown = [i for i in range(count) if i % every == 0 or i == block]
    return {
        "coloraxis": {
            "cmin": -0.5,
            "cmax": count - 0.5,
            "colorscale": steps,
            "colorbar": {
                **theme.colour_bar(""),
                "tickvals": shown,
                "ticktext": [f"<b>{names[i]}</b>" if i == block else names[i] for i in shown],
                "title": {"text": "block"},
            },
        }
    }
