"""Places of a picture that can be pointed at and clicked though nothing is drawn there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Numbers = Sequence[float] | Sequence[int]


def targets(
    x: Numbers,
    y: Numbers,
    customdata: Sequence[Any],
    texts: Sequence[str],
    hover: str = "%{text}",
) -> dict[str, Any]:
    """A trace of invisible points: a heatmap or an image tells nobody that it was clicked.

    Only one of the points becomes an element of the page, however many there are: Plotly finds
    what is pointed at among the numbers, and each element would be styled anew at every change.

    Args:
        x: Places.
        y: Places.
        customdata: What a click on each gives.
        texts: The text of each.
        hover: What is told of one that is pointed at, as Plotly's `hovertemplate`.
    """
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "customdata": customdata,
        "text": texts,
        "mode": "markers",
        "marker": {"size": 8, "opacity": 0, "maxdisplayed": 1},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "hovertemplate": f"{hover}<extra></extra>",
        "showlegend": False,
    }
