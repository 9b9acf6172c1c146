"""Wrappers around a network come off, in any number and order, or the file is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import VideoNet, video_net
from tam_viz.models.published.choose import recognise
from tam_viz.models.published.from_torchvision import TorchvisionNet
from tam_viz.models.published.inflated import InflatedResNet
from tam_viz.models.published.matches import Hints, Recognised
from tam_viz.models.published.nets import BlockShiftedResNet, Form, ShiftedResNet
from tam_viz.models.registry import entries
from tam_viz.models.states import found_in
from tam_viz.types import UserError
from tests.published import names

FRAMES = 4
X = torch.randn(1, 3, FRAMES, 32, 32, generator=torch.Generator().manual_seed(0))


def opened(data: object, part: str = "", **asked: Any) -> Recognised:
    return recognise(found_in("a.pth", data).states, Hints(**{"frames": FRAMES, **asked}), part)


def behind(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in state.items()}


def assert_same(told: Recognised, net: nn.Module, x: Tensor = X) -> None:
    with torch.no_grad():
        torch.testing.assert_close(told.net(x), net(x))


@pytest.fixture
def net(tiny_model: Callable[..., LoadedModel]) -> VideoNet:
    return tiny_model().net


@pytest.fixture
def state(net: VideoNet) -> dict[str, Tensor]:
    """A TANet under its authors' names."""
    return names.under(names.authors_tanet, net.state_dict())


WRAPPERS = [
    *("module.", "_orig_mod.", "model.", "net.", "network.", "student.", "encoder.", "backbone."),
    *("module.module.", "module._orig_mod.", "_orig_mod.module.", "model._orig_mod.module.net."),
    *("_forward_module.model.", "anything.at.all.", "0.", "module." * 50, "model." * 50),
]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrappers_come_off(wrapper: str, state: dict[str, Tensor], net: VideoNet) -> None:
    assert_same(opened(behind(wrapper, state)), net)
    assert_same(opened({"state_dict": behind(wrapper, state), "epoch": 3}), net)


@pytest.mark.parametrize(
    "family",
    [
        *("authors_tanet", "authors_tanet_without_dropout", "legacy_tanet", "mmaction2_tanet"),
        *("authors_tsm", "mmaction2_tsm", "authors_tsn", "mmaction2_tsn"),
    ],
)
def test_every_layout_comes_out_of_every_wrapper(
    family: str, tiny_model: Callable[..., LoadedModel]
) -> None:
    temporal = "tam" if "tanet" in family else "tsm" if "tsm" in family else "none"
    net = tiny_model(temporal).net
    state = names.under(getattr(names, family), net.state_dict())
    for order in itertools.permutations(("module.", "_orig_mod.", "model."), 2):
        told = opened({"model_state": behind("".join(order), state)})
        assert told.temporal == temporal
        assert told.source == ("mmaction2" if "mmaction2" in family else "authors")
        assert_same(told, net)


@pytest.mark.parametrize("temporal", sorted(entries()))
def test_networks_of_ours_are_told_by_their_weights(temporal: str) -> None:
    net = video_net(temporal, frames=FRAMES, classes=5, layers=(1, 2, 2, 1), width=8)
    net.train()
    with torch.no_grad():
        net(torch.randn(2, 3, FRAMES, 32, 32))
    net.eval()
    state = behind("model.", net.state_dict())
    if temporal == "slowfast":
        with pytest.raises(UserError, match="network is not supported"):
            opened(state)
        return
    told = opened(state)
    if temporal in ("none", "pool", "tsm"):  # none of them has weights of its own
        assert told.temporal == "none"
        assert any("--shift residual" in notice for notice in told.notices)
    else:
        assert told.temporal == temporal
        assert_same(told, net)


@pytest.mark.parametrize(
    "wrapper", ["_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "module.", "_orig_mod."]
)
def test_wrappers_within_a_network_come_off(wrapper: str, tiny_model: Any) -> None:
    net = tiny_model("none").net
    state = {re.sub(r"(layer\d\.)", rf"\1{wrapper}", k): v for k, v in net.state_dict().items()}
    assert_same(opened(state), net)


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18", "r2plus1d_18"])
def test_networks_of_torchvision_come_out_too(name: str) -> None:
    net = TorchvisionNet(name, FRAMES, 5).eval()
    state = net.net.state_dict()
    plain = {key: t for key, t in state.items() if not key.endswith("num_batches_tracked")}
    wrapped = {re.sub(r"^fc\.", "fc.1.", key): t for key, t in plain.items()}
    for given in (behind("module.", state), behind("model.net.", plain), wrapped):
        told = opened({"state_dict": given})
        assert told.temporal == f"torchvision/{name}"
        assert_same(told, net)


def test_3d_networks_come_out_too() -> None:
    net = InflatedResNet(FRAMES, 5, (1, 1, 1, 1), 8, 1, 0b10).eval()
    state = names.under(names.mmaction2_tsn, net.state_dict())
    assert_same(opened({"model": behind("module.", state)}), net)


def test_a_body_and_a_classifier_of_ones_own_names(tiny_model: Any) -> None:
    net = tiny_model("none").net
    own = net.state_dict()
    for body, head in (
        ("backbone.", "classifier."),
        ("encoder.resnet.", "head.fc."),
        ("feature_extractor.", "cls_head.1."),
    ):
        state = {
            (head + key[3:] if key.startswith("fc.") else body + key): t for key, t in own.items()
        }
        assert_same(opened(behind("model.", state)), net)


def test_parts_that_are_kept_apart_are_put_together(tiny_model: Any) -> None:
    net = tiny_model("none").net
    own = net.state_dict()
    body = {key: t for key, t in own.items() if not key.startswith("fc.")}
    head = {key[3:]: t for key, t in own.items() if key.startswith("fc.")}
    assert_same(opened({"model": {"backbone": body, "classifier": head}, "epoch": 1}), net)


def test_what_a_loss_or_a_measure_left_behind_is_left_out_and_named(
    state: dict[str, Tensor], net: VideoNet
) -> None:
    beside = {
        "criterion.weight": torch.ones(16),
        "train_acc.confmat": torch.full((2, 2), float("nan")),
        "n_averaged": torch.tensor(3),
        "arc_loss.weight": torch.zeros(16, 8),
    }
    told = opened({"state_dict": behind("model.", state) | beside})
    assert_same(told, net)
    (said,) = [notice for notice in told.notices if notice.startswith("Left out")]
    assert all(name in said for name in beside)


def test_a_module_that_may_compute_is_refused_by_name(state: dict[str, Tensor]) -> None:
    for name in ("base_model.squeeze.weight", "consensus.weight", "temperature"):
        with pytest.raises(UserError, match=f"unexpected {name}"):
            opened({**state, name: torch.ones(4)})
    outside = {**behind("model.", state), "projector.0.weight": torch.ones(4, 4)}
    with pytest.raises(UserError, match=r"projector\.0\.weight.*Name the part 'model'"):
        opened(outside)
    assert opened(outside, part="model").temporal == "tam"


def test_averaged_weights_and_raw_ones_are_told_apart(
    state: dict[str, Tensor], net: VideoNet, tiny_model: Any
) -> None:
    torch.manual_seed(7)
    other = tiny_model().net
    raw = names.under(names.authors_tanet, other.state_dict())
    files = [
        {"state_dict": behind("module.", raw), "state_dict_ema": behind("module.", state)},
        {"model": raw, "model_ema": {"module": state, "decay": 0.99}},
        {"state_dict": behind("model.", raw) | behind("ema_model.module.", state)},
        {"current_model_state": raw, "state_dict": state},
    ]
    for file in files:
        told = opened(file)
        assert_same(told, net)
        assert any("averaged ones are taken" in notice for notice in told.notices)
        assert_same(opened(file, part="ema"), net)
        assert_same(opened(file, part="raw"), other)
    assert_same(opened(files[0], part="state_dict"), other)
    swapped = {"state_dict": state, "ema_state_dict": behind("module.", raw)}
    assert_same(opened(swapped, swapped=True), net)
    assert_same(opened(swapped, swapped=False), other)
    with pytest.raises(UserError, match="no raw weights"):
        opened({"model_ema": state}, part="raw")
    with pytest.raises(UserError, match="no part 'nothing'"):
        opened(files[0], part="nothing")


def test_several_networks_are_refused_until_one_is_named(
    state: dict[str, Tensor], net: VideoNet, tiny_model: Any
) -> None:
    torch.manual_seed(7)
    raw = names.under(names.authors_tanet, tiny_model().net.state_dict())
    for file in (
        {"student": state, "teacher": raw},
        {"state_dict": behind("student.", state) | behind("teacher.", raw)},
    ):
        with pytest.raises(UserError, match=r"2 networks.*student.*teacher"):
            opened(file)
        part = "student" if "student" in file else "state_dict.student"
        assert_same(opened(file, part=part), net)
    assert_same(opened({"model": state, "state_dict": dict(state)}), net)  # one network twice


def test_a_wrapper_that_computes_is_built_or_refused(tiny_model: Any) -> None:
    net = tiny_model("none").net
    own = names.under(names.authors_tsn, net.state_dict())
    wrapped = {re.sub(r"(layer\d\.\d\.)", r"\1net.", k): v for k, v in own.items()}
    assert opened(wrapped).temporal == "tsm_block"
    some = {re.sub(r"(layer1\.\d\.)", r"\1net.", k): v for k, v in own.items()}
    with pytest.raises(UserError, match="Only some bottlenecks"):
        opened(some)
    for pattern, inside in (
        (r"(layer\d\.\d\.conv2\.)", "net."),
        (r"(layer\d\.\d\.downsample\.)", "net."),
        (r"(layer\d\.\d\.conv1\.)", "net1."),
        (r"(layer\d\.\d\.)", "wrapped."),
    ):
        strange = {re.sub(pattern, rf"\1{inside}", k): v for k, v in own.items()}
        with pytest.raises(UserError, match=r"have unknown modules|has basic blocks"):
            opened(strange)
    blocks = {re.sub(r"(layer\d\.\d\.)", r"\1block.", k): v for k, v in own.items()}
    with pytest.raises(UserError, match="wrapped as 'block'"):
        opened(blocks)
    pooled = {re.sub(r"layer2\.", "layer2.net.", k): v for k, v in own.items()}
    with pytest.raises(UserError, match="pools over time"):
        opened(pooled)


class _Shifted(nn.Module):
    """Shifts before a whole bottleneck, written out frame by frame."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        clips = x.unflatten(0, (-1, FRAMES))
        part = clips.shape[2] // 8
        frames = []
        for t in range(FRAMES):
            zero = torch.zeros_like(clips[:, t])
            ahead = clips[:, t + 1] if t + 1 < FRAMES else zero
            back = clips[:, t - 1] if t > 0 else zero
            frames.append(
                torch.cat(
                    [ahead[:, :part], back[:, part : 2 * part], clips[:, t, 2 * part :]], dim=1
                )
            )
        logits: Tensor = self.net(torch.stack(frames, dim=1).flatten(0, 1))
        return logits


def test_the_shift_before_a_block_against_a_loop(tiny_model: Any) -> None:
    plain = tiny_model("none").net
    reference = tiny_model("none").net
    reference.load_state_dict(plain.state_dict())
    for stage in (reference.layer1, reference.layer2, reference.layer3, reference.layer4):
        for i, block in enumerate(stage):
            stage[i] = _Shifted(block)
    state = names.under(names.authors_tsn, reference.eval().state_dict())
    told = opened(behind("module.", state))
    assert isinstance(told.net, BlockShiftedResNet)
    assert_same(told, reference)
    assert (told.net(X) - plain(X)).abs().max() > 1e-3
    mmaction2 = names.under(names.mmaction2_tsn, plain.state_dict())
    wrapped = {re.sub(r"(layer\d\.\d\.)", r"\1net.", k): v for k, v in mmaction2.items()}
    assert_same(opened(wrapped), reference)
    assert_same(opened(plain.state_dict(), shift="block"), reference)


def test_a_shift_that_the_names_do_not_say(tiny_model: Any) -> None:
    net = tiny_model("tsm").net
    told = opened(net.state_dict(), shift="residual")
    assert told.temporal == "tsm"
    assert_same(told, net)
    none = opened(net.state_dict(), shift="none")
    assert none.temporal == "none"
    assert not none.notices
    with pytest.raises(UserError, match="the names say that the shift is 'residual'"):
        opened(names.under(names.authors_tsm, net.state_dict()), shift="block")
    deep = ShiftedResNet(FRAMES, 5, (1, 1, 23, 1), 8, every=2).eval()
    assert_same(opened(deep.state_dict(), shift="residual"), deep)


def test_what_cannot_be_honoured_is_refused(state: dict[str, Tensor]) -> None:
    r3d = TorchvisionNet("r3d_18", 16, 5).net.state_dict()
    s3d = TorchvisionNet("s3d", 16, 5).net.state_dict()
    mvit = TorchvisionNet("mvit_v2_s", 16, 5).net.state_dict()
    for given, asked, told in (
        (state, {"frames": 8}, "takes 4 frames, and 8"),
        (state, {"form": Form.DOT_PRODUCT}, "no non-local attention"),
        (state, {"shift": "block"}, "temporal modules in the place of a shift"),
        (r3d, {"form": Form.DOT_PRODUCT}, "video network of torchvision"),
        (r3d, {"shift": "none"}, "video network of torchvision"),
        (s3d, {"frames": 8}, "cannot take clips of 8 frames"),
        (mvit, {"frames": 8}, "embedding for each of 16 frames"),
    ):
        with pytest.raises(UserError, match=told):
            opened(given, **asked)
    assert opened(s3d, frames=16).net.frames == 16
    assert opened(r3d, frames=8).net.frames == 8
    i3d = InflatedResNet(8, 5, (1, 1, 1, 1), 8, 5, 1).state_dict()
    assert opened(i3d, frames=8).net.frames == 8
    with pytest.raises(UserError, match="cannot take clips of 2 frames"):
        opened(i3d, frames=2)


HOSTILE: dict[str, Callable[[dict[str, Tensor]], object]] = {
    "huge name": lambda s: {**s, "x" * 1_000_000 + ".weight": torch.ones(2)},
    "name that a terminal obeys": lambda s: {**s, "\x1b[31mred": torch.ones(2)},
    "not finite": lambda s: {**s, "base_model.bn1.weight": torch.full((8,), torch.nan)},
    "too large for float32": lambda s: {
        **s, "base_model.bn1.weight": torch.full((8,), 1e300, dtype=torch.float64),
    },
    "whole numbers": lambda s: {k: v.to(torch.int8) for k, v in s.items()},
    "truths": lambda s: {k: v.bool() for k, v in s.items()},
    "complex": lambda s: {k: v.to(torch.complex64) for k, v in s.items()},
    "no data": lambda s: {k: v.to("meta") for k, v in s.items()},
    "nothing in them": lambda s: {k: v[:0] if v.ndim else v for k, v in s.items()},
    "claims more than it has": lambda s: {k: v[:1].expand(10**7, *v.shape[1:]) if v.ndim else v
        for k, v in s.items()},
    "sparse": lambda s: {k: v.to_sparse() if v.ndim == 2 else v for k, v in s.items()},
    "no axes": lambda s: {k: torch.tensor(1.0) for k in s},
    "many axes": lambda s: {k: v.reshape(v.shape + (1,) * 20) for k, v in s.items()},
    "many blocks": lambda s: s | {
        f"base_model.layer1.{i}.net.conv1.weight": torch.ones(1) for i in range(3000)
    },
    "absurd number": lambda s: s | {f"base_model.layer1.{'9' * 5000}.conv1.weight": torch.ones(1)},
    "many networks": lambda _: {f"n{i}.layer1.0.conv1.weight": torch.ones(1) for i in range(500)},
    "even kernel": lambda s: {
        k: v[:2] if k.endswith("G.3.weight") else v for k, v in s.items()
    },
    "no name": lambda s: {"": torch.ones(1), **s},
    "dots": lambda s: {"...": torch.ones(1), **s},
    "numbers for names": lambda s: dict(enumerate(s.values())),
    "two in one": lambda s: {**s, "module.new_fc.weight": s["new_fc.weight"]},
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.filterwarnings("ignore:.*[Ss]parse.*", "ignore:.*discards the imaginary.*")
def test_hostile_weights_end_in_a_sentence(kind: str, state: dict[str, Tensor]) -> None:
    with pytest.raises(UserError) as told:
        opened(HOSTILE[kind](state))
    assert len(str(told.value)) < 1500
    assert str(told.value).isprintable()


def test_a_file_that_holds_itself_is_read(state: dict[str, Tensor], net: VideoNet) -> None:
    outer: dict[str, object] = {"model": state}
    outer["again"] = outer
    assert_same(opened(outer), net)
    deep: dict[str, object] = dict(state)
    for _ in range(2000):
        deep = {"model": deep}
    assert_same(opened(deep), net)


def test_shared_tensors_are_no_hindrance(state: dict[str, Tensor]) -> None:
    shared = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    first = next(k for k in shared if k.endswith("layer1.0.net.bn1.weight"))
    twin = first.replace("bn1", "bn2")
    shared[twin] = shared[first]
    told = opened(shared)
    block: Any = told.net.get_submodule("layer1.0")
    assert torch.equal(block.bn2.weight, block.bn1.weight)
