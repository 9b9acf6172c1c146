"""The pictures of the lesson show the numbers of the block, and nothing else."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tam_viz.analysis.tam.block_features import band, passed
from tam_viz.analysis.tam.levels import Variant
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.panels.panel import Panel
from tam_viz.panels.tam import lesson as panels
from tam_viz.panels.tam import lesson_levels as levels
from tam_viz.panels.tam import lesson_result as results
from tam_viz.panels.tam.lesson import Blanked
from tam_viz.panels.tam.lesson_result import Chosen
from tam_viz.plots.shared import theme
from tam_viz.plots.tam.kernel_steps import KernelSteps
from tam_viz.types import BlockFeatures, Card, Clip, InputSpec, Prediction, Run

CHANNEL, BLOCK = 3, "layer1.0"
SPEC = InputSpec(8, 128, 128)


@pytest.fixture
def clip(tiny_clip: Callable[..., Clip]) -> Clip:
    return tiny_clip(spec=SPEC)


@pytest.fixture
def features() -> BlockFeatures:
    """A block with maps of 32 × 32 cells; what it gives on is what its V and Θ make."""
    rng = np.random.default_rng(0)
    x, v = rng.random((8, 8, 32, 32)), rng.random((8, 8))
    kernel = rng.random((8, 3))
    kernel /= kernel.sum(axis=1, keepdims=True)
    logits = rng.random(16)
    return BlockFeatures(
        block=BLOCK,
        x=x,
        pooled=x.mean(axis=(2, 3)),
        local_hidden=rng.random((2, 8)),
        importance=v,
        global_hidden=rng.random((8, 16)),
        logits=rng.normal(size=(8, 3)),
        kernel=kernel,
        y=np.stack([passed(band(*rows), maps) for *rows, maps in zip(v, kernel, x, strict=True)]),
        run=Run("c", "n", (), Prediction(logits, logits[None], CLASSES), None, 0.0),
    )


@pytest.fixture
def own(features: BlockFeatures) -> Chosen:
    return Chosen(features.importance[CHANNEL], features.kernel[CHANNEL], own=True)


def blanked(features: BlockFeatures) -> Blanked:
    return Blanked(1, 0.5 * features.pooled, 0.5 * features.local_hidden, 0.5 * features.importance)


def answer(logits: np.ndarray) -> Prediction:
    return Prediction(logits, logits[None], CLASSES)


VARIANTS = [
    Variant("V and Θ", False, answer(np.arange(16.0))),
    Variant("TSM", True, answer(np.arange(16.0)[::-1]), 0.8),
]
MINE = Chosen(np.linspace(0, 1, 8), np.array([0.2, 0.3, 0.5]), own=False)


def all_panels(clip: Clip, features: BlockFeatures, own: Chosen) -> Iterator[Panel]:
    x, y, v = features.x[CHANNEL], features.y[CHANNEL], features.importance[CHANNEL]
    profile = features.pooled[CHANNEL].astype(float)
    parts = [getattr(features, n)[5] for n in ("pooled", "global_hidden", "logits", "kernel")]
    drawn = KernelSteps("drawn", theme.EDITED, *parts)
    yield panels.incoming(clip, x, name="channel 3", high=1.0, frame=2)
    yield panels.incoming(
        clip, x, name="channel 3", high=1.0, frame=2, played="backwards", change=0.1
    )
    yield panels.pooled(features, CHANNEL)
    yield panels.profile(features, CHANNEL)
    yield panels.profile(features, CHANNEL, profile[::-1], "mirrored")
    yield panels.cells(clip, x, None, "as it is")
    yield panels.cells(clip, x, x[:, :, ::-1], "mirrored")
    yield panels.local_branch(features, CHANNEL)
    yield panels.local_branch(features, CHANNEL, blanked(features))
    yield panels.importance_line(v, 0 * v, CHANNEL)
    yield panels.importance_line(v, 0 * v, CHANNEL, blanked(features))
    yield panels.weighted(clip, x, v, None)
    yield panels.weighted(clip, x, v, MINE.importance)
    yield panels.kernel(features, features.trace, CHANNEL, None)
    yield panels.kernel(features, features.trace, CHANNEL, drawn)
    card = Card("n", "tam", (1, 1, 1, 1), 8, CLASSES, SPEC)
    yield results.answers_with(card, clip, features.run, features.run, features.run, CHANNEL)
    for chosen in (own, MINE):
        yield results.aggregation(chosen, own, profile, "this channel")
        yield results.result(clip, x, y, chosen)
        yield results.signal_through(chosen, own, profile, "this channel")
        yield results.frames_through(clip, chosen, own, weighed=False)
        yield results.frames_through(clip, chosen, own, weighed=True)
    yield levels.matrices(v, features.kernel[CHANNEL], CHANNEL)
    yield levels.alike(features)
    yield levels.alike(dataclasses.replace(features, pooled=0 * features.pooled))
    yield levels.variants(VARIANTS, "hides", known=True)


def test_every_panel_is_complete_small_and_takes_the_colours_of_the_page(
    clip: Clip, features: BlockFeatures, own: Chosen
) -> None:
    for panel in all_panels(clip, features, own):
        assert panel.title
        assert panel.see.endswith(".")
        assert panel.says.endswith(".")
        assert any(character.isdigit() for character in panel.says)
        assert len(panel.table) > 0
        written = panel.figure.to_json()
        assert len(written) < 500_000, panel.title
        # Streamlit would put a colour of its theme in the place of that one.
        assert not any("#000004" in str(trace.to_plotly_json()) for trace in panel.figure.data)
        assert panel.figure.layout.font.color is None
        assert panel.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_drawing_changes_nothing(clip: Clip, features: BlockFeatures, own: Chosen) -> None:
    before = copy.deepcopy(
        [features.x, features.y, features.pooled, features.importance, features.kernel]
    )
    list(all_panels(clip, features, own))
    after = [features.x, features.y, features.pooled, features.importance, features.kernel]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_an_inactive_channel_is_told(clip: Clip, features: BlockFeatures) -> None:
    silent = np.zeros_like(features.x[0])
    panel = panels.incoming(clip, silent, name="channel 0", high=1e-6, frame=0)
    assert panel.says.startswith("Channel 0 is inactive in this clip")


def test_the_matrix_shows_its_three_diagonals_and_what_comes_out(own: Chosen) -> None:
    signal = np.arange(8.0)
    figure = results.aggregation(MINE, own, signal, "a ramp").figure
    maps = [np.array(trace.z) for trace in figure.data if trace.type == "heatmap"]
    np.testing.assert_allclose(sum(np.nan_to_num(m) for m in maps), MINE.matrix)
    out = next(trace for trace in figure.data if trace.name == "out")
    np.testing.assert_allclose(out.x, passed(MINE.matrix, signal))
    marks = next(trace for trace in figure.data if trace.name == "the network’s out")
    np.testing.assert_allclose(marks.x, passed(own.matrix, signal))
    padded = {(s.x0, s.y0) for s in figure.layout.shapes if s.line.dash == "dot"}
    assert padded == {(-0.45, 0.55), (8.55, 7.55)}


def test_who_predicts_a_class_is_told() -> None:
    found = levels.variants(VARIANTS, CLASSES[-1], known=True)
    assert f"True class: {CLASSES[-1]}. The chosen network keeps it with: V and Θ." in found.says
    assert "Others with it: none. Top-1 accuracy on the test clips: TSM 0.80." in found.says
    alone = levels.variants(VARIANTS[:1], CLASSES[0], known=False).says
    assert alone == f"Predicted class: {CLASSES[0]}. The chosen network keeps it with: none."


def test_what_a_blank_frame_does_is_in_all_three_tables(features: BlockFeatures) -> None:
    tables = [
        trace.z for trace in panels.local_branch(features, CHANNEL, blanked(features)).figure.data
    ]
    for table, whole in zip(
        tables, (features.pooled, features.local_hidden, features.importance), strict=True
    ):
        np.testing.assert_allclose(table, whole / 2)


def test_yours_has_one_colour(features: BlockFeatures, own: Chosen) -> None:
    signal = np.arange(8.0)
    out = [
        next(
            trace
            for trace in results.aggregation(chosen, own, signal, "s").figure.data
            if trace.name == "out"
        ).marker.color
        for chosen in (own, MINE)
    ]
    assert out[1] == theme.EDITED != out[0]
    lines = results.signal_through(MINE, own, signal, "s").figure.data
    assert lines[-1].line.color == theme.EDITED
    v = features.importance[CHANNEL]
    assert panels.importance_line(v, v, CHANNEL, blanked(features)).figure.data[-1].line.color == (
        theme.EDITED
    )


@pytest.mark.parametrize("weighed", [False, True])
def test_the_real_frames_are_bright_enough_to_see(clip: Clip, weighed: bool) -> None:
    """A V of 0.1 everywhere would make them nearly black."""
    faint = Chosen(np.full(8, 0.1), np.array([0.25, 0.5, 0.25]), own=True)
    panel = results.frames_through(clip, faint, faint, weighed=weighed)
    weights = panel.table["out, the network’s"].to_numpy()
    np.testing.assert_allclose(weights, [0.75, 1, 1, 1, 1, 1, 1, 0.75])
    assert ("V is divided by its largest value" in panel.how) == weighed
    assert ("V is left out" in panel.how) != weighed


def test_one_level_does_one_thing(features: BlockFeatures) -> None:
    v, kernel = features.importance[CHANNEL], features.kernel[CHANNEL]
    table = levels.matrices(v, kernel, CHANNEL).table
    np.testing.assert_allclose(table.loc["V alone"], np.diag(v))
    np.testing.assert_allclose(table.loc["V and Θ"], band(v, kernel))
    np.testing.assert_allclose(table.loc["Θ alone"], band(np.ones(8), kernel))
    shift = 1 if kernel[2] > kernel[0] else -1
    side = {-1: "past", 1: "future"}[shift]
    np.testing.assert_allclose(table.loc[f"TSM, {side}"], np.eye(8, k=shift))


def test_the_padded_frames_of_v_are_marked(features: BlockFeatures) -> None:
    v = features.importance[CHANNEL]
    shapes = panels.importance_line(v, v, CHANNEL).figure.layout.shapes
    assert [(s.x0, s.x1) for s in shapes] == [(0.5, 1.5), (7.5, 8.5)]
