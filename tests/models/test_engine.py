"""Networks prepared for inference say what plain ones say; whose turn it is, and what it has."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.capture.attribution import grad_cam
from tam_viz.capture.features import clip_features
from tam_viz.capture.influence import influence
from tam_viz.capture.run import run
from tam_viz.models import checkpoint, engine
from tam_viz.models.engine import LoadedModel, fastest, has_bfloat16, lowered, prepare
from tam_viz.models.folding import Pair, find_pairs, fold_norms
from tam_viz.models.published import from_torchvision, inflated, nets
from tam_viz.models.registry import entries
from tam_viz.types import ALL_BLOCKS, Card, Clip, Edit, InputSpec, UserError
from tests.support.steps import last
from tests.support.there import there

TINY = InputSpec(frames=4, resize=32, size=32)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
PUBLISHED = {
    nets.NAME: {"attention": 1, "biased": 1, "every": 1},
    nets.BLOCK_NAME: {},
    inflated.NAME: {"stem": 1, "inflated": 0b0101},
}


def used(card: Card) -> LoadedModel:
    """A network with batch norms that have seen something and are unlike each other."""
    torch.manual_seed(0)
    net = checkpoint.build(card).train()
    spec = card.input
    with torch.no_grad():
        net(torch.randn(2, 3, spec.frames, spec.size, spec.size))
        for module in net.modules():
            if isinstance(module, NORMS):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
    return LoadedModel(card, net.eval(), torch.device("cpu"))


def prepared(plain: LoadedModel) -> LoadedModel:
    return replace(plain, net=prepare(copy.deepcopy(plain.net), plain.card))


def tiny(temporal: str, options: dict[str, int] | None = None) -> LoadedModel:
    classes = tuple(f"class {i}" for i in range(5))
    return used(Card("tiny", temporal, (1, 1, 1, 1), 8, classes, TINY, options=options or {}))


def differences(
    one: LoadedModel, other: LoadedModel, clip: Clip, edits: Sequence[Edit] = ()
) -> list[float]:
    """The largest one of the logits, and of V and Θ."""
    first, second = run(one, clip, edits), run(other, clip, edits)
    found = [np.abs(first.prediction.logits - second.prediction.logits).max()]
    if first.trace is not None and second.trace is not None:
        for a, b in zip(first.trace.blocks, second.trace.blocks, strict=True):
            found += [np.abs(a.importance - b.importance).max(), np.abs(a.kernel - b.kernel).max()]
    return [float(d) for d in found]


@pytest.mark.parametrize("temporal", [*entries(), *PUBLISHED])
def test_a_prepared_network_says_what_the_plain_one_says(
    temporal: str, tiny_clip: Callable[..., Clip]
) -> None:
    plain = tiny(temporal, PUBLISHED.get(temporal))
    ready = prepared(plain)
    norms = [m for m in plain.net.modules() if isinstance(m, NORMS)]
    left = [m for m in ready.net.modules() if isinstance(m, NORMS)]
    assert len(left) < len(norms)
    assert max(differences(plain, ready, tiny_clip())) < 1e-4


@pytest.mark.parametrize("name", ["r3d_18", "r2plus1d_18", "s3d"])
def test_so_do_networks_of_torchvision(name: str, tiny_clip: Callable[..., Clip]) -> None:
    spec = InputSpec(frames=16, resize=224, size=224) if name == "s3d" else TINY
    card = Card(name, from_torchvision.PREFIX + name, (1, 1, 1, 1), 8, ("a", "b", "c"), spec)
    plain = used(card)
    ready = prepared(plain)
    assert not any(isinstance(m, NORMS) for m in ready.net.modules())
    assert max(differences(plain, ready, tiny_clip(spec=spec))) < 1e-4


def test_every_norm_of_a_tanet_is_folded_those_of_both_branches_too(
    tiny_clip: Callable[..., Clip],
) -> None:
    plain = tiny("tam")
    ready = prepared(plain)
    assert not any(isinstance(m, NORMS) for m in ready.net.modules())
    assert [name for name, _ in ready.net.named_modules()] == [
        name for name, _ in plain.net.named_modules()
    ]
    learned = sum(p.numel() for p in plain.net.parameters())
    assert checkpoint.parameters(ready.card) == learned
    assert sum(p.numel() for p in ready.net.parameters()) < learned
    edits = [Edit(ALL_BLOCKS, "kernel", "reversed"), Edit("layer2.0", "importance", "one")]
    clip = tiny_clip()
    assert max(differences(plain, ready, clip, edits)) < 1e-4
    for block, features in clip_features(plain, clip).items():
        np.testing.assert_allclose(
            clip_features(ready, clip)[block].local_hidden, features.local_hidden, atol=1e-4
        )


def test_gradients_go_through_a_prepared_network(tiny_clip: Callable[..., Clip]) -> None:
    plain, clip = tiny("tam"), tiny_clip()
    ready = prepared(plain)
    one, other = (grad_cam(loaded, clip, "class 1").maps for loaded in (plain, ready))
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    one, other = (last(influence(loaded, clip)) for loaded in (plain, ready))
    np.testing.assert_allclose(one, other, rtol=1e-3)


class Odd(nn.Module):
    """Batch norms that must stay as they are, and one that need not."""

    def __init__(self) -> None:
        super().__init__()
        self.twice, self.first = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)
        self.second = nn.BatchNorm2d(4)
        self.read, self.third = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)
        self.shared = nn.BatchNorm2d(4)
        self.one, self.other = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
        self.plain, self.last = nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[:, :, 0]
        y = self.first(self.twice(x)) + self.second(self.twice(x))
        seen = self.read(x)
        y = y + self.third(seen) * seen
        y = self.shared(self.one(y)) + self.shared(self.other(y))
        out: torch.Tensor = self.last(self.plain(y))
        return out


def test_only_a_norm_that_alone_reads_its_layer_is_folded() -> None:
    net = Odd()
    with torch.no_grad():
        net(torch.randn(4, 3, 1, 8, 8))
    net.eval()
    pairs = find_pairs(net, InputSpec(frames=1, resize=8, size=8))
    assert pairs == [("plain", "last")]
    x = torch.randn(2, 3, 1, 8, 8)
    with torch.no_grad():
        before = net(x)
        fold_norms(net, pairs)
        torch.testing.assert_close(net(x), before, rtol=1e-4, atol=1e-5)
    assert isinstance(net.last, nn.Identity)


def test_in_training_nothing_is_folded() -> None:
    with pytest.raises(TypeError, match="evaluation mode"):
        fold_norms(Odd().train(), [Pair("plain", "last")])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_lower_precision_makes_v_and_theta_in_float32(
    dtype: torch.dtype, tiny_clip: Callable[..., Clip]
) -> None:
    plain, clip = prepared(tiny("tam")), tiny_clip()
    low = lowered(plain, dtype)
    assert {p.dtype for p in plain.net.parameters()} == {torch.float32}
    for _, tam in low.net.tam_blocks():
        assert {p.dtype for p in (*tam.L.parameters(), *tam.G.parameters())} == {torch.float32}
    assert max(differences(plain, low, clip)) < 0.1
    assert max(differences(plain, low, clip)) > 0
    edits = [Edit("layer2.0", "importance", "one"), Edit(ALL_BLOCKS, "kernel", "reversed")]
    assert max(differences(plain, low, clip, edits)) < 0.1
    assert np.isfinite(grad_cam(low, clip, "class 1").maps).all()
    assert np.isfinite(last(influence(low, clip))).all()


def test_lower_precision_is_taken_where_it_is_measured_to_be_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = prepared(tiny("tam"))
    for low, taken in ((0.5, torch.bfloat16), (0.9, torch.float32), (8.0, torch.float32)):
        times = {torch.float32: 1.0, torch.bfloat16: low}
        monkeypatch.setattr(engine, "_probe", lambda m, times=times: times[m.dtype])
        assert fastest(plain).dtype == taken


def test_a_network_that_cannot_compute_so_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: LoadedModel) -> float:
        raise RuntimeError("not implemented for 'Half'")

    plain = prepared(tiny("tam"))
    monkeypatch.setattr(engine, "_probe", fail)
    with pytest.raises(UserError, match="cannot compute in float16 on cpu"):
        lowered(plain, torch.float16)
    assert fastest(plain) is plain


def test_statistics_beyond_a_precision_are_not_computed_with() -> None:
    plain = prepared(tiny("artnet"))
    norm = plain.net.get_submodule("layer2.0.temporal.relation_norm")
    assert isinstance(norm, nn.BatchNorm3d)
    norm.running_var = torch.full_like(there(norm.running_var), 1e5)
    assert lowered(plain, torch.bfloat16).dtype == torch.bfloat16
    with pytest.raises(UserError, match=r"float16, which does not reach as far as layer2\.0"):
        lowered(plain, torch.float16)


def test_a_shape_draws_nothing_and_is_that_of_the_network() -> None:
    for temporal in entries():
        card = tiny(temporal).card
        real, shape = checkpoint.build(card).state_dict(), checkpoint.shape(card).state_dict()
        assert {n: t.shape for n, t in real.items()} == {n: t.shape for n, t in shape.items()}
        assert {t.device.type for t in shape.values()} == {"meta"}


def test_a_network_and_its_first_pass_do_not_load_torchs_compiler() -> None:
    code = (
        "import sys; from tam_viz.models.engine import load; from tam_viz.capture.run import run;"
        "from tam_viz.motionpairs.dataset import clip;"
        "loaded = load('tanet-motionpairs', 'cpu');"
        "run(loaded, clip(loaded.card.input, 0, 0, 'test'));"
        "sys.exit(any(name in sys.modules for name in ('torch._dynamo', 'sympy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_networks_on_a_gpu_share_one_lane() -> None:
    first, second = engine._lane(torch.device("cuda")), engine._lane(torch.device("cuda"))
    assert first is second
    before = torch.get_num_threads()
    with first, second:  # a donor is run while the network runs
        assert torch.get_num_threads() == before


@pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16", "bf16"])
def test_instructions_for_bfloat16_are_those_that_the_processor_has(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, name: False})
    assert not has_bfloat16(cpu)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": False, name: True})
    assert has_bfloat16(cpu)
    assert not has_bfloat16(torch.device("mps"))
