"""Everything inside a TAM block: the arrays follow from each other, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.capture.features import (
    branches,
    clip_features,
    importance_steps,
    kernel_steps,
)
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, UserError
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
BLOCK = "layer2.0"


def relu_of(layer: nn.Module, norm: nn.Module, given: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        hidden: np.ndarray = norm(layer(torch.from_numpy(given))).clamp(min=0).numpy()
    return hidden


def test_every_array_follows_from_the_one_before(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    inside = clip_features(loaded, tiny_clip())[BLOCK]
    tam: Any = dict(loaded.net.tam_blocks())[BLOCK]
    assert inside.x.shape == inside.y.shape == (16, 4, 8, 8)
    assert (inside.x >= 0).all()
    np.testing.assert_allclose(inside.pooled, inside.x.mean(axis=(2, 3)), rtol=1e-4, atol=1e-6)
    hidden = relu_of(tam.L[0], tam.L[1], inside.pooled[None])[0]
    np.testing.assert_allclose(inside.local_hidden, hidden, rtol=1e-4, atol=1e-5)
    scores = np.einsum("cb,bt->ct", tam.L[3].weight[:, :, 0].detach().numpy(), inside.local_hidden)
    np.testing.assert_allclose(inside.importance, 1 / (1 + np.exp(-scores)), rtol=1e-4)
    hidden = relu_of(tam.G[0], tam.G[1], inside.pooled)
    np.testing.assert_allclose(inside.global_hidden, hidden, rtol=1e-4, atol=1e-5)
    logits = inside.global_hidden @ tam.G[3].weight.detach().numpy().T
    np.testing.assert_allclose(inside.logits, logits, rtol=1e-4, atol=1e-5)
    shares = np.exp(inside.logits) / np.exp(inside.logits).sum(1, keepdims=True)
    np.testing.assert_allclose(inside.kernel, shares, rtol=1e-4)


def test_the_output_is_that_of_a_loop(tiny_model: Model, tiny_clip: Make) -> None:
    inside = clip_features(tiny_model(), tiny_clip())[BLOCK]
    y = np.zeros_like(inside.y)
    channels, frames = inside.pooled.shape
    for c in range(channels):
        for t in range(frames):
            for k in range(3):
                s = t + k - 1
                if 0 <= s < frames:
                    y[c, t] += inside.kernel[c, k] * inside.importance[c, s] * inside.x[c, s]
    np.testing.assert_allclose(inside.y, y, rtol=1e-4, atol=1e-6)


def test_it_belongs_to_the_run(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    inside, plain = clip_features(loaded, clip)[BLOCK], run(loaded, clip)
    assert inside.run.clip_id == clip.id
    assert (inside.run.prediction.logits == plain.prediction.logits).all()
    assert inside.trace.name == BLOCK
    assert (inside.importance == plain.tam[BLOCK].importance).all()
    assert (inside.kernel == plain.tam[BLOCK].kernel).all()


def test_five_taps_are_kept_too(tiny_model: Model, tiny_clip: Make) -> None:
    inside = clip_features(tiny_model(options={"taps": 5}), tiny_clip())[BLOCK]
    assert inside.logits.shape == inside.kernel.shape == (16, 5)


def test_hooks_are_gone_after_success_and_failure(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = tiny_model()
    clip_features(loaded, tiny_clip())[BLOCK]
    assert hooks(loaded.net) == 0

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(loaded.net.layer3, "forward", broken)
    with pytest.raises(ZeroDivisionError):
        clip_features(loaded, tiny_clip())[BLOCK]
    assert hooks(loaded.net) == 0


@pytest.mark.parametrize(
    ("temporal", "says"),
    [
        ("tsm", "no TAM block"),
        ("tam_local", "choose a network that has both"),
        ("tam_global", "choose a network that has both"),
    ],
)
def test_a_network_without_both_branches_is_told(
    tiny_model: Model, tiny_clip: Make, temporal: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        clip_features(tiny_model(temporal), tiny_clip())


def test_a_block_that_is_not_there_is_told(tiny_model: Model) -> None:
    with pytest.raises(UserError, match=r"no TAM block 'layer9.9'; there are layer1.0"):
        branches(tiny_model(), "layer9.9", np.zeros((8, 4), np.float32))


def test_branches_make_of_the_pooled_features_what_the_run_made(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model()
    inside = clip_features(loaded, tiny_clip())[BLOCK]
    importance, kernel = branches(loaded, BLOCK, inside.pooled)
    np.testing.assert_allclose(importance, inside.importance, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(kernel, inside.kernel, rtol=1e-4, atol=1e-6)
    steps = kernel_steps(loaded, BLOCK, inside.pooled)
    for made, kept in zip(steps, (inside.global_hidden, inside.logits, inside.kernel), strict=True):
        np.testing.assert_allclose(made, kept, rtol=1e-4, atol=1e-5)
    with pytest.raises(UserError, match="no TAM block"):
        branches(loaded, "layer9.9", inside.pooled)


def test_the_local_branch_is_told_step_by_step(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    inside = clip_features(loaded, tiny_clip())[BLOCK]
    hidden, v = importance_steps(loaded, BLOCK, inside.pooled)
    np.testing.assert_allclose(hidden, inside.local_hidden, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(v, inside.importance, rtol=1e-4, atol=1e-5)
    blank = inside.pooled.copy()
    blank[:, 0] = 0
    after = importance_steps(loaded, BLOCK, blank)[0]
    assert np.abs(after - hidden)[:, :2].max() > 0  # it reads three frames
    np.testing.assert_allclose(after[:, 2:], hidden[:, 2:], atol=1e-6)
