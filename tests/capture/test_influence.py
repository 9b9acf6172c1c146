"""The influence by gradients is the norm of the Jacobian, whatever way it is computed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from tam_viz.capture import influence as measured
from tam_viz.capture.influence import influence
from tam_viz.experiments.studies.untrained import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet
from tam_viz.models.preprocess import clip_tensor
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Card, Clip, InputSpec, result_of
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]


class Small(VideoNet):
    """Features of few numbers, so that the whole Jacobian can be had; places in time for frames."""

    def __init__(self, places: int) -> None:
        super().__init__(4, 16, 3)
        self.mix = nn.Parameter(torch.randn(places, 4))
        self.look = nn.Linear(6, 3)

    def features(self, x: Tensor) -> Tensor:
        pooled = torch.cat([x.mean(dim=(3, 4)), x.square().mean(dim=(3, 4))], dim=1)
        return torch.tanh(self.look(torch.einsum("rt,nct->nrc", self.mix, pooled)))


def small(places: int = 4) -> LoadedModel:
    spec = InputSpec(frames=4, resize=32, size=32)
    card = Card("small", "small", (1, 1, 1, 1), 8, CLASSES, spec)
    return LoadedModel(card, Small(places).eval(), torch.device("cpu"))


def last(loaded: LoadedModel, clip: Clip, probes: int = 4, *, detached: bool = False) -> np.ndarray:
    steps = list(influence(loaded, clip, probes, detached=detached))
    assert [step.done for step in steps] == list(range(1, steps[-1].total + 1))
    assert [step.result is not None for step in steps] == [False] * (len(steps) - 1) + [True]
    return result_of(steps)


def exact(loaded: LoadedModel, clip: Clip) -> np.ndarray:
    """Norms of the blocks of the whole Jacobian."""
    x = clip_tensor(clip, loaded.card.input)
    whole = jacobian(lambda pixels: loaded.net.features(pixels)[0], x)[:, :, 0]
    norms: np.ndarray = whole.square().sum(dim=(1, 2, 4, 5)).sqrt().detach().numpy()
    return norms


@pytest.mark.parametrize("places", [4, 1])
def test_it_is_the_norm_of_the_jacobian(places: int, tiny_clip: Make) -> None:
    loaded, clip = small(places), tiny_clip()
    found = last(loaded, clip, 4096)
    assert found.shape == (places, 4)
    np.testing.assert_allclose(found, exact(loaded, clip), rtol=0.08)


def test_a_network_is_measured_like_that_too(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A TANet of few features, with V and Θ that see the whole clip."""
    loaded, clip = tiny_model(), tiny_clip()
    few = nn.Linear(256, 2, bias=False)
    features = loaded.net.features
    monkeypatch.setattr(loaded.net, "features", lambda x: few(features(x)))
    expected = exact(loaded, clip)
    np.testing.assert_allclose(last(loaded, clip, 512), expected, rtol=0.2)
    assert (expected > 0).all()


def test_a_network_that_looks_at_frames_alone_is_exactly_diagonal(
    tiny_model: Model, tiny_clip: Make
) -> None:
    found = last(tiny_model("none"), tiny_clip())
    assert (np.diag(found) > 0).all()
    assert (found[~np.eye(4, dtype=bool)] == 0).all()


def test_with_v_and_theta_held_only_the_aggregation_is_left(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    few = nn.Linear(256, 2, bias=False)
    features = loaded.net.features
    monkeypatch.setattr(loaded.net, "features", lambda x: few(features(x)))
    free = exact(loaded, clip)
    constants = {}
    branches = [b for _, tam in loaded.net.tam_blocks() for b in (tam.L, tam.G)]
    keep = [b.register_forward_hook(lambda m, _i, o: constants.update({m: o})) for b in branches]
    with torch.no_grad():
        loaded.net.features(clip_tensor(clip, loaded.card.input))
    for handle in keep:
        handle.remove()
    put = [b.register_forward_hook(lambda m, _i, _o: constants[m].detach()) for b in branches]
    expected = exact(loaded, clip)
    for handle in put:
        handle.remove()
    np.testing.assert_allclose(last(loaded, clip, 512, detached=True), expected, rtol=0.2)
    assert np.abs(free / expected - 1).max() > 0.2  # or the test would tell nothing


def test_together_or_one_by_one_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model("tsm"), tiny_clip()
    together = last(loaded, clip, 3)
    monkeypatch.setattr(measured, "_PIXELS", 2 * 4 * 32 * 32)
    np.testing.assert_allclose(last(loaded, clip, 3), together, rtol=1e-4)
    monkeypatch.setattr(measured, "_PIXELS", 1)
    np.testing.assert_allclose(last(loaded, clip, 3), together, rtol=1e-4)


@pytest.mark.parametrize("detached", [False, True])
def test_nothing_is_left_behind(detached: bool, tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    assert (
        last(loaded, tiny_clip(), detached=detached) == last(loaded, tiny_clip(), detached=detached)
    ).all()
    next(influence(loaded, tiny_clip(), detached=detached))  # given up after the first step
    assert hooks(loaded.net) == 0
    assert all(p.requires_grad and p.grad is None for p in loaded.net.parameters())
    assert torch.is_grad_enabled()
    with torch.no_grad():
        last(loaded, tiny_clip(), detached=detached)
        assert not torch.is_grad_enabled()


def test_no_hook_is_left_after_a_failure(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()

    class Exploding(nn.Module):
        def forward(self, _: Tensor) -> Tensor:
            raise ZeroDivisionError

    loaded.net.layer3 = nn.Sequential(Exploding())
    with pytest.raises(ZeroDivisionError):
        next(influence(loaded, tiny_clip(), detached=True))
    assert hooks(loaded.net) == 0


def test_the_untrained_network_has_gradients(tiny_model: Model, tiny_clip: Make) -> None:
    assert (last(untrained(tiny_model()), tiny_clip()) > 0).all()


def test_it_neither_needs_gradients_of_others_nor_loads_torchs_compiler() -> None:
    code = (
        "import sys, torch; from tam_viz.models.engine import load;"
        "from tam_viz.capture.influence import influence;"
        "from tam_viz.motionpairs.dataset import clip;"
        "from tam_viz.types import result_of;"
        "loaded = load('tanet-motionpairs', 'cpu'); torch.set_grad_enabled(False);"
        "found = result_of(influence(loaded, clip(loaded.card.input, 0, 0, 'test'), probes=1));"
        "assert (found > 0).any();"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
