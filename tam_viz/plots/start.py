"""One TAM block in one picture, drawn from the numbers of a clip."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.analysis.inside import BlockFeatures
from tam_viz.plots import theme
from tam_viz.plots.filmstrip import frame_images
from tam_viz.types import Clip

_PLACES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "x": ((0.0, 0.19), (0.10, 0.72)),
    "v": ((0.33, 0.52), (0.58, 0.94)),
    "theta": ((0.33, 0.52), (0.06, 0.42)),
    "a": ((0.62, 0.76), (0.29, 0.61)),
    "y": ((0.84, 1.0), (0.10, 0.72)),
}
"""Where each part stands: the ends of its x axis and of its y axis, as shares of the figure."""

_STRIP = (0.76, 0.92)


def tam_picture(
    clip: Clip,
    features: BlockFeatures,
    operator: Float[np.ndarray, "t s"],
    output: Float[np.ndarray, "c t"],
    order: Int[np.ndarray, " c"],
    channel: int,
) -> go.Figure:
    """From what comes in by way of V and Θ to what goes on, left to right.

    Args:
        clip: The frames.
        features: Of one block.
        operator: Of the chosen channel: what each frame of the output takes of each of the input.
        output: What goes on, averaged over space.
        order: Channels from top to bottom, in all maps.
        channel: The chosen one.
    """
    pooled = features.pooled[order]
    high = float(max(pooled.max(), output.max(), 1e-6))
    reach = float(max(np.abs(operator).max(), 1e-6))
    frames = [str(i + 1) for i in range(pooled.shape[1])]
    taps = _tap_names(features.kernel.shape[1])
    figure = go.Figure(
        [
            _map(1, pooled, frames, "Greys", (0, high)),
            _map(2, features.importance[order], frames, theme.IMPORTANCE_SPREAD, (0, 1)),
            _map(3, features.kernel[order], taps, theme.KERNEL, (0, 1)),
            _map(4, operator, frames, theme.OPERATOR, (-reach, reach)),
            _map(5, output[order], frames, "Greys", (0, high)),
        ]
    )
    row = int(np.flatnonzero(order == channel)[0])
    for number, (part, (across, up)) in enumerate(_PLACES.items(), start=1):
        last = len(operator) if part == "a" else len(order)
        figure.update_layout(
            {
                f"xaxis{number}": {
                    **_AXIS,
                    "domain": across,
                    "anchor": f"y{number}",
                    "side": "bottom",
                },
                f"yaxis{number}": {
                    **_AXIS,
                    "domain": up,
                    "anchor": f"x{number}",
                    "range": [last - 0.5, -0.5],
                    "showticklabels": part == "a",
                },
            }
        )
    figure.update_layout(
        xaxis6={
            "domain": _PLACES["x"][0],
            "range": [-0.5, len(frames) - 0.5],
            "visible": False,
            "anchor": "y6",
            "fixedrange": True,
        },
        yaxis6={
            "domain": _STRIP,
            "range": [0, 1],
            "visible": False,
            "anchor": "x6",
            "fixedrange": True,
        },
    )
    figure.layout.images = frame_images(clip, "6")
    figure.layout.annotations = [*_titles(features, channel), *_arrows(), *_pointers(row, channel)]
    theme.finish(figure, 520)
    return figure.update_layout(margin={"l": 40, "r": 14, "t": 24, "b": 40})


_AXIS: dict[str, Any] = {
    "showgrid": False,
    "zeroline": False,
    "fixedrange": True,
    "tickangle": 0,
    "tickfont": {"size": 10},
}


def _tap_names(taps: int) -> list[str]:
    names = [f"t{k - taps // 2:+d}".replace("+0", "") for k in range(taps)]
    colours = [theme.PAST] * (taps // 2) + [theme.PRESENT] + [theme.FUTURE] * (taps // 2)
    return [
        f"<b style='color:{colour}'>{name}</b>" for name, colour in zip(names, colours, strict=True)
    ]


def _map(
    axis: int,
    values: Float[np.ndarray, "r m"],
    columns: list[str],
    colours: str,
    ends: tuple[float, float],
) -> go.Heatmap:
    rows = [str(i + 1) for i in range(len(values))] if axis == 4 else None
    return go.Heatmap(
        z=values,
        x=columns,
        y=rows,
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        zmin=ends[0],
        zmax=ends[1],
        colorscale=colours,
        showscale=False,
        hovertemplate="%{x}: %{z:.3f}<extra></extra>",
    )


def _titles(features: BlockFeatures, channel: int) -> list[dict[str, Any]]:
    c, t = features.pooled.shape
    taps = features.kernel.shape[1]
    said = {
        "x": f"<b>x</b>: comes in, pooled<br>{c} × {t}",
        "v": f"<b style='color:{theme.IMPORTANCE}'>V</b>: when, {c} × {t}",
        "theta": f"<b>Θ</b>: which way in time, {c} × {taps}",
        "a": f"channel {channel}:<br><b>A[t, s] = Θ[s−t+1]·V[s]</b>",
        "y": f"<b>y</b> = A·x goes on<br>{c} × {t}",
    }
    found = []
    for part, text in said.items():
        (left, right), (_, top) = _PLACES[part]
        above = _STRIP[1] if part == "x" else top
        found.append(_text(text, (left + right) / 2, above + 0.01, yanchor="bottom"))
    below = "frame"
    for part in ("x", "v", "a", "y"):
        (left, right), (bottom, _) = _PLACES[part]
        found.append(_text(below, (left + right) / 2, bottom - 0.065, yanchor="top", size=10))
    return found


def _text(text: str, x: float, y: float, *, yanchor: str, size: int = 12) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "yanchor": yanchor,
        "showarrow": False,
        "font": {"size": size},
    }


def _arrows() -> list[dict[str, Any]]:
    """How the numbers flow, with the name of the branch on the way."""
    steps = (
        ((0.20, 0.50), (0.315, 0.74), "local branch", 14),
        ((0.20, 0.32), (0.315, 0.24), "global branch", -14),
        ((0.53, 0.74), (0.635, 0.66), "", 0),
        ((0.53, 0.24), (0.635, 0.22), "", 0),
        ((0.775, 0.45), (0.815, 0.45), "", 0),
    )
    found = []
    for (x0, y0), (x1, y1), name, shift in steps:
        found.append(_arrow(x0, y0, x1, y1))
        if name:
            middle = _text(name, (x0 + x1) / 2, (y0 + y1) / 2, yanchor="middle", size=11)
            found.append({**middle, "yshift": shift, "xshift": -8})
    return found


def _arrow(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    """An arrow between two places; Plotly wants its tail in pixels, on a plot of ordinary size."""
    return {
        "text": "",
        "xref": "paper",
        "yref": "paper",
        "x": x1,
        "y": y1,
        "ax": (x0 - x1) * 800,
        "ay": (y1 - y0) * 456,
        "arrowhead": 2,
        "arrowcolor": theme.QUIET,
        "arrowwidth": 2,
    }


def _pointers(row: int, channel: int) -> list[dict[str, Any]]:
    """The chosen channel in every map of channels."""
    return [
        {
            "text": str(channel),
            "xref": f"x{axis} domain",
            "yref": f"y{axis}",
            "x": 0,
            "y": row,
            "ax": -16,
            "ay": 0,
            "arrowhead": 2,
            "xanchor": "right",
            "font": {"size": 10},
        }
        for axis in (1, 2, 3, 5)
    ]
