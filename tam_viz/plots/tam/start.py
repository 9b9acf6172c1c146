"""One TAM block in one picture, drawn from the numbers of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.filmstrip import frame_images
from tam_viz.types import Clip

_PLACES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "x": ((0.0, 0.23), (0.08, 0.76)),
    "v": ((0.36, 0.55), (0.58, 0.92)),
    "theta": ((0.36, 0.55), (0.08, 0.42)),
    "a": ((0.665, 0.785), (0.30, 0.60)),
    "y": ((0.85, 1.0), (0.08, 0.76)),
}
"""Where each part stands: the ends of its x axis and of its y axis, as shares of the figure."""

_STRIP = (0.77, 0.90)


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of one block that are drawn.

    Attributes:
        given: What comes in, averaged over space, each channel as a share of its largest value.
        importance: V.
        kernel: Θ.
        operator: Of the chosen channel: what a frame of the output takes of each of the input.
        output: What goes on, averaged over space, on the scale of `given`.
    """

    given: Float[np.ndarray, "c t"]
    importance: Float[np.ndarray, "c t"]
    kernel: Float[np.ndarray, "c k"]
    operator: Float[np.ndarray, "t s"]
    output: Float[np.ndarray, "c t"]


def tam_picture(
    clip: Clip,
    parts: Parts,
    order: Int[np.ndarray, " c"],
    channel: int,
) -> go.Figure:
    """From what comes in by way of V and Θ to what goes on, left to right.

    Args:
        clip: The frames.
        parts: What to draw.
        order: Channels from top to bottom, in all maps.
        channel: The chosen one.
    """
    reach = float(max(np.abs(parts.operator).max(), 1e-6))
    frames = [str(i + 1) for i in range(parts.given.shape[1])]
    figure = go.Figure(
        [
            _map("", parts.given[order], frames, "Greys", (0.0, 1.0)),
            _map("2", parts.importance[order], frames, theme.IMPORTANCE_SPREAD, (0.0, 1.0)),
            *_taps(parts.kernel[order]),
            _map("4", parts.operator, frames, theme.OPERATOR, (-reach, reach), frames),
            _map("5", parts.output[order], frames, "Greys", (0.0, 1.0)),
        ]
    )
    row = int(np.flatnonzero(order == channel)[0])
    names = _tap_names(parts.kernel.shape[1])
    figure.update_layout(_axes(len(order), len(parts.operator)))
    figure.update_layout(xaxis3={"tickvals": list(range(len(names))), "ticktext": names})
    figure.update_layout(_strip_axes(len(frames)))
    figure.layout.images = frame_images(clip, "6")
    figure.layout.annotations = [*_titles(parts, channel), *_arrows(), *_pointers(row, channel)]
    theme.finish(figure, 520)
    return figure.update_layout(margin={"l": 40, "r": 14, "t": 24, "b": 40})


_AXIS: dict[str, Any] = {
    "showgrid": False,
    "zeroline": False,
    "fixedrange": True,
    "tickangle": 0,
    "tickfont": {"size": 10},
}


def _axes(channels: int, frames: int) -> dict[str, Any]:
    """The axes of the five maps."""
    axes: dict[str, Any] = {}
    for number, (part, (across, up)) in enumerate(_PLACES.items(), start=1):
        last = frames if part == "a" else channels
        axes[f"xaxis{number}"] = {
            **_AXIS,
            "domain": across,
            "anchor": f"y{number}",
            "type": "linear" if part == "theta" else "category",
        }
        axes[f"yaxis{number}"] = {
            **_AXIS,
            "domain": up,
            "anchor": f"x{number}",
            "range": [last - 0.5, -0.5],
            "showticklabels": part == "a",
            "type": "category" if part == "a" else "linear",
        }
    return axes


def _strip_axes(frames: int) -> dict[str, Any]:
    """The axes of the film strip above what comes in."""
    hidden = {"visible": False, "fixedrange": True}
    across = {"domain": _PLACES["x"][0], "range": [-0.5, frames - 0.5], "anchor": "y6"}
    up = {"domain": _STRIP, "range": [0, 1], "anchor": "x6"}
    return {"xaxis6": {**hidden, **across}, "yaxis6": {**hidden, **up}}


def _taps(kernel: Float[np.ndarray, "c k"]) -> list[go.Heatmap]:
    """Θ as columns, each in the colour of its direction in time."""
    maps = []
    for k in range(kernel.shape[1]):
        direction = theme.DIRECTIONS[int(np.sign(k - kernel.shape[1] // 2)) + 1]
        colours = [[0, theme.faint(direction, 0.0)], [1, direction]]
        maps.append(_map("3", kernel[:, [k]], [k], colours, (0.0, 1.0)))
    return maps


def _tap_names(taps: int) -> list[str]:
    shifts = [k - taps // 2 for k in range(taps)]
    return ["t" if s == 0 else f"t{'+' if s > 0 else '−'}{abs(s)}" for s in shifts]


def _map(
    axis: str,
    values: Float[np.ndarray, "r m"],
    columns: list[str] | list[int],
    colours: str | list[list[Any]],
    ends: tuple[float, float],
    rows: list[str] | None = None,
) -> go.Heatmap:
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


def _titles(parts: Parts, channel: int) -> list[dict[str, Any]]:
    c, t = parts.given.shape
    taps = parts.kernel.shape[1]
    titles = {
        "x": f"<b>x</b> comes in, pooled: {c} × {t}",
        "v": f"<b style='color:{theme.IMPORTANCE}'>V</b>: importance, {c} × {t}",
        "theta": f"<b>Θ</b>: kernel, {c} × {taps}",
        "a": f"<b>A</b> of channel {channel}<br>Θ<sub>s−t</sub> · V<sub>s</sub>",
        "y": "<b>y</b> = A·x, the output",
    }
    notes = []
    for part, text in titles.items():
        (left, right), (_, top) = _PLACES[part]
        above = _STRIP[1] if part == "x" else top
        notes.append(theme.centred_text(text, (left + right) / 2, above + 0.01, 12))
    below = {"x": "frame", "v": "frame", "a": "input frame s", "y": "frame"}
    for part, text in below.items():
        (left, right), (bottom, _) = _PLACES[part]
        notes.append(theme.centred_text(text, (left + right) / 2, bottom - 0.065, 10, "top"))
    (left, _), (bottom, top) = _PLACES["a"]
    rows = theme.centred_text("output frame t", left, (bottom + top) / 2, 10, "middle")
    return [*notes, {**rows, "textangle": -90, "xshift": -36}]


def _arrows() -> list[dict[str, Any]]:
    """How the numbers flow, with the name of the branch on the way."""
    steps = (
        ((0.24, 0.55), (0.325, 0.72), "local<br>branch", 30),
        ((0.24, 0.32), (0.325, 0.22), "global<br>branch", -30),
        ((0.56, 0.72), (0.61, 0.61), "", 0),
        ((0.56, 0.22), (0.61, 0.29), "", 0),
        ((0.795, 0.45), (0.825, 0.45), "", 0),
    )
    arrows = []
    for (x0, y0), (x1, y1), name, shift in steps:
        arrows.append(_arrow(x0, y0, x1, y1))
        if name:
            middle = theme.centred_text(name, (x0 + x1) / 2, (y0 + y1) / 2, 11, "middle")
            arrows.append({**middle, "yshift": shift, "xshift": -4})
    return arrows


def _arrow(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    """An arrow between two places; Plotly wants its tail in pixels, on a plot of ordinary size."""
    return {
        "text": "",
        "xref": "paper",
        "yref": "paper",
        "x": x1,
        "y": y1,
        "ax": (x0 - x1) * 880,
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
            "arrowcolor": theme.FIRST,
            "xanchor": "right",
            "font": {"size": 10},
        }
        for axis in ("", "2", "3", "5")
    ]
