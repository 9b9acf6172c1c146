"""The arithmetic of one TAM block, against loops and against a counter of operations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tam_viz.analysis.tam.block_features import (
    band,
    blended,
    brightened,
    means,
    passed,
    rearranged,
    shrunk,
    signals,
)
from tam_viz.analysis.tam.block_words import describe_blend
from tam_viz.capture.features import clip_features
from tam_viz.experiments.bench.counting import Products
from tam_viz.models.engine import LoadedModel
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import BlockFeatures, Clip


def some(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape)


@pytest.mark.parametrize("taps", [1, 3, 5])
def test_the_band_is_what_equation_6_says(taps: int) -> None:
    v, kernel = some(6), some(taps)
    matrix = band(v, kernel)
    for t in range(6):
        for s in range(6):
            k = s - t + taps // 2
            expected = kernel[k] * v[s] if 0 <= k < taps else 0.0
            assert matrix[t, s] == pytest.approx(expected)


def test_frames_of_any_shape_pass_through() -> None:
    matrix, maps = some(4, 4), some(4, 2, 3)
    out = passed(matrix, maps)
    for t in range(4):
        expected = sum(matrix[t, s] * maps[s] for s in range(4))
        np.testing.assert_allclose(out[t], expected)


def test_the_present_alone_leaves_frames_as_they_are() -> None:
    frames = (255 * some(4, 5, 5, 3)).astype(np.uint8)
    assert (blended(band(np.ones(4), np.array([0.0, 1.0, 0.0])), frames) == frames).all()
    later = blended(band(np.ones(4), np.array([0.0, 0.0, 1.0])), frames)
    assert (later[:3] == frames[1:]).all()
    assert (later[3] == 0).all()  # nothing is read beyond the end


def test_v_is_brightened_by_its_largest_value_inside_the_clip() -> None:
    v = np.array([0.9, 0.1, 0.3, 0.2, 0.05, 0.8])
    bright = brightened(v)
    np.testing.assert_allclose(bright[1:5], v[1:5] / 0.3)
    assert bright[0] == bright[5] == 1.0  # at the ends padding moves V, and nothing is overexposed
    assert (brightened(np.zeros(4)) == 0).all()
    np.testing.assert_allclose(brightened(np.array([0.5, 0.0, 0.0, 0.2])), [1, 0, 0, 0.4])


def test_signals_have_the_length_of_the_profile() -> None:
    made = signals(some(8))
    assert all(signal.shape == (8,) for signal in made.values())
    assert made["frame"].sum() == 1
    assert set(made["step"]) == {0.0, 1.0}


@pytest.mark.parametrize("how", ["as_is", "mirrored", "scrambled"])
def test_places_are_rearranged_and_means_stay(how: str) -> None:
    maps = some(3, 4, 6)
    new = rearranged(maps, how)
    np.testing.assert_allclose(means(new), means(maps))
    assert (new.shape, (new == maps).all()) == (maps.shape, how == "as_is")


def test_half_of_the_places_are_lost() -> None:
    maps = some(3, 4, 6)
    half = rearranged(maps, "left_half")
    assert (half[:, :, 3:] == 0).all()
    assert (half[:, :, :3] == maps[:, :, :3]).all()


def test_small_maps_stay_and_large_ones_become_means() -> None:
    maps = some(2, 56, 56)
    assert shrunk(maps[:, :4, :4]).shape == (2, 4, 4)
    small = shrunk(maps)
    assert small.shape == (2, 28, 28)
    np.testing.assert_allclose(small[1, 3, 5], maps[1, 6:8, 10:12].mean())
    assert shrunk(some(2, 30, 64)).shape == (2, 28, 28)


@pytest.mark.parametrize("options", [{}, {"taps": 5}])
def test_the_cost_is_that_which_a_counter_finds(
    options: dict[str, int],
    tiny_model: Callable[..., LoadedModel],
    tiny_clip: Callable[..., Clip],
) -> None:
    loaded = tiny_model(options=options)
    inside: BlockFeatures = clip_features(loaded, tiny_clip())["layer2.0"]
    tam: TAM = dict(loaded.net.tam_blocks())["layer2.0"]
    x = torch.from_numpy(inside.x)[None]

    def counted(call: Callable[[], object]) -> int:
        with torch.no_grad(), Products() as counter:
            call()
        return counter.multiply_adds

    cost, pooled = inside.cost, torch.from_numpy(inside.pooled)
    assert counted(lambda: tam.L(pooled[None])) == cost.local
    assert counted(lambda: tam.G(pooled)) == cost.kernels
    assert counted(lambda: tam(x)) == cost.total
    assert cost.weighting == inside.x.size

    def grouped() -> torch.Tensor:
        """As the authors' code does it: x times V, then a convolution with a group per channel."""
        n, c, t, h, w = x.shape
        importance, kernel = tam.decide(x)
        weighted = (x * importance[..., None, None]).view(1, n * c, t, h * w)
        taps = kernel.view(n * c, 1, -1, 1)
        return torch.conv2d(weighted, taps, padding=(taps.shape[2] // 2, 0), groups=n * c)

    with torch.no_grad():
        torch.testing.assert_close(grouped().view_as(x), tam(x))
    assert counted(grouped) == cost.authors_total


def test_what_is_left_of_the_frames_is_told() -> None:
    band_of = {"one": np.diag([1.0, 0.5, 0.0, 1.0]), "other": np.eye(4)}
    assert describe_blend(band_of) == (
        "Through one, frames come out at 0% of their weight (frame 3) to 100% (frame 1); nearly "
        "black: frame 3. Through other, every frame comes out at 100% of its weight."
    )
