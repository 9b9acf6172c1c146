"""Every temporal module of the registry through the same tests, and each by its own equation."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models import registry
from tam_viz.models.registry import Place, entries, entry, register
from tam_viz.models.temporal.tam import TAM
from tam_viz.types import UserError

REACH = {"none": 0, "tsm": 1}
"""How many frames away a frame can be seen; a module that is not named here sees all."""

every_module = pytest.mark.parametrize("name", list(entries()))


def module(name: str, channels: int = 16, frames: int = 6) -> nn.Module:
    return entry(name).make(channels, frames).eval()


def features(n: int = 2, channels: int = 16, frames: int = 6) -> Tensor:
    return torch.randn(n, channels, frames, 3, 4)


@every_module
@pytest.mark.parametrize("frames", [1, 2, 8, 16])
def test_keeps_the_shape_for_any_number_of_frames(name: str, frames: int) -> None:
    x = features(frames=frames)
    assert module(name, frames=frames)(x).shape == x.shape


@every_module
def test_every_parameter_gets_a_gradient(name: str) -> None:
    layer = module(name).train()
    x = features(n=4).requires_grad_()
    (layer(x) * torch.randn_like(x)).sum().backward()
    assert x.grad is not None
    for parameter_name, parameter in layer.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.abs().sum() > 0, parameter_name


@every_module
def test_clips_of_a_batch_do_not_mix(name: str) -> None:
    layer, x = module(name), features()
    changed = x.clone()
    changed[1] += 1
    torch.testing.assert_close(layer(changed)[0], layer(x)[0], rtol=0, atol=1e-6)


@every_module
def test_frames_reach_as_far_as_the_definition_says(name: str) -> None:
    layer, x = module(name), features(n=1)
    reach = REACH.get(name, 6)
    for s in range(6):
        changed = x.clone()
        changed[:, :, s] += torch.randn(3, 4)
        moved = (layer(changed) - layer(x)).abs().amax(dim=(0, 1, 3, 4))
        for t in range(6):
            assert (moved[t] > 0) == (abs(t - s) <= reach), (s, t)


@every_module
def test_says_where_it_comes_from(name: str) -> None:
    found = entry(name)
    assert found.name == name
    assert isinstance(found.place, Place)
    assert found.paper[4] == "."
    assert module(name).__doc__


def test_a_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(entries()))
    enter = register("tam", network="X", place=Place.AFTER_CONV1, paper="0000.00000")
    with pytest.raises(ValueError, match="two temporal modules"):
        enter(nn.Identity)


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(UserError, match="choose one of none, tam, tsm"):
        entry("tms")


def test_none_is_the_identity() -> None:
    x = features()
    assert module("none")(x) is x


def test_tsm_by_hand() -> None:
    x = features(channels=16)
    y = module("tsm")(x)
    for t in range(6):
        later = x[:, :2, t + 1] if t + 1 < 6 else torch.zeros_like(x[:, :2, 0])
        earlier = x[:, 2:4, t - 1] if t > 0 else torch.zeros_like(x[:, 2:4, 0])
        torch.testing.assert_close(y[:, :2, t], later)
        torch.testing.assert_close(y[:, 2:4, t], earlier)
        torch.testing.assert_close(y[:, 4:, t], x[:, 4:, t])


def test_tam_by_hand() -> None:
    """Both branches and the aggregation, from the weights alone."""
    n, c, t, taps = 2, 8, 5, 3
    layer = TAM(c, t)
    layer.train()(features(n=4, channels=c, frames=t))
    layer.eval()
    x = features(n=n, channels=c, frames=t)
    expected = torch.zeros_like(x)
    for i in range(n):
        pooled = torch.stack([x[i, :, f].mean(dim=(1, 2)) for f in range(t)], dim=1)  # (c, t)
        importance = _local_branch(layer, pooled)
        for j in range(c):
            kernel = _global_branch(layer, pooled[j])
            for f in range(t):
                for k in range(taps):
                    s = f + k - 1
                    if 0 <= s < t:
                        expected[i, j, f] += kernel[k] * importance[j, s] * x[i, j, s]
    torch.testing.assert_close(layer(x), expected)


def _norm(layer: nn.Module, values: Tensor) -> Tensor:
    scale = layer.weight / torch.sqrt(layer.running_var + layer.eps)
    return (values - layer.running_mean) * scale + layer.bias


def _global_branch(layer: TAM, profile: Tensor) -> Tensor:
    hidden = _norm(layer.G[1], layer.G[0].weight @ profile).clamp(min=0)
    scores = layer.G[3].weight @ hidden
    return scores.exp() / scores.exp().sum()


def _local_branch(layer: TAM, pooled: Tensor) -> Tensor:
    frames = pooled.shape[1]
    padded = F.pad(pooled, (1, 1))
    columns = []
    for f in range(frames):
        window = padded[:, f : f + 3]
        hidden = (layer.L[0].weight * window).sum(dim=(1, 2))
        hidden = _norm(layer.L[1], hidden).clamp(min=0)
        columns.append(1 / (1 + torch.exp(-(layer.L[3].weight[:, :, 0] @ hidden))))
    return torch.stack(columns, dim=1)


def test_tam_mixes_neighbours_by_its_kernel_only() -> None:
    """With V and Θ held fixed, a change of frame s reaches s - 1 to s + 1 and no further."""
    layer, x = TAM(16, 6).eval(), features(n=1)
    fixed_v, fixed_k = torch.rand(1, 16, 6), torch.rand(16, 3).softmax(-1)
    layer.L.register_forward_hook(lambda *_: fixed_v)
    layer.G.register_forward_hook(lambda *_: fixed_k)
    for s in range(6):
        changed = x.clone()
        changed[:, :, s] += 1
        moved = (layer(changed) - layer(x)).abs().amax(dim=(0, 1, 3, 4))
        assert [bool(m > 0) for m in moved] == [abs(t - s) <= 1 for t in range(6)]


def test_untrained_tam_is_near_its_neutral_values() -> None:
    layer = TAM(64, 8).train()
    seen: dict[str, Tensor] = {}
    layer.L.register_forward_hook(lambda _m, _i, out: seen.update(v=out))
    layer.G.register_forward_hook(lambda _m, _i, out: seen.update(k=out))
    layer(features(n=8, channels=64, frames=8))
    assert abs(seen["v"].mean() - 0.5) < 0.05
    entropy = -(seen["k"] * seen["k"].log()).sum(-1).mean() / math.log(3)
    assert entropy > 0.9  # 1 is the plain average
    torch.testing.assert_close(seen["k"].sum(-1), torch.ones(8 * 64))


def test_tam_refuses_another_number_of_frames() -> None:
    with pytest.raises(UserError, match="built for 8 frames and the clip has 16"):
        TAM(16, 8)(features(frames=16))


def test_tam_needs_a_centre_tap() -> None:
    with pytest.raises(ValueError, match="taps must be odd"):
        TAM(16, 8, taps=4)
