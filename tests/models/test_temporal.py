"""Every temporal module of the registry through the same tests, and each by its own equation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tam_viz.models import registry
from tam_viz.models.net import video_net
from tam_viz.models.registry import Insertion, entries, entry, register
from tam_viz.models.temporal.non_local import NonLocal
from tam_viz.models.temporal.tam import TAM
from tam_viz.models.temporal_conv import TemporalConv
from tam_viz.types import UserError
from tests.models.by_hand import BY_HAND, neighbours

NETWORKS = [name for name, found in entries().items() if found.insertion is Insertion.NETWORK]
every_module = pytest.mark.parametrize("name", [n for n in entries() if n not in NETWORKS])
BLIND = ("none", "pool", "se", "nonlocal")
"""What treats past and future alike."""


def module(name: str, channels: int = 16, frames: int = 6, **options: int) -> Any:
    """A module away from its neutral start, its batch norms fitted to something."""
    layer = entry(name).make(channels, frames, **options).train()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        layer(features(n=4, channels=channels, frames=frames))
    return layer.eval()


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
    torch.testing.assert_close(layer(changed)[0], layer(x)[0], rtol=0, atol=1e-5)


@every_module
def test_frames_reach_as_far_as_the_definition_says(name: str) -> None:
    layer, x = module(name).double(), features(n=1).double()
    earliest, latest = entry(name).reach or (-6, 6)
    for s in range(6):
        changed = x.clone()
        changed[:, :, s] += torch.randn(16, 3, 4)
        moved = (layer(changed) - layer(x)).abs().amax(dim=(0, 1, 3, 4))
        for t in range(6):
            assert (moved[t] > 1e-12) == (earliest <= s - t <= latest), (s, t)


@pytest.mark.parametrize("name", entries())
def test_says_where_it_comes_from(name: str) -> None:
    found = entry(name)
    assert found.name == name
    assert isinstance(found.insertion, Insertion)
    assert found.paper[4] == "."
    assert found.make.__doc__
    assert found.checkpoint.endswith("-motionpairs")


CONVOLUTIONS = {
    Insertion.AS_CONV1: ({"out_channels": 5}, (2, 5, 6, 3, 4)),
    Insertion.AS_CONV2: ({"stride": 2}, (2, 16, 6, 2, 2)),
}


@pytest.mark.parametrize("name", [n for n, e in entries().items() if e.insertion in CONVOLUTIONS])
def test_fits_where_it_replaces_a_convolution(name: str) -> None:
    options, shape = CONVOLUTIONS[entry(name).insertion]
    assert module(name, **options)(features()).shape == shape


def test_both_convolutions_of_a_bottleneck_are_replaced_by_some_module() -> None:
    assert {found.insertion for found in entries().values()} >= set(CONVOLUTIONS)


@every_module
def test_its_operator_is_what_it_does(name: str) -> None:
    layer, x = module(name), features(n=1)
    if not hasattr(layer, "operator"):
        assert name in ("i3d", "r2plus1d", "stm", "artnet", "tdn", "tada", "tea", "gsm", "action")
        return
    matrix = layer.operator(x)
    if name in ("nonlocal", "divided"):
        assert matrix.shape == (6, 6)
        torch.testing.assert_close(matrix.sum(-1), torch.ones(6))
        return
    done = torch.einsum("cts,cshw->cthw", matrix.expand(16, 6, 6), x[0])
    torch.testing.assert_close(layer(x)[0], done)


@pytest.mark.parametrize("name", entries())
def test_only_what_is_built_so_is_blind_to_the_order(name: str) -> None:
    net = video_net(name, frames=4, classes=5, layers=(2, 2, 2, 2), width=8).train()
    x = torch.randn(4, 3, 4, 32, 32)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        net(x)
        net.eval()
        forwards, backwards = net(x), net(x.flip(2))
    assert torch.allclose(forwards, backwards, atol=1e-4) == (name in BLIND)


def test_nonlocal_sits_in_every_second_block_of_two_stages() -> None:
    with torch.device("meta"):
        net = video_net("nonlocal", frames=8, classes=4)
    blocks = [n for n, m in net.named_modules() if isinstance(m, NonLocal)]
    assert blocks == [f"layer{s}.{i}.temporal" for s, i in ((2, 1), (2, 3), (3, 1), (3, 3), (3, 5))]


def test_slowfast_sees_every_frame_and_each_clip_alone() -> None:
    net = video_net("slowfast", frames=4, classes=5, layers=(1, 1, 1, 1), width=8).train()
    x = torch.randn(3, 3, 4, 32, 32)
    net(x).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    net.eval()
    logits = net.frame_logits(x)
    assert logits.shape == (3, 4, 5)
    for s in range(4):
        changed = x.clone()
        changed[1, :, s] += torch.randn(32, 32)
        again = net.frame_logits(changed)
        torch.testing.assert_close(again[[0, 2]], logits[[0, 2]], rtol=0, atol=1e-5)
        assert (again[1] - logits[1]).abs().max() > 1e-6
    with pytest.raises(UserError, match="takes clips of 4 RGB frames"):
        net(torch.randn(1, 3, 8, 32, 32))


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("frames", [1, 2, 6])
def test_convolution_over_time_is_that_of_torch(taps: int, frames: int) -> None:
    layer, x = TemporalConv(4, 6, taps), features(channels=4, frames=frames)
    weight = layer.weight[..., None, None]
    torch.testing.assert_close(layer(x), F.conv3d(x, weight, padding=(taps // 2, 0, 0)))


def profile(x: Tensor) -> Tensor:
    """Mean over space of one clip `(c, t, h, w)`."""
    return torch.stack([frame.mean(dim=(1, 2)) for frame in x.unbind(1)], dim=1)


def summed(parts: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(parts)).sum(0)


def by_hand(name: str, layer: Any, x: Tensor) -> Tensor:  # noqa: PLR0911, PLR0912  # one each
    """The output for one clip `(c, t, h, w)` from the weights and the equation of the paper."""
    channels, frames = x.shape[:2]
    p = profile(x)
    if name == "pool":
        return neighbours(x, torch.full((channels, 3), 1 / 3))
    if name == "tconv":
        return neighbours(x, layer.kernel)
    if name == "se":
        squeeze, _, excite, _ = layer.gate
        hidden = [F.relu(squeeze.weight[:, :, 0] @ p[:, t] + squeeze.bias) for t in range(frames)]
        gates = [torch.sigmoid(excite.weight[:, :, 0] @ h + excite.bias) for h in hidden]
        return torch.stack([x[:, t] * g[:, None, None] for t, g in enumerate(gates)], dim=1)
    if name == "teinet":
        gated = torch.zeros_like(x)
        for t in range(frames):
            change = torch.zeros(layer.present.out_channels)
            if t + 1 < frames:
                change = layer.future.weight[:, :, 0] @ p[:, t + 1]
                change = change - layer.present.weight[:, :, 0] @ p[:, t]
            gate = torch.sigmoid(layer.expand.weight[:, :, 0] @ change)
            gated[:, t] = gate[:, None, None] * x[:, t]
        return neighbours(gated, layer.kernel)
    if name == "dynamic":
        first, _, second, _ = layer.gate
        scores = second.weight @ F.relu(first.weight @ p.mean(1) + first.bias) + second.bias
        share = scores.exp() / scores.exp().sum()
        return neighbours(
            x, summed(s * kernel for s, kernel in zip(share, layer.kernels, strict=True))
        )
    if name == "dfn":
        first, _, second = layer.generate
        kernels = [second.weight @ F.relu(first.weight @ row + first.bias) for row in p]
        return neighbours(x, torch.stack(kernels) + second.bias)
    if name == "tam_local":
        return x * _local_branch(layer, p)[:, :, None, None]
    if name == "tam_global":
        return neighbours(x, torch.stack([_global_branch(layer, row) for row in p]))
    if name == "tam_bias":
        return neighbours(x * _local_branch(layer, p)[:, :, None, None], _biased(layer, p))
    if name == "nonlocal":
        return _attention(layer, x)
    if name == "i3d":
        return torch.stack(
            [
                summed(
                    torch.einsum("dc,chw->dhw", layer.conv.weight[:, :, k], x[:, t + k - 1])
                    for k in range(3)
                    if 0 <= t + k - 1 < frames
                )
                for t in range(frames)
            ],
            dim=1,
        )
    return _spatial(name, layer, x)


def _attention(layer: Any, x: Tensor) -> Tensor:
    frames, h, w = x.shape[1:]
    query, key, value = (conv(x[None])[0] for conv in (layer.theta, layer.phi, layer.g))
    seen = []
    for branch in (key, value):
        cells = []
        for t in range(frames):
            for i in range(0, h, 2):
                cells += [branch[:, t, i : i + 2, j : j + 2].amax((1, 2)) for j in range(0, w, 2)]
        seen.append(torch.stack(cells))
    out = torch.zeros_like(query)
    for t in range(frames):
        for i in range(h):
            for j in range(w):
                share = (seen[0] @ query[:, t, i, j]).softmax(0)
                out[:, t, i, j] = share @ seen[1]
    whole: Tensor = x + layer.norm(layer.out(out[None]))[0]
    return whole


def _spatial(name: str, layer: Any, x: Tensor) -> Tensor:
    """The modules with convolutions over space, one frame at a time."""
    frames = x.shape[1]

    def each(conv: nn.Conv3d, clip: Tensor) -> Tensor:
        outs = [
            F.conv2d(f[None], conv.weight[:, :, 0], padding=conv.padding[1:], groups=conv.groups)[0]
            for f in clip.unbind(1)
        ]
        return torch.stack(outs, dim=1)

    def norm(bn: nn.BatchNorm3d, clip: Tensor) -> Tensor:
        return torch.stack([_norm(bn, row) for row in clip.movedim(0, -1)]).movedim(-1, 0)

    if name == "r2plus1d":
        middle = norm(layer.norm, each(layer.space, x)).clamp(min=0)
        return F.conv3d(middle[None], layer.time.weight[..., None, None], padding=(1, 0, 0))[0]
    if name == "stm":
        reduced = each(layer.reduce, x)
        motion = torch.zeros_like(reduced)
        for t in range(frames - 1):
            motion[:, t] = each(layer.align, reduced)[:, t + 1] - reduced[:, t]
        return each(layer.space, neighbours(x, layer.kernel)) + each(layer.expand, motion)
    if name == "artnet":
        appearance = norm(layer.appearance_norm, each(layer.appearance, x)).clamp(min=0)
        padded, weight = F.pad(x, (0, 0, 0, 0, 1, 1)), layer.relation.weight
        energies = []
        for t in range(frames):
            response = summed(
                F.conv2d(padded[None, :, t + k], weight[:, :, k], padding=1)[0] for k in range(3)
            )
            pairs = [
                (response[i] ** 2 + response[i + 1] ** 2) / 2 for i in range(0, len(weight), 2)
            ]
            energies.append(torch.stack(pairs))
        relation = norm(layer.relation_norm, torch.stack(energies, dim=1)).clamp(min=0)
        return each(layer.join, torch.cat([appearance, relation]))
    assert name == "tdn"
    r = norm(layer.reduce_norm, each(layer.reduce, x))
    aligned = each(layer.align, r)
    gates = torch.zeros_like(x)
    for step in (1, -1):
        change = torch.zeros_like(r)
        for t in range(frames):
            if 0 <= t + step < frames:
                change[:, t] = aligned[:, t + step] - r[:, t]
        small = F.avg_pool2d(change.transpose(0, 1), 2, ceil_mode=True).transpose(0, 1)
        coarse = each(layer.coarse, small).repeat_interleave(2, 2).repeat_interleave(2, 3)
        mean = (change + each(layer.fine, change) + coarse[:, :, : x.shape[2], : x.shape[3]]) / 3
        expanded = norm(layer.expand_norm, each(layer.expand, mean))
        gates += (torch.sigmoid(expanded) - 0.5) / 2
    return neighbours(x * (1 + gates), layer.kernel)


@pytest.mark.parametrize(
    "name",
    [n for n in entries() if n not in (*NETWORKS, "none", "tsm", "tam")],
)
def test_is_its_equation(name: str) -> None:
    layer = module(name, channels=8, frames=5)
    x = torch.randn(2, 8, 5, 4, 4)
    with torch.no_grad():
        equation = BY_HAND.get(name, partial(by_hand, name))
        expected = torch.stack([equation(layer, clip) for clip in x])
        torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-5)


def test_where_they_start() -> None:
    x = features()
    torch.testing.assert_close(entry("nonlocal").make(16, 6).eval()(x), x)
    torch.testing.assert_close(entry("divided").make(16, 6).eval()(x), x)
    torch.testing.assert_close(
        entry("gsm").make(16, 6).eval()(x),
        x[:, [0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]],
    )
    shifted = entry("tsm").make(16, 6)(x)
    torch.testing.assert_close(entry("tconv").make(16, 6)(x), shifted)
    inflated: Any = entry("i3d").make(16, 6)
    flat = torch.einsum("dc,ncthw->ndthw", inflated.conv.weight[:, :, 1], x)
    torch.testing.assert_close(inflated(x), flat)


def test_a_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(entries()))
    enter = register(
        "tam", network="X", insertion=Insertion.AFTER_CONV1, paper="0000.00000", reach=None
    )
    with pytest.raises(ValueError, match="two temporal modules"):
        enter(nn.Identity)


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(UserError, match="choose one of action, artnet, dfn, divided"):
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


def _norm(layer: Any, values: Tensor) -> Tensor:
    scale = layer.weight / torch.sqrt(layer.running_var + layer.eps)
    out: Tensor = (values - layer.running_mean) * scale + layer.bias
    return out


def _global_branch(layer: Any, profile: Tensor) -> Tensor:
    hidden = _norm(layer.G[1], layer.G[0].weight @ profile).clamp(min=0)
    scores = layer.G[3].weight @ hidden
    shares: Tensor = scores.exp() / scores.exp().sum()
    return shares


def _biased(layer: Any, profiles: Tensor) -> Tensor:
    """Kernels of all channels, each with a bias of its own under the softmax."""
    kernels = []
    for profile, bias in zip(profiles, layer.G.bias, strict=True):
        hidden = _norm(layer.G.shared[1], layer.G.shared[0].weight @ profile).clamp(min=0)
        scores = layer.G.shared[3].weight @ hidden + bias
        kernels.append(scores.exp() / scores.exp().sum())
    return torch.stack(kernels)


def _local_branch(layer: Any, pooled: Tensor) -> Tensor:
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
