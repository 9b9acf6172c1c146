"""The video network: its sizes, what it refuses, and agreement with the published code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import DEPTHS, video_net
from tam_viz.models.registry import entries
from tam_viz.types import UserError


@pytest.mark.parametrize(
    ("frames", "classes", "parameters"),
    [(8, 400, 25_590_320), (16, 400, 25_597_744), (8, 174, 25_127_246), (16, 174, 25_134_670)],
)
def test_tanet50_has_the_published_size(frames: int, classes: int, parameters: int) -> None:
    with torch.device("meta"):
        net = video_net("tam", frames=frames, classes=classes)
    assert sum(p.numel() for p in net.parameters()) == parameters
    blocks = dict(net.tam_blocks())
    assert len(blocks) == 16
    assert list(blocks)[7:9] == ["layer3.0", "layer3.1"]
    assert sum(b.channels for b in blocks.values()) == 3_776


def test_plain_resnet50_has_the_published_size() -> None:
    with torch.device("meta"):
        net = video_net("none", frames=8, classes=400)
    assert sum(p.numel() for p in net.parameters()) == 24_327_632


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_depth_has_its_convolutions(depth: int) -> None:
    with torch.device("meta"):
        net = video_net("none", frames=2, classes=2, layers=DEPTHS[depth], width=8)
    weighted = [m for n, m in net.named_modules() if n.endswith(("conv1", "conv2", "conv3", "fc"))]
    assert len(weighted) == depth


def test_without_a_temporal_module_it_is_torchvisions_resnet() -> None:
    resnet = pytest.importorskip("torchvision").models.resnet50(num_classes=10).eval()
    net = video_net("none", frames=2, classes=10).eval()
    net.load_state_dict(resnet.state_dict())
    x = torch.randn(1, 3, 2, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(net.frame_logits(x)[0], resnet(x[0].transpose(0, 1)))


def test_frames_are_not_clips(tiny_model: Callable[..., LoadedModel]) -> None:
    net = tiny_model().net
    assert not net.any_length
    for wrong in (torch.zeros(8, 3, 32, 32), torch.zeros(1, 3, 8, 32, 32)):
        with pytest.raises(UserError, match=r"takes clips of 4 RGB frames"):
            net(wrong)


@pytest.mark.parametrize(
    "temporal", [name for name, found in entries().items() if found.reach == (0, 0)]
)
def test_what_looks_at_frames_alone_takes_clips_of_any_length(
    temporal: str, tiny_model: Callable[..., LoadedModel]
) -> None:
    net, x = tiny_model(temporal).net, torch.randn(2, 3, 7, 32, 32)
    first, long = net.frame_logits(x[:, :, :4]), net.frame_logits(x)
    assert long.shape == (2, 7, 16)
    torch.testing.assert_close(long[:, :4], first)
    torch.testing.assert_close(net.frame_logits(x[:, :, :4]), first)


def test_without_a_temporal_module_frames_are_independent(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    net, x = tiny_model("none").net, torch.randn(1, 3, 4, 32, 32)
    order = [2, 0, 3, 1]
    torch.testing.assert_close(net.frame_logits(x)[:, order], net.frame_logits(x[:, :, order]))
    torch.testing.assert_close(net(x), net(x[:, :, order]))


@pytest.mark.parametrize("temporal", entries())
def test_the_memory_layout_changes_nothing(
    temporal: str, tiny_model: Callable[..., LoadedModel]
) -> None:
    net, x = tiny_model(temporal).net, torch.randn(2, 3, 4, 32, 32)
    plain = net(x)
    laid = net.channels_last()
    channels_last = x.permute(0, 2, 3, 4, 1).contiguous().permute(0, 4, 1, 2, 3)
    torch.testing.assert_close(laid(channels_last), plain, rtol=1e-4, atol=1e-5)
