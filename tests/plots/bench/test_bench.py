"""The panels of the bench: every network is named, marked and at its number."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from tam_viz.analysis.bench.mechanisms import MECHANISMS
from tam_viz.analysis.bench.results import Bench, read
from tam_viz.models import cards
from tam_viz.panels.bench import bench as panels
from tam_viz.panels.panel import Panel
from tam_viz.plots.bench.labels import label_offsets
from tam_viz.plots.shared import theme
from tests.analysis.makers import ALL, record


def load(folder: Path, data: object) -> Bench:
    path = folder / "results.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read(path)


def all_panels(bench: Bench) -> list[Panel]:
    costs = [panels.cost(bench, "mmacs"), panels.cost(bench, "ms")]
    return [panels.accuracy(bench), panels.pairs(bench), panels.hardness(bench), *costs]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return load(tmp_path, record())


def trace(figure: go.Figure, name: str) -> go.Scatter:
    (found,) = [t for t in figure.data if t.name == name]
    return found


def test_every_panel_is_complete(bench: Bench) -> None:
    for panel in all_panels(bench):
        assert panel.title
        assert panel.see.endswith(".")
        assert panel.says.endswith(".")
        assert any(character.isdigit() for character in panel.says)
        assert len(panel.table) >= len(bench.networks)
        assert len(panel.figure.to_json()) < 1_000_000
        assert panel.figure.layout.font.color is None
        assert panel.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
        assert any(axis.title.text for axis in panel.figure.select_xaxes())


def test_the_dots_the_interval_the_seeds_and_the_diamonds(bench: Bench) -> None:
    figure = panels.accuracy(bench).figure
    adaptive = trace(figure, "weights computed per video")
    assert list(adaptive.x) == [0.9]
    assert list(adaptive.y) == [0]
    np.testing.assert_allclose([adaptive.error_x.array, adaptive.error_x.arrayminus], 0.03)
    seeds, shift = [t for t in figure.data if t.mode == "markers" and t.showlegend is False]
    assert sorted(seeds.x) == pytest.approx([0.76, 0.77, 0.91, 0.92])
    assert list(shift.x) == pytest.approx([n.shift.top1 for n in bench.networks])
    assert "open" in seeds.marker.symbol
    assert shift.marker.symbol != seeds.marker.symbol


def test_chance_and_the_network_without_module_are_labelled_lines(bench: Bench) -> None:
    figure = panels.accuracy(bench).figure
    lines = {shape.line.dash: shape.x0 for shape in figure.layout.shapes if shape.type == "line"}
    assert lines == {"dot": 1 / 16, "dash": 0.75}
    assert {note.text for note in figure.layout.annotations} == {"chance 1/16", "NONE 0.750"}


def test_names_are_written_tanet_stands_out_and_the_blind_are_marked(bench: Bench) -> None:
    for panel in all_panels(bench)[:3]:
        names = next(panel.figure.select_yaxes()).ticktext
        assert names[0] == "<b>TAM</b>"
        assert [name for name in names if "†" in name] == ["NONE †", "POOL †", "SE †", "NONLOCAL †"]
    for panel in all_panels(bench)[3:]:
        written = {note.text for note in panel.figure.layout.annotations}
        assert written == {"<b>TAM</b>", *(name.upper() for name in ALL[1:])}


def test_the_maps_show_the_numbers_in_their_order(bench: Bench) -> None:
    (pairs,) = [t for t in panels.pairs(bench).figure.data if t.type == "heatmap"]
    assert np.shape(pairs.z) == (8, 8)
    assert pairs.z[0][7] == pytest.approx(0.83)
    assert (pairs.zmin, pairs.zmax) == (0, 1)  # ½ is the middle of the scale
    figure = panels.hardness(bench).figure
    left, right = (t for t in figure.data if t.type == "heatmap")
    assert list(left.x) == ["calm", "busy", "hard"]
    assert list(right.x) == ["faster", "slower", "camera", "smaller", "crowded"]
    assert list(left.z[0]) == pytest.approx([0.9, 0.88, 0.86])
    texts = [t for t in figure.data if t.type == "scatter"]
    assert [len(t.text) for t in texts] == [24, 40]
    assert "0.88" in texts[0].text


def test_the_ink_is_read_on_every_colour() -> None:
    assert theme.ink(theme.SHARE, np.array([0.0, 0.5, 1.0])) == ["#FFFFFF", "#000000", "#FFFFFF"]
    assert theme.ink(theme.SCORE, np.array([0.0, 1.0])) == ["#FFFFFF", "#000000"]


def test_a_line_of_each_module_that_was_trained_on_several_budgets(tmp_path: Path) -> None:
    panel = panels.budgets(load(tmp_path, record(budgets=True)))
    *lines, others = panel.figure.data
    assert [t.name for t in lines] == ["TAM", "NONE"]
    for line in lines:
        assert list(line.x) == [160, 320, 640]
    assert others.name == "other seeds"
    assert set(others.x) == {640}
    assert list(panel.table.index) == ["TAM"] * 3 + ["NONE"] * 3
    assert "TAM goes from 0.900 after 160 clips to 0.900 after 640" in panel.says


def test_the_ring_is_around_the_frontier(bench: Bench) -> None:
    ring = trace(panels.cost(bench, "ms").figure, "no cheaper network is more accurate")
    assert list(ring.x) == [10.0]
    assert list(ring.y) == pytest.approx([0.1])


def test_higher_on_the_plot_of_costs_is_more_accurate(bench: Bench) -> None:
    figure = panels.cost(bench, "ms").figure
    axis = figure.layout.yaxis
    assert axis.type == "log"
    assert axis.range[0] > axis.range[1]
    shown = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert shown["0.9"] == pytest.approx(0.1)
    assert shown["0.99"] < shown["0.98"]


def test_a_network_without_errors_lies_at_half_a_clip(tmp_path: Path) -> None:
    data = record(("tam",), seeds=1)
    data["networks"][0]["test"].update(top1=1.0, interval=[0.99, 1.0], n=200)
    first = panels.cost(load(tmp_path, data), "ms").figure.data[0]
    assert list(first.y) == [0.0025]


@pytest.mark.parametrize("modules", [("tam",), ("none",), ("another", "tsm")])
def test_a_partial_file_is_drawn(tmp_path: Path, modules: tuple[str, ...]) -> None:
    data = record(modules, seeds=1)
    del data["networks"][0]["test"]["by_family"]["pace"]
    data["networks"][0]["shift"]["by_kind"] = {}
    for panel in all_panels(load(tmp_path, data)):
        assert len(panel.figure.data) > 0
        assert panel.figure.to_json()


def test_every_mechanism_has_its_own_colour() -> None:
    assert set(theme.MECHANISM_COLOURS) == set(MECHANISMS)
    assert len(set(theme.MECHANISM_COLOURS.values())) == len(MECHANISMS)
    colours = [theme.model_colour(name) for name in ("tam", "tsm", "none")]
    assert colours == ["#AA3377", "#228833", "#B8A020"]
    assert theme.model_colour("something else") not in theme.MECHANISM_COLOURS.values()


def test_crowded_names_do_not_cover_each_other() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 0.3, 12), rng.uniform(0.2, 0.8, 12)
    offsets = label_offsets(x.tolist(), y.tolist(), [8] * 12)
    middles = np.stack([x * 520, (1 - y) * 420], axis=1) + offsets
    for i, one in enumerate(middles):
        for other in middles[:i]:
            across, down = np.abs(one - other)
            assert across >= 55 or down >= 15


def test_the_results_of_the_project_are_drawn() -> None:
    for panel in all_panels(read(cards.OWN / cards.RESULTS)):
        assert len(panel.figure.data) > 0
