"""Intervals around values, as Plotly draws them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def error_bars(
    values: Iterable[float], low: Iterable[float], high: Iterable[float], **style: object
) -> dict[str, Any]:
    """Error bars from `low` to `high` around `values`, all in units of the axis.

    Args:
        values: Where the marks stand.
        low: Lower end of each interval.
        high: Upper end of each interval.
        **style: What else Plotly's `error_x` and `error_y` take: width, thickness, colour.
    """
    rows = list(zip(values, low, high, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [top - value for value, _, top in rows],
        "arrayminus": [value - bottom for value, bottom, _ in rows],
        **style,
    }
