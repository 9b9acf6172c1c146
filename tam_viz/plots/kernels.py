"""Adaptive kernels: Θ of a block by channel and tap, and each tap by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from tam_viz.plots import theme
from tam_viz.plots.targets import targets

TAPS = ("past", "present", "future")


@dataclass(frozen=True, eq=False)
class Band:
    """One of several maps that lie one below the other.

    Attributes:
        title: What it is of.
        values: Θ in [0, 1], or a difference of two.
        change: Whether it is a difference.
    """

    title: str
    values: Float[np.ndarray, "c k"]
    change: bool = False


def kernel_maps(
    bands: Sequence[Band], order: Int[np.ndarray, " c"], block: int, channel: int, end: float
) -> go.Figure:
    """Kernels of one block, taps down and channels across, for several clips or networks.

    A click on a column gives the number of the block and of the channel as `customdata`.

    Args:
        bands: From top to bottom.
        order: Channels from left to right, the same in all bands.
        block: Number of the block.
        channel: Channel to point at.
        end: Of the colour scale of differences, on both sides.
    """
    count, taps = len(order), bands[0].values.shape[1]
    tops = [i * (taps + 1.4) for i in range(len(bands))]
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": band.values[order].T,
            "x": np.arange(count),
            "y": top + np.arange(taps),
            "coloraxis": "coloraxis2" if band.change else "coloraxis",
            "hoverinfo": "skip",
        }
        for band, top in zip(bands, tops, strict=True)
    ]
    data.append(_columns(bands, order, block))
    place = int(np.flatnonzero(order == channel)[0])
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True}
    layout = {
        "annotations": [*_titles(bands, tops), _arrow(place, channel)],
        "shapes": [_frame(place, top, taps) for top in tops],
        "xaxis": {
            "range": [-0.5, count - 0.5],
            "title": {"text": f"{count} channels, from the past (left) to the future"},
            "showticklabels": False,
            "ticks": "",
            **plain,
        },
        "yaxis": {
            "range": [tops[-1] + taps - 0.5, -1.6],
            "tickvals": [top + k for top in tops for k in range(taps)],
            "ticktext": [_tap(k - taps // 2) for _ in tops for k in range(taps)],
            "ticklabeloverflow": "allow",
            **plain,
        },
        "hovermode": "x",
        "hoverdistance": -1,
        "margin": {"l": 84, "r": 100, "t": 30, "b": 48, "autoexpand": False},
        **_scales(bands, end),
    }
    return theme.built(data, layout, 110 + 100 * len(bands))


def _scales(bands: Sequence[Band], end: float) -> dict[str, Any]:
    """One colour scale for kernels and, where there are differences, one for them."""
    two = any(band.change for band in bands)
    kernel = theme.colour_bar("weight Θ") | ({"len": 0.4, "y": 0.8} if two else {})
    change = {**theme.colour_bar("difference of Θ"), "len": 0.55, "y": 0.25}
    scales: dict[str, Any] = {
        "coloraxis": {"cmin": 0, "cmax": 1, "colorscale": theme.KERNEL, "colorbar": kernel}
    }
    if two:
        scales["coloraxis2"] = {
            "cmin": -end,
            "cmax": end,
            "colorscale": theme.CHANGE,
            "colorbar": change,
        }
    return scales


def _columns(bands: Sequence[Band], order: Int[np.ndarray, " c"], block: int) -> dict[str, Any]:
    """A target for each column; the nearest one is taken, however far it is."""
    taps = bands[0].values.shape[1]
    names = [_tap(k - taps // 2).split()[0] for k in range(taps)]
    text = [f"channel {channel}" for channel in order]
    for band in bands:
        form = "{:+.2f}" if band.change else "{:.2f}"
        for i, row in enumerate(band.values[order].tolist()):
            said = ", ".join(f"{n} {form.format(v)}" for n, v in zip(names, row, strict=True))
            text[i] += f"<br>{band.title}: {said}"
    columns = [[block, int(channel)] for channel in order]
    return targets(list(range(len(order))), [(taps - 1) / 2] * len(order), columns, text)


def _titles(bands: Sequence[Band], tops: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "text": band.title,
            "xref": "x domain",
            "x": 0,
            "y": top - 0.5,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
        }
        for band, top in zip(bands, tops, strict=True)
    ]


def _arrow(place: int, channel: int) -> dict[str, Any]:
    return {
        "text": f"<b>channel {channel}</b>",
        "x": place,
        "y": -0.5,
        "ax": 0,
        "ay": -26,
        "arrowhead": 2,
        "arrowcolor": theme.FIRST,
    }


def _frame(place: int, top: float, taps: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": place - 0.5,
        "x1": place + 0.5,
        "y0": top - 0.5,
        "y1": top + taps - 0.5,
        "line": {"width": 2, "color": theme.FIRST},
    }


def _tap(shift: int) -> str:
    if shift == 0:
        return "present t"
    return f"past t−{-shift}" if shift < 0 else f"future t+{shift}"


@dataclass(frozen=True, eq=False)
class Spread:
    """How a quantity that each tap has spreads over the channels of each block.

    Attributes:
        label: What it is of.
        colour: Its colour.
        values: 5%, lower quartile, median, upper quartile and 95% by block and tap.
        fixed: Whether it stands for kernels that are the same for every video: then it is drawn
            as a mark from quartile to quartile, else as a box.
    """

    label: str
    colour: str
    values: Float[np.ndarray, "b 5 3"]
    fixed: bool = False


def tap_boxes(
    names: Sequence[str],
    spreads: Sequence[Spread],
    marks: Mapping[str, tuple[str, Float[np.ndarray, " 3"]]],
    block: int,
    span: tuple[float, float],
    level: float | None,
) -> go.Figure:
    """Distribution over channels of past, present and future by block.

    Args:
        names: Of the blocks in forward order.
        spreads: Side by side in each block.
        marks: By label, the colour and the three taps of the chosen channel.
        block: Number of its block.
        span: Ends of the axis.
        level: A dotted line to hold them against.
    """
    width = 0.8 / len(spreads)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"boxmode": "overlay"}
    for row, tap in enumerate(TAPS):
        axes = {"xaxis": "x", "yaxis": f"y{row + 1 if row else ''}", "showlegend": row == 0}
        for number, spread in enumerate(spreads):
            x = np.arange(len(names)) - 0.4 + width * (number + 0.5)
            values = spread.values[:, :, row]
            if spread.fixed:
                data.append(_quartile_marks(spread, x, values, axes))
            else:
                data.append(_boxes(spread, x, values, 0.8 * width, axes))
        data += [_diamond(*mark, block, row, tap, axes) for mark in marks.items()]
        low = (2 - row) / 3
        layout[f"yaxis{row + 1 if row else ''}"] = {
            "domain": [low + 0.02, low + 1 / 3 - 0.02],
            "range": list(span),
            "title": {"text": f"<b style='color:{theme.TIME_DIRECTION[tap]}'>{tap}</b>"},
            "fixedrange": True,
            "zeroline": span[0] < 0,
            "zerolinecolor": theme.QUIET,
        }
    layout["shapes"] = [] if level is None else [_level(level, row) for row in range(3)]
    layout["xaxis"] = {**block_axis(names), "anchor": "y3"}
    return theme.built(data, layout, 640, legend=True)


def block_axis(names: Sequence[str]) -> dict[str, Any]:
    """The axis of blocks: number i stands for `names[i]`."""
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [-0.6, len(names) - 0.4],
        "title": {"text": "block, in forward order"},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _boxes(
    spread: Spread,
    x: np.ndarray,
    values: Float[np.ndarray, "b 5"],
    width: float,
    axes: dict[str, Any],
) -> dict[str, Any]:
    low, q1, median, q3, high = values.T
    return {
        "type": "box",
        "x": x,
        "lowerfence": low,
        "q1": q1,
        "median": median,
        "q3": q3,
        "upperfence": high,
        "width": width,
        "name": spread.label,
        "legendgroup": spread.label,
        "line": {"color": spread.colour, "width": 1.5},
        "hoverinfo": "y+name",
        "hoverlabel": {"namelength": 40},
        **axes,
    }


def _quartile_marks(
    spread: Spread, x: np.ndarray, values: Float[np.ndarray, "b 5"], axes: dict[str, Any]
) -> dict[str, Any]:
    _, q1, median, q3, _ = values.T
    return {
        "type": "scatter",
        "x": x,
        "y": median,
        "error_y": {
            "array": q3 - median,
            "arrayminus": median - q1,
            "width": 3,
            "thickness": 1.5,
        },
        "mode": "markers",
        "marker": {
            "symbol": "line-ew-open",
            "size": 11,
            "color": spread.colour,
            "line": {"width": 3},
        },
        "name": spread.label,
        "legendgroup": spread.label,
        "hovertemplate": f"{spread.label}<br>median %{{y:+.2f}}<extra></extra>",
        **axes,
    }


def _diamond(
    label: str,
    mark: tuple[str, Float[np.ndarray, " 3"]],
    block: int,
    row: int,
    tap: str,
    axes: dict[str, Any],
) -> dict[str, Any]:
    colour, values = mark
    return {
        "type": "scatter",
        "x": [block],
        "y": [float(values[row])],
        "mode": "markers",
        "marker": {"symbol": "diamond", "size": 10, "color": colour, "line": {"width": 1}},
        "name": label,
        "legendgroup": label,
        "hovertemplate": f"{label}<br>{tap} %{{y:.2f}}<extra></extra>",
        **axes,
    }


def _level(level: float, row: int) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "yref": f"y{row + 1 if row else ''}",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"width": 1, "color": theme.QUIET, "dash": "dot"},
    }
