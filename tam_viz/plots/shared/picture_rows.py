"""Rows of small pictures, one for each frame: the frames themselves, and maps of activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from plotly.colors import sample_colorscale

from tam_viz.literal import in_plot
from tam_viz.plots.shared import theme
from tam_viz.plots.shared.filmstrip import data_uri

_ROW_PX, _NAME_PX, _FOOT_PX = 64, 22, 36
_CELL_PX = 112


@dataclass(frozen=True, eq=False)
class PictureRow:
    """One row of pictures.

    Attributes:
        name: What they are.
        pictures: RGB, one for each frame.
        means: What stands in the hover text, one number for each frame.
    """

    name: str
    pictures: UInt8[np.ndarray, "t h w 3"]
    means: Float[np.ndarray, " t"]


def map_row(name: str, maps: Float[np.ndarray, "t a b"], high: float) -> PictureRow:
    """Maps of activations, from 0 to `high`, as pictures; what is above looks like `high`.

    Cells stay sharp: each is a square of pixels.
    """
    steps = (255 * (maps / high).clip(0, 1)).round().astype(int)
    scale = max(1, _CELL_PX // max(maps.shape[1:]))
    pictures = _palette(theme.SALIENCY)[steps].repeat(scale, axis=1).repeat(scale, axis=2)
    return PictureRow(name, pictures, maps.mean(axis=(1, 2)))


def frame_row(name: str, frames: UInt8[np.ndarray, "t h w 3"]) -> PictureRow:
    """Frames as they are."""
    return PictureRow(name, frames, frames.mean(axis=(1, 2, 3)))


def picture_rows(
    rows: Sequence[PictureRow], ticks: Sequence[str], high: float | None = None
) -> go.Figure:
    """Rows of pictures below each other, a column for each frame.

    Args:
        rows: From top to bottom.
        ticks: Names of the frames.
        high: Upper end of the scale of activations; None where there are none.
    """
    count, frames = len(rows), len(ticks)
    unit = _NAME_PX / _ROW_PX  # the height of a name, in rows
    tops = [i * (1 + unit) + unit for i in range(count)]
    figure = go.Figure([_points(row, top) for row, top in zip(rows, tops, strict=True)])
    if high is not None:
        figure.add_trace(_bar(high))
    figure.layout.images = [
        _image(picture, i, top)
        for row, top in zip(rows, tops, strict=True)
        for i, picture in enumerate(row.pictures)
    ]
    figure.layout.annotations = [_name(row.name, top) for row, top in zip(rows, tops, strict=True)]
    quiet = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_layout(
        xaxis={
            **quiet,
            "range": [-0.5, frames - 0.5],
            "tickvals": list(range(frames)),
            "ticktext": list(ticks),
            "tickangle": 0,
            "title": "frame",
        },
        yaxis={**quiet, "visible": False, "range": [count * (1 + unit), 0]},
    )
    theme.finish(figure, count * (_ROW_PX + _NAME_PX) + _FOOT_PX + 24)
    return figure.update_layout(margin={"l": 10, "r": 10, "t": 8, "b": _FOOT_PX + 16})


@lru_cache(maxsize=4)
def _palette(colours: str) -> UInt8[np.ndarray, "256 3"]:
    samples = sample_colorscale(colours, [i / 255 for i in range(256)], colortype="tuple")
    return (255 * np.array(samples)).round().astype(np.uint8)


def _image(picture: UInt8[np.ndarray, "h w 3"], x: int, top: float) -> dict[str, Any]:
    return {
        "source": data_uri(picture),
        "xref": "x",
        "yref": "y",
        "x": x,
        "y": top + 0.5,
        "sizex": 0.97,
        "sizey": 0.98,
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
        "layer": "below",
    }


def _points(row: PictureRow, top: float) -> go.Scatter:
    """Invisible points that carry the hover text."""
    frames = len(row.pictures)
    return go.Scatter(
        x=list(range(frames)),
        y=[top + 0.5] * frames,
        customdata=row.means,
        mode="markers",
        marker={"size": 60, "opacity": 0},
        name=in_plot(row.name),
        hovertemplate="frame %{x}: mean %{customdata:.3g}<extra>" + row.name + "</extra>",
    )


def _name(text: str, top: float) -> dict[str, Any]:
    return {
        "text": in_plot(text),
        "xref": "x domain",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": top,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13},
    }


def _bar(high: float) -> dict[str, Any]:
    """A trace that carries the colour bar."""
    return theme.pointless(
        {
            "color": [0.0],
            "cmin": 0.0,
            "cmax": high,
            "colorscale": theme.written_out(theme.SALIENCY),
            "showscale": True,
            "colorbar": theme.colour_bar("activation"),
        }
    )
