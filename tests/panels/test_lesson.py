"""The pictures of the lesson show the numbers of the block, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tam_viz.analysis.inside import BlockFeatures, band, passed
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.panels import lesson as panels
from tam_viz.panels.lesson import Chosen
from tam_viz.panels.panel import Panel
from tam_viz.plots import theme
from tam_viz.plots.lesson import KernelSteps
from tam_viz.types import Card, Clip, InputSpec, Prediction, Run

CHANNEL, BLOCK = 3, "layer1.0"
SPEC = InputSpec(8, 128, 128)


@pytest.fixture
def clip(tiny_clip: Callable[..., Clip]) -> Clip:
    return tiny_clip(spec=SPEC)


@pytest.fixture
def inside() -> BlockFeatures:
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
def own(inside: BlockFeatures) -> Chosen:
    return Chosen(inside.importance[CHANNEL], inside.kernel[CHANNEL], own=True)


MINE = Chosen(np.linspace(0, 1, 8), np.array([0.2, 0.3, 0.5]), own=False)


def all_panels(clip: Clip, inside: BlockFeatures, own: Chosen) -> Iterator[Panel]:
    x, y, v = inside.x[CHANNEL], inside.y[CHANNEL], inside.importance[CHANNEL]
    profile = inside.pooled[CHANNEL].astype(float)
    parts = [getattr(inside, n)[5] for n in ("pooled", "global_hidden", "logits", "kernel")]
    drawn = KernelSteps("drawn", theme.EDITED, *parts)
    yield panels.incoming(clip, x, name="channel 3", high=1.0, frame=2)
    yield panels.incoming(
        clip, x, name="channel 3", high=1.0, frame=2, played="backwards", change=0.1
    )
    yield panels.pooled(inside, CHANNEL)
    yield panels.profile(inside, CHANNEL)
    yield panels.profile(inside, CHANNEL, profile[::-1], "mirrored")
    yield panels.places(clip, x, None, "as it is")
    yield panels.places(clip, x, x[:, :, ::-1], "mirrored")
    yield panels.local_branch(inside, CHANNEL)
    yield panels.importance_line(v, 0 * v, CHANNEL)
    yield panels.importance_line(v, 0 * v, CHANNEL, v / 2, 1)
    yield panels.weighted(clip, x, v, None)
    yield panels.weighted(clip, x, v, MINE.importance)
    yield panels.kernel(inside, inside.trace, CHANNEL, None)
    yield panels.kernel(inside, inside.trace, CHANNEL, drawn)
    card = Card("n", "tam", (1, 1, 1, 1), 8, CLASSES, SPEC)
    yield panels.answers_with(card, clip, inside.run, inside.run, inside.run, CHANNEL)
    for chosen in (own, MINE):
        yield panels.aggregation(chosen, own, profile, "this channel")
        yield panels.result(clip, x, y, chosen)
        yield panels.signal_through(chosen, own, profile, "this channel")
        yield panels.frames_through(clip, chosen, own)


def test_every_panel_is_complete_small_and_takes_the_colours_of_the_page(
    clip: Clip, inside: BlockFeatures, own: Chosen
) -> None:
    for panel in all_panels(clip, inside, own):
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


def test_drawing_changes_nothing(clip: Clip, inside: BlockFeatures, own: Chosen) -> None:
    before = copy.deepcopy([inside.x, inside.y, inside.pooled, inside.importance, inside.kernel])
    list(all_panels(clip, inside, own))
    after = [inside.x, inside.y, inside.pooled, inside.importance, inside.kernel]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_a_silent_channel_is_told(clip: Clip, inside: BlockFeatures) -> None:
    silent = np.zeros_like(inside.x[0])
    panel = panels.incoming(clip, silent, name="channel 0", high=1e-6, frame=0)
    assert panel.says.startswith("Channel 0 finds nothing in this clip")


def test_the_matrix_shows_its_three_diagonals_and_what_comes_out(own: Chosen) -> None:
    signal = np.arange(8.0)
    figure = panels.aggregation(MINE, own, signal, "a ramp").figure
    maps = [np.array(trace.z) for trace in figure.data if trace.type == "heatmap"]
    np.testing.assert_allclose(sum(np.nan_to_num(m) for m in maps), MINE.matrix)
    out = next(trace for trace in figure.data if trace.name == "out")
    np.testing.assert_allclose(out.x, passed(MINE.matrix, signal))
    marks = next(trace for trace in figure.data if trace.name == "the network’s out")
    np.testing.assert_allclose(marks.x, passed(own.matrix, signal))
    padded = {(s.x0, s.y0) for s in figure.layout.shapes if s.line.dash == "dot"}
    assert padded == {(-0.45, 0.55), (8.55, 7.55)}


def test_the_padded_frames_of_v_are_marked(inside: BlockFeatures) -> None:
    v = inside.importance[CHANNEL]
    shapes = panels.importance_line(v, v, CHANNEL).figure.layout.shapes
    assert [(s.x0, s.x1) for s in shapes] == [(0.5, 1.5), (7.5, 8.5)]
