"""Every panel: its figure is small and labelled, its words and numbers are there."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from tam_viz.analysis.tam import importance as importance_analysis
from tam_viz.analysis.tam import ranking
from tam_viz.analysis.tam.importance import varies
from tam_viz.capture.run import run
from tam_viz.experiments.studies.reference import traces_beside
from tam_viz.experiments.studies.untrained import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.panels.clip import clip as clip_panels
from tam_viz.panels.files.report import html_report
from tam_viz.panels.files.study import Looked, study_panels
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam import (
    importance,
    importance_channel,
    kernel_lines,
    kernel_triangle,
    kernels,
)
from tam_viz.panels.tam.importance_references import ControlTraces, block_beside
from tam_viz.panels.tam.kernel_study import KernelStudy, Second
from tam_viz.plots.shared import filmstrip, theme
from tam_viz.types import BlockTrace, Card, Clip, InputSpec, Run, TAMTrace
from tam_viz.video.clip import read_clip

SPEC = InputSpec(8, 64, 64)
Study = tuple[Card, Clip, Run, KernelStudy, TAMTrace]


@pytest.fixture
def study(tiny_model: Callable[..., LoadedModel], tiny_clip: Callable[..., Clip]) -> Study:
    loaded, clip = tiny_model(spec=SPEC), tiny_clip(spec=SPEC)
    done = run(loaded, clip)
    backwards, frozen, base, fitted = traces_beside(loaded, clip, 2)
    assert done.trace is not None
    view = KernelStudy(
        name="a clip",
        trace=done.trace,
        untrained=base,
        block="layer2.0",
        channel=3,
        second=Second("backwards", backwards),
        fitted=fitted,
    )
    return loaded.card, clip, done, view, frozen


def beside(study: Study, block: str) -> ControlTraces[BlockTrace]:
    *_, view, frozen = study
    return block_beside(ControlTraces(frozen, 2, view.untrained, fitted=view.fitted), block)


@pytest.fixture
def panels(study: Study) -> list[Panel]:
    card, clip, done, view, frozen = study
    made = study_panels([(card, clip, done)], [Looked(clip, view, frozen, 2)])
    block = view.trace["layer2.0"]
    made.append(kernel_triangle.simplex(view, alone=True))
    made += [
        importance.block_map(
            clip,
            block,
            beside(study, "layer2.0"),
            channel=3,
            order=importance_analysis.channel_order(block.importance, order).tolist(),
        )
        for order in ("variance", "stored")
    ]
    return made


def test_every_panel_is_complete(panels: list[Panel]) -> None:
    assert len(panels) == 13
    for panel in panels:
        assert panel.title
        assert panel.see.endswith(".")
        assert panel.says.endswith(".")
        assert any(character.isdigit() for character in panel.says)
        assert len(panel.table) > 0
        assert len(panel.figure.data) > 0


def test_figures_stay_under_a_megabyte(panels: list[Panel]) -> None:
    for panel in panels:
        assert len(panel.figure.to_json()) < 1_000_000, panel.title


def test_no_figure_sets_the_colour_of_its_text(panels: list[Panel]) -> None:
    """So that the same figure can be read on a dark page and on a light one."""
    for panel in panels:
        assert panel.figure.layout.font.color is None
        assert panel.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_axes_have_titles(panels: list[Panel]) -> None:
    for panel in panels:
        titles = [axis.title.text for axis in panel.figure.select_xaxes()]
        assert any(titles)


def test_drawing_changes_nothing(study: Study) -> None:
    card, clip, done, view, frozen = study
    before = copy.deepcopy([(b.importance, b.kernel) for b in done.tam.blocks])
    pixels = clip.frames.copy()
    study_panels([(card, clip, done)], [Looked(clip, view, frozen, 2)])
    assert (clip.frames == pixels).all()
    for (v, k), block in zip(before, done.tam.blocks, strict=True):
        assert (block.importance == v).all()
        assert (block.kernel == k).all()


def test_a_report_says_what_the_untrained_network_was_fitted_to(study: Study) -> None:
    card, clip, done, view, frozen = study
    view = dataclasses.replace(view, fitted="views of a.mp4")
    panels = study_panels([(card, clip, done)], [Looked(clip, view, frozen, 2)])
    said = [panel.how for panel in panels if "recalibrated on" in panel.how]
    assert len(said) >= 3
    assert all("recalibrated on views of a.mp4" in how for how in said)


def heatmap_rows(figure: go.Figure, number: int) -> np.ndarray:
    return np.array([t for t in figure.data if t.type == "heatmap"][number].z)


def test_the_map_shows_centred_values_in_the_chosen_order(study: Study) -> None:
    _, clip, done, _, frozen = study
    block = done.tam["layer3.0"]
    stored = list(range(len(block.importance)))
    panel = importance.block_map(clip, block, beside(study, "layer3.0"), channel=0, order=stored)
    for number, shown in enumerate((block, frozen["layer3.0"])):
        shifted = shown.importance - shown.importance[:, 1:-1].mean(1, keepdims=True)
        np.testing.assert_allclose(heatmap_rows(panel.figure, number), shifted, atol=1e-6)
    scales = {(t.zmin, t.zmax) for t in panel.figure.data if t.type == "heatmap"}
    assert len(scales) == 1  # both maps on one scale


def test_padded_edges_and_the_event_are_marked(study: Study) -> None:
    _, clip, done, view, frozen = study
    panel = importance.overview(
        clip, done.tam, ControlTraces(frozen, 2, view.untrained, fitted=view.fitted)
    )
    marked = sorted((s.x0, s.x1) for s in panel.figure.layout.shapes if s.line.dash == "dot")
    assert marked == [(-0.5, 0.5)] * 3 + [(6.5, 7.5)] * 3
    orange = [s for s in panel.figure.layout.shapes if s.fillcolor == theme.EVENT]
    assert {(s.x0, s.x1) for s in orange} == {(0.5, 2.5)}  # frames at 1/3 and 2/3 s


def test_maps_stand_under_their_frames_and_each_row_is_clicked(study: Study) -> None:
    _, clip, done, view, frozen = study
    whole = ControlTraces(frozen, 2, view.untrained, fitted=view.fitted)
    figure = importance.overview(clip, done.tam, whole).figure
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ["this network", "frozen at<br>frame 3", "untrained"]
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [image.xref for image in figure.layout.images] == ["x"]  # over the clip's own map
    for axis in figure.select_xaxes():
        edge = ["edge" in tick for tick in axis.ticktext]
        assert edge == [True, *[False] * 6, True]
    targets = clickable(figure)
    assert [rows.xaxis for rows in targets] == ["x", "x2", "x3"]  # in every map
    assert view.untrained is not None
    for rows, one in zip(targets, (done.tam, frozen, view.untrained), strict=True):
        assert tuple(rows.customdata) == done.tam.names
        assert list(rows.y) == list(range(len(done.tam.names)))
        first = importance_analysis.spread(one)[0]
        said = rows.text[0].split("<br>")
        assert said[1:3] == [done.tam.names[0], f"frame 1: {first[0]:+.2f}"]
        assert len(said) == 10
    assert {one.hoverinfo for one in maps} == {"skip"}  # the row is pointed at, not the cell

    block = done.tam["layer2.0"]
    figure = importance.block_map(clip, block, beside(study, "layer2.0"), channel=3).figure
    for rows in clickable(figure):
        peaks = block.importance[list(rows.customdata), 1:-1].argmax(axis=1)
        assert (np.diff(peaks) >= 0).all()
        assert sorted(rows.customdata) == list(range(len(block.importance)))
    assert outlined(figure) == [3, 3, 3]


def clickable(figure: go.Figure) -> list[go.Scatter]:
    """The targets of a figure, one trace for each map."""
    return [trace for trace in figure.data if trace.customdata is not None]


def outlined(figure: go.Figure) -> list[int]:
    """The channel whose row is outlined, for each map."""
    rows = [s for s in figure.layout.shapes if s.line.color == theme.FIRST]
    channels = clickable(figure)[-1].customdata
    assert all(s.y1 - s.y0 == 1 for s in rows)
    return [channels[int(s.y0 + 0.5)] for s in rows]


def test_a_large_block_shows_its_first_channels_and_all_of_them_slim(study: Study) -> None:
    _, clip, done, _, frozen = study
    block = done.tam["layer4.0"]
    scores = varies(block.importance, frozen["layer4.0"].importance)
    last = ranking.order(scores)[-1]
    shown = ranking.top(scores, 10, last)
    panel = importance.block_map(
        clip, block, beside(study, "layer4.0"), channel=last, shown=shown, ranked_by="variation"
    )
    assert panel.title == "Importance: 10 of 64 channels of layer4.0"
    assert "first 10 channels by variation" in panel.how
    whole, *zoomed = clickable(panel.figure)
    assert sorted(whole.customdata) == list(range(64))
    for rows in zoomed:
        assert sorted(rows.customdata) == sorted(shown)
    assert set(outlined(panel.figure)) == {last}  # the chosen one is there, though it ranks last
    shifted = importance_analysis.centred(block.importance)
    np.testing.assert_allclose(
        heatmap_rows(panel.figure, 0), shifted[list(whole.customdata)], atol=1e-6
    )
    np.testing.assert_allclose(
        heatmap_rows(panel.figure, 1), shifted[list(zoomed[0].customdata)], atol=1e-6
    )
    ticks = next(a for a in panel.figure.select_yaxes() if a.ticktext)
    plain = [tick.replace("<b>", "").replace("</b>", "") for tick in ticks.ticktext]
    assert plain == [str(channel) for channel in zoomed[0].customdata]
    lines = (trace for trace in panel.figure.data if trace.type == "scatter")
    (marks,) = (trace for trace in lines if trace.marker.symbol == "triangle-left")
    assert {whole.customdata[row] for row in marks.y} == set(shown)


def test_references_may_be_missing(study: Study) -> None:
    _, clip, done, view, frozen = study
    whole = ControlTraces(frozen, 2, fitted="")
    block = block_beside(whole, "layer2.0")
    alone = dataclasses.replace(view, untrained=None, second=None)
    for panel in (
        importance.overview(clip, done.tam, whole),
        importance.block_map(clip, done.tam["layer2.0"], block, channel=3),
        importance_channel.channel_line(clip, done.tam["layer2.0"], block, channel=3),
        kernel_triangle.simplex(alone),
        kernels.block_map(alone),
        kernels.taps(alone),
        kernel_lines.depth(alone),
        kernel_lines.frequencies(alone),
    ):
        words = f"{panel.see} {panel.says} {panel.title}"
        assert "untrained" not in words
        assert "mean over clips" not in words
        assert not any("untrained" in (t.name or "") for t in panel.figure.data)


def test_controls_say_what_they_are_over(study: Study) -> None:
    _, clip, done, view, frozen = study
    whole = ControlTraces(
        frozen, 2, view.untrained, done.trace, "9 views of a.mp4", fitted="views of a.mp4"
    )
    panel = importance.overview(clip, done.tam, whole)
    assert "batch norms recalibrated on views of a.mp4" in panel.how
    assert "mean over 9 views of a.mp4" in panel.how
    assert "MotionPairs" not in panel.how + panel.see + panel.says


def test_a_click_on_the_line_or_on_a_frame_gives_the_frame(study: Study) -> None:
    _, clip, done, _, _ = study
    block = done.tam["layer2.0"]
    line = importance_channel.channel_line(clip, block, beside(study, "layer2.0"), channel=3).figure
    (points,) = clickable(line)
    assert list(points.x) == list(points.customdata) == list(range(8))
    assert (line.layout.hovermode, line.layout.hoverdistance) == ("x", -1)
    features = np.ones((8, 4, 4))
    frames = importance_channel.emphasised(
        clip, block, features, channel=3, frame=2, weighted=True
    ).figure
    assert [list(points.customdata) for points in clickable(frames)] == [list(range(8))]


def test_the_kernel_map_shows_theta(study: Study) -> None:
    view = study[3]
    block = view.trace["layer2.0"]
    panel = kernels.block_map(view)
    order = np.argsort(block.kernel[:, 2] - block.kernel[:, 0], kind="stable")
    np.testing.assert_allclose(heatmap_rows(panel.figure, 0), block.kernel[order].T)


def test_the_film_strip_shows_every_frame_at_its_time(study: Study) -> None:
    clip = study[1]
    figure = clip_panels.frames(clip).figure
    assert len(figure.layout.images) == 8
    np.testing.assert_allclose(figure.data[0].x, clip.times_s)


def test_large_frames_become_small_pictures() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    assert len(filmstrip.data_uri(frame)) < 40_000


def test_more_than_eight_frames_are_numbered_only(tiny_clip: Callable[..., Clip]) -> None:
    assert filmstrip.frame_ticks(tiny_clip(spec=InputSpec(16, 32, 32)))[-1] == "16"


def test_the_report_stands_alone_and_escapes(panels: list[Panel]) -> None:
    page = html_report("<script>alert(1)</script>", ["a <b>notice</b>"], panels)
    assert "<script>alert(1)</script>" not in page
    assert "a &lt;b&gt;notice&lt;/b&gt;" in page
    assert page.count("<h2>") == len(panels)
    assert "<script src" not in page
    assert "<link" not in page


def test_the_untrained_network_is_calibrated_and_repeatable(
    tiny_model: Callable[..., LoadedModel], videos: Path
) -> None:
    loaded = tiny_model(spec=SPEC)
    clip = read_clip(videos / "approaches_1.mp4", SPEC)
    first, second = (run(untrained(loaded), clip) for _ in range(2))
    assert (first.prediction.logits == second.prediction.logits).all()
    assert np.abs(first.prediction.logits).max() < 20
    entropy = [-(b.kernel * np.log(b.kernel)).sum(1).mean() / np.log(3) for b in first.tam.blocks]
    assert min(entropy) > 0.8
