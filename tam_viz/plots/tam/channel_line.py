"""V of one channel over time; a click anywhere chooses the frame below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.click_targets import targets
from tam_viz.plots.shared.column_axes import edged
from tam_viz.plots.shared.edges import edges
from tam_viz.plots.shared.event import bands, stretches
from tam_viz.plots.shared.filmstrip import frame_ticks
from tam_viz.types import Clip

_MARGIN = {"l": 60, "r": 20, "t": 64, "b": 84, "autoexpand": False}

Line = tuple[str, Float[np.ndarray, " t"], str, str]
"""Name, values, colour and dash."""


def channel_lines(
    clip: Clip,
    lines: Sequence[Line],
    inside: Bool[np.ndarray, " t"] | None,
    frame: int,
    band: Float[np.ndarray, "2 t"] | None = None,
) -> go.Figure:
    """V of one channel over time, in (0, 1), beside what it is compared with.

    A click gives the nearest frame, from 0, as `customdata`.

    Args:
        clip: The clip, for its frames.
        lines: What to draw; the one that matters last.
        inside: Which frames lie inside the true event, where it is known.
        frame: The chosen frame, from 0.
        band: From where to where V usually lies, where it is known.
    """
    count = len(clip.frames)
    data = [] if band is None else [_band(band)]
    data += [
        {
            "type": "scatter",
            "x": list(range(count)),
            "y": values,
            "name": name,
            "mode": "lines+markers",
            "line": {"color": colour, "dash": dash},
            "unselected": {"marker": {"opacity": 1}},
            "hoverinfo": "skip",
        }
        for name, values, colour, dash in lines
    ]
    parts = [
        f"frame {i + 1}" + "".join(f"<br>{name}: {values[i]:.3f}" for name, values, *_ in lines)
        for i in range(count)
    ]
    data.append(targets(list(range(count)), [0.5] * count, list(range(count)), parts))
    layout = {
        "margin": _MARGIN,
        "shapes": [*bands(inside), *edges(count), _chosen(frame)],
        "annotations": _event_name(inside),
        "xaxis": {
            "range": [-0.5, count - 0.5],
            "tickvals": list(range(count)),
            "ticktext": edged(frame_ticks(clip)),
            "tickangle": 0,
            "ticklabeloverflow": "allow",
            "title": {"text": "frame of the view, second in the video"},
            "fixedrange": True,
        },
        "yaxis": {"range": [0, 1], "title": {"text": "importance V"}, "fixedrange": True},
        "hovermode": "x",
        "hoverdistance": -1,
    }
    return theme.built(data, layout, 340, legend=True)


def _band(ends: Float[np.ndarray, "2 t"]) -> dict[str, object]:
    frames = np.arange(ends.shape[1])
    return {
        "type": "scatter",
        "x": np.concatenate([frames, frames[::-1]]),
        "y": np.concatenate([ends[0], ends[1][::-1]]),
        "fill": "toself",
        "fillcolor": theme.faint(theme.REFERENCE, 0.25),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "name": "middle 90% of clips",
    }


def _chosen(frame: int) -> dict[str, object]:
    return {
        "type": "line",
        "x0": frame,
        "x1": frame,
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"width": 2, "color": theme.FIRST},
    }


def _event_name(inside: Bool[np.ndarray, " t"] | None) -> list[dict[str, object]]:
    """The name of the true event, at the foot of the first band."""
    return [
        {
            "xref": "x",
            "yref": "y domain",
            "text": "true event",
            "x": first - 0.5,
            "y": 0,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11},
        }
        for first, _ in stretches(inside)[:1]
    ]
