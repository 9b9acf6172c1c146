"""The operator of a block is what its module does, and asking for it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.capture.operators import operators
from tam_viz.capture.run import run
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import video_net
from tam_viz.models.preprocess import clip_tensor
from tam_viz.models.registry import entries
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Card, Clip, InputSpec, UserError
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
BLOCKS = ["layer1.0", "layer2.0", "layer3.0", "layer4.0"]
LINEAR = (
    *("none", "se", "pool", "tconv", "tsm", "teinet", "dynamic", "dfn"),
    *("tam", "tam_local", "tam_global", "tam_bias"),
)
WITHOUT = ("tdn", "stm", "artnet", "r2plus1d", "tada", "tea", "gsm", "action")


@pytest.mark.parametrize("name", LINEAR)
def test_the_operator_takes_what_a_module_is_given_to_what_it_gives(
    name: str, tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model(name), tiny_clip()
    found = operators(loaded, clip)
    assert list(found) == BLOCKS
    seen = {}

    def hear(module: nn.Module, given: tuple[torch.Tensor, ...], out: torch.Tensor) -> None:
        seen[module] = given[0].clone(), out.clone()

    modules = {block: loaded.net.get_submodule(f"{block}.temporal") for block in BLOCKS}
    handles = [module.register_forward_hook(hear) for module in modules.values()]
    with torch.no_grad():
        loaded.net(clip_tensor(clip, loaded.card.input))
    for handle in handles:
        handle.remove()
    for block, module in modules.items():
        x, y = seen[module]
        assert found[block].kind == "weights"
        matrix = torch.from_numpy(found[block].matrix).expand(x.shape[1], -1, -1)
        torch.testing.assert_close(torch.einsum("cts,cshw->cthw", matrix, x[0]), y[0])


def test_tanet_is_theta_times_v(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    trace = run(loaded, clip).tam
    for block in trace.blocks:
        by_hand = np.zeros((*block.importance.shape, 4))
        for c, t, s in np.ndindex(by_hand.shape):
            if abs(s - t) <= 1:
                by_hand[c, t, s] = block.kernel[c, s - t + 1] * block.importance[c, s]
        np.testing.assert_allclose(operators(loaded, clip)[block.name].matrix, by_hand, rtol=1e-5)


def test_a_convolution_that_mixes_channels_gives_the_sizes_of_its_taps(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model("i3d")
    found = operators(loaded, tiny_clip())["layer2.0"]
    assert found.kind == "taps"
    temporal: Any = loaded.net.get_submodule("layer2.0.temporal")
    weight = temporal.conv.weight.detach().numpy()
    for d in range(len(weight)):
        size = np.array([np.sqrt((weight[d, :, k] ** 2).sum()) for k in range(3)])
        size /= size.sum()
        np.testing.assert_allclose(found.matrix[d, 1, :3], size, rtol=1e-5)
        assert found.matrix[d, 1, 3] == 0


@pytest.mark.parametrize(
    ("name", "blocks"),
    [("nonlocal", {"layer2.1"}), ("divided", {"layer2.0", "layer2.1", "layer3.0"})],
)
def test_attention_and_blocks_without_it(name: str, blocks: set[str], tiny_clip: Make) -> None:
    layers, spec = (1, 2, 1, 1), InputSpec(frames=4, resize=32, size=32)
    net = video_net(name, frames=4, classes=16, layers=layers, width=8).eval()
    card = Card("tiny", name, layers, 8, CLASSES, spec)
    found = operators(LoadedModel(card, net, torch.device("cpu")), tiny_clip())
    assert {block for block, o in found.items() if o.kind == "attention"} == blocks
    np.testing.assert_allclose(found["layer2.1"].matrix.sum(2), 1, rtol=1e-5)
    assert found["layer1.0"].kind == "identity"
    assert (found["layer1.0"].matrix == np.eye(4)).all()


@pytest.mark.parametrize("name", WITHOUT)
def test_modules_that_are_no_such_matrix_are_left_out(
    name: str, tiny_model: Model, tiny_clip: Make
) -> None:
    assert operators(tiny_model(name), tiny_clip()) == {}


def test_every_module_is_known_here() -> None:
    assert {*LINEAR, *WITHOUT, "i3d", "nonlocal", "divided", "slowfast"} == set(entries())


def test_nothing_is_left_behind(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    first = operators(loaded, tiny_clip())
    assert hooks(loaded.net) == 0
    assert all(p.requires_grad and p.grad is None for p in loaded.net.parameters())
    kept = first["layer1.0"].matrix.copy()
    operators(loaded, tiny_clip(1))
    assert (first["layer1.0"].matrix == kept).all()  # a copy

    class Exploding(nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            raise ZeroDivisionError

    loaded.net.layer3 = nn.Sequential(Exploding())
    with pytest.raises(ZeroDivisionError):
        operators(loaded, tiny_clip())
    assert hooks(loaded.net) == 0


def test_a_clip_for_another_network_is_refused(tiny_model: Model, tiny_clip: Make) -> None:
    with pytest.raises(UserError, match="takes 4 frames of 32×32 pixels and the clip has 8"):
        operators(tiny_model(), tiny_clip(spec=InputSpec(8, 48, 48)))
