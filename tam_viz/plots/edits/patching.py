"""One block patched at a time from a donor, and from a null donor beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from tam_viz.plots.shared import theme
from tam_viz.plots.shared.names import MANY_BLOCKS, SYMBOLS

Lines = Mapping[str, Float[np.ndarray, " b"]]
_COLOURS = (theme.IMPORTANCE, theme.FUTURE, theme.EDITED)


def patching(
    names: Sequence[str], donor: Lines, null: Lines, needed: float, measure: str
) -> go.Figure:
    """Change of the score of a class by block that is patched.

    Args:
        names: Blocks in forward order.
        donor: By what is given, from the donor.
        null: The same from the null donor; empty where there is none.
        needed: Change that the donor's own score would take, drawn as a level.
        measure: What the score is.
    """
    data = [
        _line(target, values, number, null=donor_kind == "null")
        for donor_kind, lines in (("null", null), ("donor", donor))
        for number, (target, values) in enumerate(lines.items())
    ]
    reach = max([0.1, abs(needed), *(float(np.abs(line["y"]).max()) for line in data)])
    layout: dict[str, Any] = {
        "xaxis": {
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "tickangle": -60 if len(names) > MANY_BLOCKS else 0,
            "title": {"text": "the block that is patched"},
            "range": [-0.5, len(names) - 0.5],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {
            "title": {"text": f"change of the {measure}"},
            "range": [-1.1 * reach, 1.1 * reach],
            "fixedrange": True,
            "zeroline": True,
            "zerolinewidth": 2,
        },
        "shapes": [
            {
                "type": "line",
                "xref": "x domain",
                "x0": 0,
                "x1": 1,
                "y0": needed,
                "y1": needed,
                "line": {"width": 1.5, "color": theme.QUIET, "dash": "dash"},
            }
        ],
        "margin": {"l": 60, "r": 20, "t": 70, "b": 60},
    }
    return theme.built(data, layout, 400, legend=True)


def _line(what: str, values: Float[np.ndarray, " b"], number: int, *, null: bool) -> dict[str, Any]:
    symbol = SYMBOLS[number] + ("-open" if null else "")
    name = f"{what}, {'null donor' if null else 'donor'}"
    return {
        "type": "scatter",
        "x": list(range(len(values))),
        "y": values,
        "name": name,
        "mode": "lines+markers",
        "line": {
            "color": theme.QUIET if null else _COLOURS[number],
            "dash": "dot" if null else "solid",
        },
        "marker": {"size": 9, "symbol": symbol},
        "hovertemplate": f"{name}: %{{y:+.2f}}<extra></extra>",
    }
