"""On a dark page heat maps are turned; the figure that is saved stays as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale
from plotly.graph_objects import Figure

from tam_viz.plots.bench.operators import WEIGHTS, Square, squares
from tam_viz.plots.shared import dark, theme
from tam_viz.plots.shared.column_axes import Column
from tam_viz.plots.tam import importance
from tam_viz.plots.tam.kernel_map_axes import Band
from tam_viz.plots.tam.kernel_maps import kernel_maps

PAGE_DARK = 0.2
V = np.linspace(-0.4, 0.4, 32).reshape(4, 8)
K = np.full((4, 3), 1 / 3)


def maps() -> go.Figure:
    columns = [Column("one", V, None), Column("difference", V, None)]
    last = importance.difference_scale(0.4, "difference")
    return importance.block_maps(columns, np.arange(4), 0.4, 2, last=last)


def overview() -> go.Figure:
    columns = [Column("one", np.abs(V), None)]
    return importance.block_overview(list("abcd"), columns, importance.spread_scale(0.4))


def kernels() -> go.Figure:
    bands = [Band("one", K), Band("two", K - K, change=True)]
    return kernel_maps(bands, np.arange(4), 0, 2, 0.25)


Scale = list[tuple[float, str]]


def operators() -> go.Figure:
    square = np.eye(4)
    return squares([Square("one", "#000000", square, "note", square)], WEIGHTS)


def brightness(colour: str) -> float:
    return float(np.array([float(part) for part in colour[4:-1].split(",")]).mean() / 255)


def scales(figure: go.Figure) -> list[tuple[Scale, float]]:
    """Colour scales with the share of them at which a value is zero."""
    found = [
        (trace.colorscale, -trace.zmin / (trace.zmax - trace.zmin))
        for trace in figure.data
        if trace.type == "heatmap" and trace.zmin is not None
    ]
    return found + [
        (axis.colorscale, -axis.cmin / (axis.cmax - axis.cmin))
        for axis in figure.select_coloraxes()
        if axis.cmin is not None
    ]


def sampled(scale: Scale, at: list[float]) -> list[str]:
    colours: list[str] = sample_colorscale([colour for _, colour in scale], at)
    return colours


@pytest.mark.parametrize("make", [maps, overview, kernels, operators])
def test_zero_is_as_bright_as_the_page(make: Callable[[], Figure]) -> None:
    figure = make()
    before = figure.to_json()
    turned = dark.on_dark(figure)
    assert figure.to_json() == before
    for (white, zero), (black, _) in zip(scales(figure), scales(turned), strict=True):
        for scale, near in ((white, True), (black, False)):
            (at_zero, at_end) = (brightness(colour) for colour in sampled(scale, [zero, 1.0]))
            assert at_zero > 1 - PAGE_DARK if near else at_zero < PAGE_DARK
            assert abs(at_end - at_zero) > 0.3  # what is large stands out


def test_bars_have_the_colours_of_their_maps() -> None:
    turned = dark.on_dark(maps())
    in_maps = {str(t.colorscale) for t in turned.data if t.type == "heatmap"}
    in_bars = {str(t.marker.colorscale) for t in turned.data if t.type == "scatter"}
    assert in_maps <= in_bars


def test_other_figures_are_left_alone() -> None:
    plain = go.Figure(go.Heatmap(z=V, colorscale=theme.CHANGE))
    assert dark.on_dark(plain) is plain


def test_numbers_are_white_upon_every_change() -> None:
    """Plotly writes white on what it takes for dark: below half of the perceived brightness."""
    figure = go.Figure(go.Heatmap(z=V, colorscale=theme.CHANGE), dark.ON_DARK)
    colours = sampled(dark.on_dark(figure).data[0].colorscale, np.linspace(0, 1, 33).tolist())
    for colour in colours:
        red, green, blue = (float(part) for part in colour[4:-1].split(","))
        assert 0.299 * red + 0.587 * green + 0.114 * blue < 128
        assert 1.05 / (luminance(red / 255, green / 255, blue / 255) + 0.05) > 4


def luminance(*parts: float) -> float:
    """Relative luminance of red, green and blue in [0, 1] (WCAG 2)."""
    values = np.array(parts)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("blocks", [1, 4, 8, 16])
def test_colours_of_blocks_stand_out_from_both_pages(blocks: int) -> None:
    def parts(colour: str) -> list[float]:
        return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]

    page = luminance(*parts("#0E1117"))
    for colour in (*theme.depth_colours(blocks), theme.REFERENCE, theme.FIRST, theme.SECOND):
        light = luminance(*parts(colour))
        assert 1.05 / (light + 0.05) > 2.4
        assert (light + 0.05) / (page + 0.05) > 3
