"""Clicks on pictures choose channels and frames, in a real browser."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, Position

import tam_viz
from tam_viz.analysis.tam.kernels import simplex_xy
from tam_viz.video.library import GALLERY
from tests.browser.visit import drawn, settled
from tests.support.there import there


def test_a_click_on_a_map_chooses_the_channel(page: Page, address: str) -> None:
    page.goto(f"{address}/Importance_maps?block=layer4.0&channel=3&order=as+stored")
    drawn(page, 4)
    page.get_by_role("heading", name="Importance: channel 3 of layer4.0").wait_for()
    maps = page.locator('[data-testid="stPlotlyChart"]').nth(1)
    for axes, row, rows in (("xy", 100, 128), ("x2y2", 5, 48), ("x4y4", 30, 48)):
        area = maps.locator(f".draglayer .{axes} .nsewdrag")  # all channels, the clip, untrained
        area.scroll_into_view_if_needed()
        given = maps.locator(".js-plotly-plot").evaluate(
            """(plot, axis) => plot.data.find(t => t.customdata && t.xaxis === axis).customdata""",
            axes.split("y")[0],
        )
        box = there(area.bounding_box())
        place: Position = {"x": box["width"] / 2, "y": box["height"] * (row + 0.5) / rows}
        area.hover(position=place)
        area.click(position=place)
        heading = f"Importance: channel {given[row]} of layer4.0"
        page.get_by_role("heading", name=heading, exact=True).wait_for()
        settled(page)


def test_a_click_on_the_line_and_on_a_frame_chooses_the_frame(page: Page, address: str) -> None:
    page.goto(f"{address}/Importance_maps?frame=2")
    drawn(page, 4)
    line = page.locator('[data-testid="stPlotlyChart"]').nth(2).locator(".nsewdrag").first
    line.scroll_into_view_if_needed()
    box = there(line.bounding_box())
    place: Position = {
        "x": box["width"] * 5.5 / 8,
        "y": box["height"] * 0.9,
    }  # away from every line
    line.hover(position=place)
    line.click(position=place)
    page.wait_for_function("/frame=6\\b/.test(location.search)")
    settled(page)
    frames = page.locator('[data-testid="stPlotlyChart"]').nth(3).locator(".nsewdrag").first
    frames.scroll_into_view_if_needed()
    box = there(frames.bounding_box())
    place = {"x": box["width"] * 2.5 / 8, "y": box["height"] / 2}
    frames.hover(position=place)
    frames.click(position=place)
    page.wait_for_function("/frame=3\\b/.test(location.search)")


def test_a_click_on_a_large_dot_of_the_triangle_chooses_its_channel(
    page: Page, address: str
) -> None:
    model = tam_viz.load("tanet-motionpairs")
    clip = tam_viz.read_clip(GALLERY / "approaches_1.mp4", model.card.input)
    x, y = simplex_xy(tam_viz.run(model, clip).tam["layer4.0"].kernel).T
    apart = np.hypot(x - x[:, None], (y - y[:, None]) * 3**0.5) + 9 * np.eye(len(x))
    channel = int(apart.min(axis=1).argmax())
    page.goto(f"{address}/Adaptive_kernels?block=layer4.0&single=true&clip=approaches+%C2%B7+1")
    drawn(page, 4)
    plot = page.locator('[data-testid="stPlotlyChart"] .js-plotly-plot').first
    plot.scroll_into_view_if_needed()
    left, top = plot.evaluate(
        """(plot, [x, y]) => {
            const {xaxis, yaxis} = plot._fullLayout;
            return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
        }""",
        [float(x[channel]), float(y[channel])],
    )
    plot.hover(position={"x": left, "y": top})
    plot.click(position={"x": left, "y": top})
    page.get_by_text(f"Channel {channel}: past").wait_for()
    page.wait_for_function("location.search.includes('block=layer4.0')")
    page.wait_for_function(f"/channel={channel}\\b/.test(location.search)")
