"""Heat maps on a dark page: what is near zero is as dark as the page, not a white that glares.

Pictures are made for a white page, on which they are also saved. One that says so, by `ON_DARK` in
its layout, is shown on a dark page with the same hues the other way round in brightness.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly.colors import get_colorscale

from tam_viz.plots.shared import theme

ON_DARK: dict[str, Any] = {"meta": {"on_dark": True}}
"""Part of the layout of a figure whose colour scales may be turned."""

_ZERO = "#26272B"
_TURNED: dict[str, tuple[str, ...]] = {
    theme.IMPORTANCE_CENTRED: ("#B8F0B0", "#3D9950", _ZERO, "#9560B8", "#E9CBF5"),
    theme.IMPORTANCE_SPREAD: (_ZERO, "#54408A", "#8A78C2", "#C3BBE6", "#F4F0FB"),
    theme.KERNEL: (_ZERO, "#5C5D61", "#929397", "#C8C9CC", "#FFFFFF"),
    theme.SHARE: ("#F0D9A0", "#A5712A", _ZERO, "#2C8F85", "#B5ECE2"),
    theme.OPERATOR: ("#FFD79B", "#B9761F", _ZERO, "#7D6BB5", "#DAD2F3"),
    theme.CHANGE: ("#D4452F", "#7F3430", _ZERO, "#2B5480", "#2F7FD4"),
}
"""Colours at 0, ¼, ½, ¾ and 1, by the name of the scale for a white page.

Those of `CHANGE` stay dark enough for white numbers upon them.
"""


def on_dark(figure: go.Figure) -> go.Figure:
    """The figure for a dark page; itself where it has no scales that may be turned."""
    if not (figure.layout.meta or {}).get("on_dark"):
        return figure
    turned = go.Figure(figure)
    for trace in turned.data:
        if trace.type == "heatmap":
            _turn(trace)
        elif trace.type == "scatter":
            _turn(trace.marker)
    for axis in turned.select_coloraxes():
        _turn(axis)
    return turned


def _turn(scaled: Any) -> None:  # noqa: ANN401  # whatever has a colour scale
    if scaled.colorscale is not None:
        darker = _SCALES.get(_key(scaled.colorscale))
        if darker is not None:
            scaled.colorscale = darker


def _key(scale: Any) -> tuple[str, ...]:  # noqa: ANN401  # as Plotly keeps it
    return tuple(colour for _, colour in scale)


_SCALES = {
    _key(get_colorscale(name)): [[i / 4, colour] for i, colour in enumerate(colours)]
    for name, colours in _TURNED.items()
}
