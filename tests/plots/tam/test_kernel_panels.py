"""Panels on kernels: both clips or their difference, complete, on fixed axes, with references."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from tam_viz.analysis.tam import kernels as analysis
from tam_viz.analysis.tam.adaptivity import Adaptation
from tam_viz.analysis.tam.kernels import Fixed
from tam_viz.motionpairs.motions import MOTIONS
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam import adaptivity, kernel_lines, kernel_triangle, kernels
from tam_viz.panels.tam.adaptivity import Ablated
from tam_viz.panels.tam.kernel_study import KernelStudy, Second
from tam_viz.plots.shared import theme
from tam_viz.types import BlockTrace, TAMTrace
from tests.support.adaptations import BLOCKS, adaptation

CHANNELS = {"layer1.0": 6, "layer2.0": 9}


def trace(seed: int, taps: int = 3, channels: dict[str, int] = CHANNELS) -> TAMTrace:
    rng = np.random.default_rng(seed)
    blocks = []
    for name, c in channels.items():
        kernel = rng.dirichlet(np.ones(taps), c).astype(np.float32)
        blocks.append(BlockTrace(name, np.full((c, 4), 0.5, dtype=np.float32), kernel))
    return TAMTrace(tuple(blocks))


def study(*, difference: bool = False, taps: int = 3) -> KernelStudy:
    second = Second("second.mp4", trace(1, taps), trace(3, taps))
    return KernelStudy(
        name="first.mp4",
        trace=trace(0, taps),
        untrained=trace(2, taps),
        block="layer2.0",
        channel=4,
        mean=trace(4, taps),
        second=second,
        difference=difference,
        fitted="MotionPairs clips",
    )


def second_of(seen: KernelStudy) -> TAMTrace:
    assert seen.second is not None
    return seen.second.trace


def given(trace: TAMTrace | None) -> TAMTrace:
    assert trace is not None
    return trace


def rival() -> Fixed:
    rng = np.random.default_rng(5)
    return Fixed("tconv", {name: rng.normal(size=(c, 3)) for name, c in CHANNELS.items()})


def all_panels(seen: KernelStudy, beside: Fixed | None = None) -> list[Panel]:
    return [
        kernel_triangle.simplex(seen),
        kernel_triangle.simplex(seen, alone=True),
        kernels.block_map(seen),
        kernels.taps(seen, beside),
        kernel_lines.depth(seen),
        kernel_lines.frequencies(seen, beside),
    ]


VIEWS: dict[str, Callable[[], KernelStudy]] = {
    "both": study,
    "difference": lambda: study(difference=True),
    "one clip": lambda: dataclasses.replace(study(), second=None),
    "nothing beside": lambda: dataclasses.replace(study(), second=None, mean=None),
    "second without untrained": lambda: dataclasses.replace(
        study(difference=True), second=Second("second.mp4", trace(1))
    ),
    "five taps": lambda: study(taps=5),
    "five taps, difference": lambda: study(taps=5, difference=True),
}


@pytest.mark.parametrize("which", VIEWS)
def test_every_panel_is_complete(which: str) -> None:
    for beside in (None, rival()):
        for panel in all_panels(VIEWS[which](), beside):
            complete(panel)


def complete(panel: Panel) -> None:
    figure = panel.figure
    assert panel.title
    assert panel.see.endswith(".")
    assert panel.says.endswith(".")
    assert any(character.isdigit() for character in panel.says)
    assert len(panel.table) > 0
    assert figure.layout.font.color is None
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert any(axis.title.text for axis in figure.select_xaxes())
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        assert axis.fixedrange
        assert axis.range is not None


def named(figure: go.Figure, name: str) -> list[go.Scatter]:
    return [drawn for drawn in figure.data if drawn.name == name]


def test_dots_lie_at_their_kernels_and_lines_lead_to_the_second_clip() -> None:
    seen = study()
    figure = kernel_triangle.simplex(seen).figure
    (dots,) = named(figure, "first.mp4")
    here = analysis.simplex_xy(seen.trace["layer2.0"].kernel)
    np.testing.assert_allclose(np.stack([dots.x, dots.y], axis=1), here, atol=1e-6)
    assert [list(given) for given in dots.customdata] == [[1, c] for c in range(9)]  # of a click
    for other in figure.data:  # nothing else takes a click, wherever it falls
        assert other is dots or other.hoverinfo == "skip"
    there = analysis.simplex_xy(second_of(seen)["layer2.0"].kernel)
    (lines,) = [drawn for drawn in figure.data if drawn.mode == "lines"]
    ends = np.stack([lines.x, lines.y], axis=1).reshape(9, 3, 2)
    np.testing.assert_allclose(ends[:, 0], here, atol=1e-6)
    np.testing.assert_allclose(ends[:, 1], there, atol=1e-6)
    assert np.isnan(ends[:, 2]).all()
    assert lines.line.color == theme.faint(theme.SECOND, 0.6)
    (second,) = named(figure, "second.mp4")
    assert second.marker.color == theme.SECOND
    assert any("channel 4" in note.text for note in figure.layout.annotations)


def drawn_at(figure: go.Figure, places: np.ndarray) -> np.ndarray:
    """Opacity of the figure's picture at places of the axes."""
    (image,) = figure.layout.images
    data = base64.b64decode(image.source.split(",")[1])
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    height, width = pixels.shape[:2]
    columns = ((places[:, 0] - image.x) / image.sizex * width).astype(int)
    rows = ((image.y - places[:, 1]) / image.sizey * height).astype(int)
    found: np.ndarray = pixels[rows, columns, 3]
    return found


def test_all_dots_are_in_the_picture() -> None:
    seen = study()
    figure = kernel_triangle.simplex(seen).figure
    for source in (seen.trace, second_of(seen), given(seen.untrained)):
        for block in source.blocks:
            assert (drawn_at(figure, analysis.simplex_xy(block.kernel)) > 100).all()
    assert (drawn_at(figure, np.array([[-1.1, 1.0], [1.1, 1.0], [0.0, -0.05]])) == 0).all()


def test_one_block_alone() -> None:
    seen = study()
    figure = kernel_triangle.simplex(seen, alone=True).figure
    (dots,) = named(figure, "first.mp4")
    assert len(dots.x) == 9
    away = analysis.simplex_xy(given(seen.untrained)["layer1.0"].kernel)
    both = drawn_at(kernel_triangle.simplex(seen).figure, away)
    assert (drawn_at(figure, away) < both).any()


def test_differences_lie_around_the_middle_and_none_is_cut() -> None:
    seen = study(difference=True)
    figure = kernel_triangle.simplex(seen).figure
    moved = seen.trace["layer2.0"].kernel - second_of(seen)["layer2.0"].kernel
    dots = named(figure, "first.mp4 − second.mp4")
    np.testing.assert_allclose(dots[-1].y, moved[:, 1], atol=1e-6)
    every = np.concatenate(
        [
            analysis.simplex_xy(block.kernel - second_of(seen)[block.name].kernel)
            for block in seen.trace.blocks
        ]
    )
    assert np.abs(every[:, 0]).max() < figure.layout.xaxis.range[1]
    assert np.abs(every[:, 1]).max() < figure.layout.yaxis.range[1]
    assert (drawn_at(figure, every) > 100).all()
    assert named(figure, "untrained")


def test_the_pictures_of_a_large_network_stay_small() -> None:
    wide = {f"layer{stage}.{i}": 256 for stage in range(1, 5) for i in range(4)}
    names = list(wide)
    second = Second("b", trace(1, channels=wide), trace(2, channels=wide))
    seen = KernelStudy(
        name="a",
        trace=trace(0, channels=wide),
        untrained=trace(3, channels=wide),
        block=names[-2],
        channel=7,
        second=second,
        fitted="MotionPairs clips",
    )
    for panel in all_panels(seen):
        assert len(panel.figure.to_json()) < 1_000_000, panel.title


def titles(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if "channel" not in note.text]


def test_maps_of_both_clips_stand_on_one_scale() -> None:
    seen = study()
    figure = kernels.block_map(seen).figure
    order = np.argsort(analysis.lean(seen.trace["layer2.0"].kernel), kind="stable")
    maps = [drawn for drawn in figure.data if drawn.type == "heatmap"]
    assert titles(figure) == ["first.mp4", "second.mp4", "mean over test clips", "untrained"]
    shown = (seen.trace, second_of(seen), given(seen.mean), given(seen.untrained))
    for drawn, source in zip(maps, shown, strict=True):
        np.testing.assert_allclose(drawn.z, source["layer2.0"].kernel[order].T)
        assert drawn.coloraxis == "coloraxis"
    assert figure.layout.coloraxis.cmin == 0
    assert figure.layout.coloraxis.cmax == 1


def test_maps_of_differences_stand_on_a_diverging_scale() -> None:
    seen = study(difference=True)
    figure = kernels.block_map(seen).figure
    order = np.argsort(analysis.lean(seen.trace["layer2.0"].kernel), kind="stable")
    maps = [drawn for drawn in figure.data if drawn.type == "heatmap"]
    assert [drawn.coloraxis for drawn in maps] == ["coloraxis", *["coloraxis2"] * 3]
    moved = seen.trace["layer2.0"].kernel - second_of(seen)["layer2.0"].kernel
    np.testing.assert_allclose(maps[1].z, moved[order].T)
    scale = figure.layout.coloraxis2
    assert scale.cmin == -scale.cmax
    assert scale.cmax >= np.abs(moved).max()


def test_the_chosen_channel_is_pointed_at_and_columns_can_be_clicked() -> None:
    seen = study()
    figure = kernels.block_map(seen).figure
    order = np.argsort(analysis.lean(seen.trace["layer2.0"].kernel), kind="stable")
    assert {order[int(s.x0 + 0.5)] for s in figure.layout.shapes} == {4}
    assert figure.layout.xaxis.ticktext == ("<b>channel 4</b>",)
    assert [order[place] for place in figure.layout.xaxis.tickvals] == [4]
    (points,) = [drawn for drawn in figure.data if drawn.type == "scatter"]
    assert [list(given) for given in points.customdata] == [[1, int(c)] for c in order]
    assert points.text[0].startswith(f"channel {order[0]}<br>first.mp4: past")


def test_a_large_block_shows_its_first_channels_and_all_of_them_below() -> None:
    seen = study()
    kernel = seen.trace["layer2.0"].kernel
    order = np.argsort(analysis.lean(kernel), kind="stable")
    panel = kernels.block_map(seen, [4, 0, 7], "a ranking")
    assert panel.title == "Kernels: 3 of 9 channels of layer2.0"
    assert "first 3 channels by a ranking" in panel.how
    shown = [one for one in order if one in (4, 0, 7)]
    large, small = (t for t in panel.figure.data if t.customdata is not None)
    assert [list(given) for given in large.customdata] == [[1, int(c)] for c in shown]
    assert [list(given) for given in small.customdata] == [[1, int(c)] for c in order]
    maps = [drawn for drawn in panel.figure.data if drawn.type == "heatmap"]
    np.testing.assert_allclose(maps[0].z, kernel[shown].T)
    np.testing.assert_allclose(maps[-1].z, kernel[order].T)
    plain = [t.replace("<b>", "").replace("</b>", "") for t in panel.figure.layout.xaxis.ticktext]
    assert plain == [str(one) for one in shown]


def test_boxes_show_quantiles_and_the_rival_stands_beside_them() -> None:
    seen = study()
    figure = kernels.taps(seen, rival()).figure
    boxes = [drawn for drawn in figure.data if drawn.type == "box" and drawn.name == "first.mp4"]
    parts = [analysis.shares(block.kernel) for block in seen.trace.blocks]
    for tap, box in enumerate(boxes):
        for got, q in (
            (box.lowerfence, 0.05),
            (box.q1, 0.25),
            (box.median, 0.5),
            (box.q3, 0.75),
            (box.upperfence, 0.95),
        ):
            np.testing.assert_allclose(got, [np.quantile(p[:, tap], q) for p in parts], rtol=1e-5)
    marks = named(figure, "tconv")
    fixed = [analysis.signed_taps(kernel) for kernel in rival().kernels.values()]
    for tap, mark in enumerate(marks):
        np.testing.assert_allclose(mark.y, [np.median(part[:, tap]) for part in fixed])
        low = np.asarray(mark.y) - mark.error_y.arrayminus
        np.testing.assert_allclose(low, [np.quantile(part[:, tap], 0.25) for part in fixed])
        assert low.min() >= figure.layout.yaxis.range[0]  # negative weights are in sight
        assert mark.marker.color == theme.model_colour("tconv")
    assert "sum of its absolute values" in kernels.taps(seen, rival()).how
    assert "no fixed kernels to compare with" in kernels.taps(seen).how


def test_lines_by_depth_are_means_over_channels() -> None:
    seen = study()
    figure = kernel_lines.depth(seen).figure
    for name, source in (
        ("first.mp4", seen.trace),
        ("second.mp4", second_of(seen)),
        ("untrained", given(seen.untrained)),
        ("mean over test clips", given(seen.mean)),
    ):
        (line,) = named(figure, name)
        means = [(block.kernel[:, 2] - block.kernel[:, 0]).mean() for block in source.blocks]
        np.testing.assert_allclose(line.y, means, atol=1e-6)
    (point,) = named(figure, "channel 4, first.mp4")
    kernel = seen.trace["layer2.0"].kernel[4]
    assert (point.x[0], point.y[0]) == (1, pytest.approx(kernel[2] - kernel[0]))


def test_responses_have_landmarks() -> None:
    seen = study()
    panel = kernel_lines.frequencies(seen, rival())
    (kept,) = named(panel.figure, "TSN, TSM")
    np.testing.assert_allclose(kept.y, 1)
    (line,) = named(panel.figure, "channel 4, first.mp4")
    kernel = seen.trace["layer2.0"].kernel[[4]]
    np.testing.assert_allclose(line.y, analysis.response(kernel, analysis.FREQUENCIES)[0])
    assert {note.text for note in panel.figure.layout.annotations} == {"average", "TSN, TSM"}
    assert list(panel.table["TSN, TSM"]) == list(kept.y)


def test_drawing_changes_nothing() -> None:
    seen = study()
    before = [block.kernel.copy() for block in seen.trace.blocks]
    all_panels(seen, rival())
    all_panels(dataclasses.replace(seen, difference=True), rival())
    for kernel, block in zip(before, seen.trace.blocks, strict=True):
        assert (kernel == block.kernel).all()


def ablated(name: str, lost: Sequence[float]) -> Ablated:
    return Ablated(name, "hides", known=True, lost=np.array(lost))


FIRST, SECOND = ablated("first.mp4", [0.1, 0.2, 0.5]), ablated("second.mp4", [0.0, -0.3, -1.0])


@pytest.mark.parametrize("difference", [False, True])
@pytest.mark.parametrize("second", [None, SECOND])
@pytest.mark.parametrize("answer", [None, adaptation()])
def test_what_answers_owe_to_adapting(
    difference: bool, second: Ablated | None, answer: Adaptation | None
) -> None:
    panel = adaptivity.on_clip(BLOCKS, FIRST, second, answer, difference=difference)
    complete(panel)
    assert "replaced by its mean over training clips" in panel.see  # as in `reliance`
    apart = difference and second is not None
    (shown,) = named(panel.figure, "first.mp4 − second.mp4" if apart else "first.mp4: hides")
    np.testing.assert_allclose(shown.y, [0.1, 0.5, 1.5] if apart else [0.1, 0.2, 0.5])
    usual = named(panel.figure, "mean over test clips")
    assert bool(usual) == (answer is not None and not apart)


def test_the_score_stands_beside_that_of_the_untrained_network() -> None:
    panel = adaptivity.reliance(adaptation())
    complete(panel)
    assert "replaced by its mean over training clips" in panel.how
    (ours,) = named(panel.figure, "Θ replaced by its mean")
    (plain,) = named(panel.figure, "untrained: Θ replaced by its mean")
    np.testing.assert_allclose(ours.y, [0.2, 0.4, 0.5])
    np.testing.assert_allclose(ours.error_y.array, [0.1, 0.5, 0.1])
    np.testing.assert_allclose(ours.error_y.arrayminus, [0.1, 0.5, 0.1])
    np.testing.assert_allclose(plain.y, -0.001)
    assert list(panel.table.index) == [*BLOCKS, "all blocks"]


def test_what_probes_read_stands_beside_the_untrained_network() -> None:
    panel = adaptivity.readouts(adaptation())
    complete(panel)
    assert panel.figure.data[0].z.tolist() == [[0.9, 0.7], [0.5, 0.7]]
    assert panel.figure.data[1].z.tolist() == [[0.6, 0.6], [0.5, 0.5]]
    assert panel.table.loc["pace", "trained: layer2.0"] == 0.7


def test_the_pair_that_is_no_reversal_is_named() -> None:
    answer = adaptation()
    some = adaptivity.readouts(answer).how
    assert "In each pair one class is the other played backwards." in some
    rows = {motion.family: [0.5, 0.5] for motion in MOTIONS}
    probes = dataclasses.replace(answer.trained, direction=rows)
    whole = adaptivity.readouts(dataclasses.replace(answer, trained=probes, untrained=probes))
    assert "In all pairs but 'behind' one class is the other played" in whole.how
