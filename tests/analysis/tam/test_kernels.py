"""Kernels as places, shares, responses and sentences, on numbers whose answers are known."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from tam_viz.analysis.tam import kernel_words as words
from tam_viz.analysis.tam import kernels
from tam_viz.analysis.tam.kernels import Fixed
from tam_viz.capture.run import run
from tam_viz.experiments.studies.fixed_kernels import fixed_kernels
from tam_viz.models.engine import load
from tam_viz.types import BlockTrace, TAMTrace
from tam_viz.video.library import GALLERY, read_folder

V = np.full((4, 4), 0.5)
K = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
BLOCK = BlockTrace("layer1.0", V, K)
MIRRORED = BlockTrace("layer1.0", V, K[:, ::-1])
FLAT = BlockTrace("layer1.0", V, np.full_like(K, 1 / 3))
RIVAL = Fixed("rival", {"layer2.0": np.array([[-1.0, 3.0, 0.0]])})
TRACE = TAMTrace((BLOCK, BlockTrace("layer2.0", V, K[:, ::-1])))


def test_corners_and_the_middle_of_the_triangle() -> None:
    fixed = np.array(list(kernels.LANDMARKS.values()))
    np.testing.assert_allclose(
        kernels.simplex_xy(fixed), np.array([[0, 1], [1, 0], [-1, 0], [0, 1 / 3]]), atol=1e-12
    )
    np.testing.assert_allclose(
        kernels.simplex_xy(K - K[:, ::-1]),
        np.array([[0.6, 0], [-1.0, 0], [0, 0], [0, 0]]),
        atol=1e-12,
    )


def test_a_kernel_that_goes_to_another_tap_moves_its_weight() -> None:
    past, future = np.array([[1.0, 0, 0]]), np.array([[0, 0, 1.0]])
    assert kernels.moved(past, future) == 1.0
    assert kernels.moved(K, K) == 0.0
    assert kernels.moved(K, K[:, ::-1]) == pytest.approx((0.3 + 0.5) / 4)


def test_signed_shares_keep_signs_and_zeros() -> None:
    learned = np.array([[-1.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    expected = np.array([[-0.25, 0.75, 0], [0, 0, 0]])
    np.testing.assert_allclose(kernels.signed_shares(learned), expected)
    np.testing.assert_allclose(kernels.signed_shares(K), K)
    five = np.array([[-0.1, 0.2, 0.3, 0.1, 0.3]])
    np.testing.assert_allclose(kernels.signed_taps(five), [[0.1, 0.3, 0.4]])


@pytest.mark.parametrize("taps", [3, 5])
def test_the_response_is_that_of_a_hand_written_sum(taps: int) -> None:
    kernel = np.random.default_rng(0).normal(size=(4, taps))
    frequencies = np.array([0.0, 0.1, 0.25, 0.5])
    found = kernels.response(kernel, frequencies)
    for c in range(4):
        for n, f in enumerate(frequencies):
            total = 0j
            for k in range(taps):
                total += kernel[c, k] * cmath.exp(-2j * math.pi * f * (k - taps // 2))
            assert found[c, n] == pytest.approx(abs(total))


def test_what_fixed_kernels_pass() -> None:
    shift, keep, average = [0.0, 0, 1], [0.0, 1, 0], [1 / 3, 1 / 3, 1 / 3]
    passed = kernels.response(np.array([shift, keep, average]), kernels.FREQUENCIES)
    np.testing.assert_allclose(passed[:2], 1)
    wave = np.cos(2 * np.pi * kernels.FREQUENCIES)
    np.testing.assert_allclose(passed[2], np.abs(1 + 2 * wave) / 3, atol=1e-12)
    np.testing.assert_allclose(kernels.response(K, np.array([0.0])), 1)
    assert (kernels.response(K, kernels.FREQUENCIES) < 1 + 1e-12).all()


def test_the_end_of_an_axis_is_the_next_quarter() -> None:
    assert kernels.limit() == 0.25
    assert kernels.limit(np.zeros((0, 3))) == 0.25
    assert kernels.limit(np.array([0.1]), np.array([[-0.51]])) == 0.75
    assert kernels.limit(np.array([1.0])) == 1.0


def test_tables_of_both_clips() -> None:
    first = {block.name: block.kernel for block in TRACE.blocks}
    both = kernels.share_table({"one": first, "two": {n: k[:, ::-1] for n, k in first.items()}})
    assert both.shape == (8, 6)
    assert both.loc[("layer2.0", 1), "one: past"] == pytest.approx(0.1)
    assert both.loc[("layer2.0", 1), "two: past"] == pytest.approx(0.6)
    assert list(kernels.share_table({"one": first}).columns) == list(kernels.TAPS)
    quantiles = kernels.quantile_table({"layer1.0": K})
    assert quantiles.loc["layer1.0", "past 95%"] == pytest.approx(np.quantile(K[:, 0], 0.95))
    assert quantiles.loc["layer1.0", "future q1"] == pytest.approx(np.quantile(K[:, 2], 0.25))


def test_sentences_hold_the_numbers() -> None:
    assert "future 0.23 (untrained 0.33" in words.describe_kernels(BLOCK, FLAT)
    assert words.describe_channel_kernel(BLOCK, 1, MIRRORED) == (
        "Channel 1: past 0.60, present 0.30, future 0.10 (second clip: past 0.10, present 0.30, "
        "future 0.60)."
    )
    assert words.describe_channel_kernel(BLOCK, 1, None).endswith("future 0.10.")
    assert words.describe_simplex([BLOCK]) == (
        "The largest weight is on the past in 50% of the 4 channels, on the present in 25%, on the "
        "future in 25%."
    )
    said = words.describe_taps(TRACE, RIVAL)
    assert said.startswith("Medians over channels: layer1.0 past 0.27")
    assert "(rival, for every video: past −0.25, present 0.75, future 0.00)" in said
    even = TAMTrace((FLAT, BlockTrace("layer2.0", V, FLAT.kernel)))
    lean = words.describe_lean({"one": TRACE, "two": even})
    assert lean.startswith("Mean over channels of future − past: in layer1.0 −0.05 (one), +0.00")


def test_how_far_kernels_move_in_words() -> None:
    still = TAMTrace((BLOCK, TRACE.blocks[1]))
    turned = TAMTrace((MIRRORED, TRACE.blocks[1]))
    said = words.describe_moves(TRACE, turned)
    assert said == (
        "Between the two clips the average kernel moves 20% of its weight in layer1.0, where it "
        "moves most, and 0% in layer2.0, where it moves least."
    )
    assert "untrained network: 0% there and 0% at most" in words.describe_moves(
        TRACE, turned, (still, TRACE)
    )
    assert words.describe_change_of_lean({"layer1.0": K - K[:, ::-1]}).endswith(
        "layer1.0: by 0.10 towards the past."
    )


def test_what_is_left_of_the_fastest_change_in_words() -> None:
    said = words.describe_response(BLOCK, 0, MIRRORED, FLAT)
    assert "channel 0 of layer1.0 has gain 0.40 (second clip: 0.40)" in said
    assert said.endswith("untrained 0.33, the average of 3 frames 0.33.")


def test_kernels_of_a_network_cannot_subtract_frames_and_fixed_ones_do() -> None:
    """What the page says of gains, on clips of the gallery, in every block."""
    tanet, tconv = (load(f"{name}-motionpairs", "cpu") for name in ("tanet", "tconv"))
    for source in read_folder(GALLERY)[:4]:
        for block in run(tanet, source.read(tanet.card.input)).tam.blocks:
            gains = kernels.response(block.kernel, kernels.FREQUENCIES)
            np.testing.assert_allclose(gains[:, 0], 1, atol=1e-5)  # static content is unchanged
            assert gains.max() < 1 + 1e-5  # and nothing is amplified
            assert block.kernel.min() >= 0
    assert min(kernel.min() for kernel in fixed_kernels(tconv).values()) < 0
