"""The video network: its sizes, what it refuses, and agreement with the published code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tam_viz.capture.run import run_tensor
from tam_viz.models.convert import official_tanet, rename
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import DEPTHS, video_net
from tam_viz.models.registry import entries
from tam_viz.types import Card, InputSpec, UserError
from tests.conftest import PARITY

OFFICIAL = PARITY / "official_tanet_r50_8f_k400.layout.json"
needs_parity = pytest.mark.skipif(not OFFICIAL.exists(), reason="reference outputs are not here")


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
    for wrong in (torch.zeros(8, 3, 32, 32), torch.zeros(1, 3, 8, 32, 32)):
        with pytest.raises(UserError, match=r"takes clips of 4 RGB frames"):
            net(wrong)


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


@needs_parity
def test_state_dict_is_the_official_one_renamed() -> None:
    layout = json.loads(OFFICIAL.read_text())
    with torch.device("meta"):
        net = video_net("tam", frames=8, classes=400)
    ours = {name: list(tensor.shape) for name, tensor in net.state_dict().items()}
    assert {rename(key): shape for key, shape in layout.items()} == ours
    assert {rename(f"module.{key}"): shape for key, shape in layout.items()} == ours


@needs_parity
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_official_reference_outputs(
    layout: torch.memory_format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PARITY))
    seeded = pytest.importorskip("seeded_weights")
    with np.load(PARITY / "official_tanet_r50_8f_k400.npz") as reference:
        state = seeded.seeded_state_dict(OFFICIAL, int(reference["seed"]))
        x = seeded.seeded_clip(int(reference["clip_seed"]), frames=8)
        net = official_tanet(state).to(memory_format=layout)
        names = tuple(f"class {i}" for i in range(400))
        card = Card("official", "tam", DEPTHS[50], 64, names, InputSpec(8, 256, 224))
        done = run_tensor(LoadedModel(card, net, torch.device("cpu")), x)
        assert np.abs(done.prediction.logits - reference["logits"]).max() < 1e-4
        assert done.trace is not None
        for block in done.trace.blocks:
            v, k = reference[f"{block.name}/importance"], reference[f"{block.name}/kernel"]
            assert np.abs(block.importance - v).max() < 1e-5
            assert np.abs(block.kernel - k).max() < 1e-5
    sys.modules.pop("seeded_weights")


def _official_name(key: str) -> str:
    """The authors' name of one of our tensors."""
    if key.startswith("fc."):
        return f"module.new_{key}"
    head, dot, tail = key.partition(".temporal.")
    if dot:
        return f"module.base_model.{head}.tam.{tail}"
    parts = key.split(".")
    if parts[0].startswith("layer"):
        parts.insert(2, "net")
    return "module.base_model." + ".".join(parts)


def test_a_small_official_checkpoint_opens(tiny_model: Callable[..., LoadedModel]) -> None:
    """The same kind of file in small, so that the renaming is tested anywhere."""
    net = tiny_model().net
    state = {_official_name(key): value for key, value in net.state_dict().items()}
    x = torch.randn(1, 3, 4, 32, 32)
    torch.testing.assert_close(official_tanet(state)(x), net(x))


def test_other_taps_and_widths_of_the_branches_are_read_from_the_shapes(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    net = tiny_model(options={"taps": 5, "alpha": 3, "beta": 2}).net
    state = {_official_name(key): value for key, value in net.state_dict().items()}
    x = torch.randn(1, 3, 4, 32, 32)
    torch.testing.assert_close(official_tanet(state)(x), net(x))


def test_what_is_missing_is_named(tiny_model: Callable[..., LoadedModel]) -> None:
    state = {_official_name(k): v for k, v in tiny_model().net.state_dict().items()}
    state.pop("module.base_model.layer2.0.net.conv2.weight")
    state["module.extra"] = torch.zeros(1)
    state["module.base_model.bn1.weight"] = torch.zeros(3)
    with pytest.raises(UserError) as told:
        official_tanet(state)
    for named in ("missing layer2.0.conv2.weight", "unexpected extra", "bn1.weight is (3,)"):
        assert named in str(told.value)
    with pytest.raises(UserError, match="not a TANet"):
        official_tanet({"weight": torch.zeros(1)})
