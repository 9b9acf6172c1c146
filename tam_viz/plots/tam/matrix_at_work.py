"""A channel's matrix over time at work: what goes in, what each frame takes, what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.plots.shared import theme
from tam_viz.plots.tam.lesson import OUTPUT, QUIET_AXIS


def matrix_at_work(
    matrix: Float[np.ndarray, "t t"],
    signal: Float[np.ndarray, " t"],
    out: Float[np.ndarray, " t"],
    own: Float[np.ndarray, " t"] | None,
    high: float,
) -> go.Figure:
    """A channel's matrix with what goes in above its columns and what comes out beside its rows.

    Args:
        matrix: Entry [t, s] is what frame t of the output takes from frame s; in [0, 1].
        signal: One number for each frame, from 0 to `high`.
        out: The matrix times the signal.
        own: What comes out of the network's own matrix, as marks; None where that is `matrix`.
        high: Upper end of the scale of all three.
    """
    frames = len(matrix)
    figure = go.Figure([*_diagonals(matrix), *_ends(signal, out, yours=own is not None)])
    if own is not None:
        figure.add_trace(_own_marks(own))
    frames_shown = list(range(1, frames + 1))
    names = [str(i) for i in frames_shown]
    wide = [-0.5, frames + 1.5]
    figure.update_layout(
        xaxis={
            **QUIET_AXIS,
            "domain": [0, 0.68],
            "range": wide,
            "tickvals": frames_shown,
            "ticktext": names,
            "title": "frame s of the input",
        },
        yaxis={
            **QUIET_AXIS,
            "domain": [0, 0.72],
            "range": [frames + 0.5, 0.5],
            "tickvals": frames_shown,
            "ticktext": names,
            "title": "frame t of the output",
        },
        xaxis2={**QUIET_AXIS, "domain": [0.72, 1], "anchor": "y", "range": [0, 1.05 * high]},
        yaxis2={
            **QUIET_AXIS,
            "domain": [0.78, 1],
            "range": [0, 1.05 * high],
            "title": "in",
            "nticks": 4,
        },
        shapes=_beyond(frames),
        annotations=_beyond_notes(frames),
        xaxis2_title="out",
    )
    theme.finish(figure, 335, legend=True)
    figure.update_layout(
        margin={"l": 60, "r": 10, "t": 10, "b": 90},
        legend={"y": -0.22, "yanchor": "top"},
        bargap=0.35,
    )
    return figure


def _diagonals(matrix: Float[np.ndarray, "t t"]) -> list[dict[str, Any]]:
    """The three diagonals, each in the colour of its tap, with their numbers."""
    frames = len(matrix)
    traces = [_numbers(matrix)] if frames <= 8 else []
    for shift, (tap, colour) in zip((-1, 0, 1), theme.TIME_DIRECTION.items(), strict=True):
        values = np.where(np.eye(frames, k=shift, dtype=bool), matrix, np.nan)
        traces.append(
            {
                "type": "heatmap",
                "z": values,
                "x0": 1,
                "y0": 1,
                "zmin": 0,
                "zmax": 1,
                "colorscale": [[0, theme.faint(colour, 0.06)], [1, theme.faint(colour, 0.75)]],
                "showscale": False,
                "xgap": 2,
                "ygap": 2,
                "name": tap,
                "hoverongaps": False,
                "hovertemplate": "frame %{y} takes %{z:.3f} of frame %{x}<extra>"
                + tap
                + "</extra>",
            }
        )
        traces.append(  # a name in the legend, which heatmaps have not
            {
                "type": "scatter",
                "x": [None],
                "y": [None],
                "mode": "markers",
                "marker": {"symbol": "square", "size": 11, "color": colour},
                "name": f"Θ {tap} × V",
            }
        )
    return traces


def _numbers(matrix: Float[np.ndarray, "t t"]) -> dict[str, Any]:
    """The numbers of the three diagonals, in the colour of the page's text.

    A heatmap would choose black or white as if its cells were not seen through.
    """
    cells = [(t, s) for t, s in np.ndindex(*matrix.shape) if abs(t - s) <= 1]
    return {
        "type": "scatter",
        "x": [s + 1 for _, s in cells],
        "y": [t + 1 for t, _ in cells],
        "text": [f"{matrix[cell]:.2f}" for cell in cells],
        "mode": "text",
        "textfont": {"size": 11},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _ends(
    signal: Float[np.ndarray, " t"], out: Float[np.ndarray, " t"], *, yours: bool
) -> list[dict[str, Any]]:
    """Input and output as bars along the matrix; brown where the reader made it."""
    frames_shown = list(range(1, len(signal) + 1))
    shared = {
        "type": "bar",
        "hovertemplate": "frame %{x}: %{y:.3g}<extra>in</extra>",
        "showlegend": False,
    }
    return [
        {
            **shared,
            "x": frames_shown,
            "y": signal,
            "yaxis": "y2",
            "name": "in",
            "marker": {"color": theme.QUIET},
        },
        {
            **shared,
            "x": out,
            "y": frames_shown,
            "xaxis": "x2",
            "orientation": "h",
            "name": "out",
            "marker": {"color": theme.EDITED if yours else OUTPUT},
            "hovertemplate": "frame %{y}: %{x:.3g}<extra>out</extra>",
        },
    ]


def _own_marks(own: Float[np.ndarray, " t"]) -> go.Scatter:
    return go.Scatter(
        x=own,
        y=list(range(1, len(own) + 1)),
        xaxis="x2",
        mode="markers",
        name="the network’s out",
        marker={"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": theme.IMPORTANCE}},
        hovertemplate="frame %{y}: %{x:.3g}<extra>the network’s own</extra>",
    )


def _beyond(frames: int) -> list[dict[str, Any]]:
    """The two cells where the band runs out of the clip: zeros are read there."""
    return [
        {
            "type": "rect",
            "x0": column - 0.45,
            "x1": column + 0.45,
            "y0": row - 0.45,
            "y1": row + 0.45,
            "line": {"width": 2, "color": theme.QUIET, "dash": "dot"},
        }
        for column, row in ((0, 1), (frames + 1, frames))
    ]


def _beyond_notes(frames: int) -> list[dict[str, Any]]:
    return [
        {"text": "0", "x": column, "y": row, "showarrow": False, "font": {"size": 11}}
        for column, row in ((0, 1), (frames + 1, frames))
    ]
