"""The dotted edges of a clip, where zero padding takes part."""

from __future__ import annotations

from typing import Any

from tam_viz.plots.shared import theme


def edges(frames: int, axis: str = "") -> list[dict[str, Any]]:
    """Frames the first and the last column, where zero padding takes part in the result."""
    filled = {"fillcolor": "rgba(128,128,128,0.25)"}
    return [
        {**dotted_column(frame, axis, theme.REFERENCE), **filled}
        for frame in sorted({0, frames - 1})
    ]


def dotted_column(frame: int, axis: str, colour: str) -> dict[str, Any]:
    """A dotted line around the column of one frame."""
    return {
        "type": "rect",
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": frame - 0.5,
        "x1": frame + 0.5,
        "y0": 0,
        "y1": 1,
        "line": {"width": 2, "color": colour, "dash": "dot"},
    }
