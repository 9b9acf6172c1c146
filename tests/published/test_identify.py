"""Every published layout is told by its names and shapes, and gives the network's own answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from tam_viz.capture.run import run_tensor
from tam_viz.experiments.import_options import ImportOptions
from tam_viz.experiments.importing import import_weights
from tam_viz.models.engine import LoadedModel, load
from tam_viz.models.net import DEPTHS, VideoNet, video_net
from tam_viz.models.published import choose
from tam_viz.models.published.inflated import InflatedResNet
from tam_viz.models.published.matches import Hints, Recognised
from tam_viz.models.published.nets import Form, PublishedNonLocal, Shift, ShiftedResNet
from tam_viz.models.published.rename_keys import renamed
from tam_viz.types import UserError
from tests.published import names
from tests.support import seeded

REFERENCES = (
    "official_tanet_r50_8f_k400",
    "mmaction2_tanet_r50_8f_k400",
    "mmaction2_tsm_r50_8f_k400",
    "mmaction2_tsn_r50_8f_k400",
)
X = torch.randn(1, 3, 4, 32, 32, generator=torch.Generator().manual_seed(0))
LAYOUTS: dict[str, tuple[str, names.Naming]] = {
    "authors": ("tam", names.authors_tanet),
    "authors, parallel": ("tam", names.parallel(names.authors_tanet)),
    "authors, no dropout": ("tam", names.parallel(names.authors_tanet_without_dropout)),
    "authors, old names": ("tam", names.parallel(names.legacy_tanet)),
    "mmaction2 TANet": ("tam", names.mmaction2_tanet),
    "authors' TSM": ("tsm", names.parallel(names.authors_tsm)),
    "mmaction2 TSM": ("tsm", names.mmaction2_tsm),
    "authors' TSN": ("none", names.parallel(names.authors_tsn)),
    "mmaction2 TSN": ("none", names.mmaction2_tsn),
    "torchvision or ours": ("tam", str),
    "ours, plain": ("none", str),
}


def recognise(
    state: Mapping[str, Tensor],
    frames: int | None = None,
    form: Form | None = None,
    shift: Shift | None = None,
) -> Recognised:
    """The network of a file that holds one set of weights and no wrapper of its own."""
    return choose.recognise({"": state}, Hints(frames, None, form, shift))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_recognised(layout: str, tiny_model: Callable[..., LoadedModel]) -> None:
    temporal, naming = LAYOUTS[layout]
    net = tiny_model(temporal).net
    told = recognise(names.under(naming, net.state_dict()), frames=4)
    assert (told.temporal, told.layers, told.width) == (temporal, (1, 1, 1, 1), 8)
    assert not told.net.training
    torch.testing.assert_close(told.net(X), net(X))
    counters = {key for key in net.state_dict() if key.endswith("num_batches_tracked")}
    bare = {k: v for k, v in net.state_dict().items() if k not in counters}
    torch.testing.assert_close(recognise(names.under(naming, bare), 4).net(X), net(X))


def _trained(net: VideoNet, frames: int = 4) -> VideoNet:
    """With batch norms that have seen something and attention that does something."""
    for name, parameter in net.named_parameters():
        if name.endswith(".norm.weight"):
            torch.nn.init.ones_(parameter)
    net.train()
    with torch.no_grad():
        net(torch.randn(4, 3, frames, 32, 32))
    return net.eval()


@pytest.mark.parametrize("naming", [names.authors_tsm, names.mmaction2_tsm])
@pytest.mark.parametrize("biased", [0, 1])
@pytest.mark.parametrize("form", [Form.EMBEDDED_GAUSSIAN, Form.DOT_PRODUCT, Form.GAUSSIAN])
def test_tsm_with_attention(naming: names.Naming, form: Form, biased: int) -> None:
    net = _trained(ShiftedResNet(4, 5, (1, 2, 3, 1), 8, 1, int(form), biased))
    state = names.under(naming, net.state_dict())
    said = None if form is Form.GAUSSIAN else form
    told = recognise(state, 4, said)
    assert told.temporal == "tsm_nonlocal"
    assert told.options == {"every": 1, "attention": int(form), "biased": biased}
    torch.testing.assert_close(told.net(X), net(X))
    if form is Form.EMBEDDED_GAUSSIAN:
        assumed = recognise(state, 4)
        assert assumed.options["attention"] == int(form)
        assert any("look alike" in notice for notice in assumed.notices)


def test_attention_sits_where_it_was_published() -> None:
    with torch.device("meta"):
        net = ShiftedResNet(8, 400, DEPTHS[50], 64, 1, int(Form.EMBEDDED_GAUSSIAN), 1)
    behind = {
        name.removesuffix(".attention")
        for name, _ in net.named_modules()
        if name.endswith(".attention")
    }
    assert behind == {"layer2.0", "layer2.2", "layer3.0", "layer3.2", "layer3.4"}
    assert sum(p.numel() for p in net.parameters()) == 31_686_096  # of the authors' TSM-NL


@pytest.mark.parametrize("form", [Form.EMBEDDED_GAUSSIAN, Form.DOT_PRODUCT, Form.GAUSSIAN])
def test_attention_against_a_loop(form: Form) -> None:
    layer = PublishedNonLocal(4, form, biased=True).eval()
    torch.nn.init.normal_(layer.norm.weight)
    x = torch.randn(2, 4, 2, 4, 4)

    def pool(y: Tensor) -> Tensor:
        return F.max_pool3d(y, (1, 2, 2))

    plain = form is Form.GAUSSIAN
    query, key, value = x if plain else layer.theta(x), x if plain else layer.phi(x), layer.g(x)
    key, value = pool(key), pool(value)
    seen = torch.zeros(2, 2, 2, 4, 4)
    places = [(s, i, j) for s in range(2) for i in range(2) for j in range(2)]
    for n in range(2):
        for t in range(2):
            for h in range(4):
                for w in range(4):
                    scores = torch.stack(
                        [query[n, :, t, h, w] @ key[n, :, s, i, j] for s, i, j in places]
                    )
                    dot = form is Form.DOT_PRODUCT
                    weights = scores / len(places) if dot else scores.softmax(0)
                    for weight, (s, i, j) in zip(weights, places, strict=True):
                        seen[n, :, t, h, w] += weight * value[n, :, s, i, j]
    torch.testing.assert_close(layer(x), x + layer.norm(layer.out(seen)))


def test_deep_tsm_shifts_in_every_other_block() -> None:
    net = _trained(ShiftedResNet(4, 5, (2, 3, 3, 1), 8, every=2))
    state = {}
    for key, value in net.state_dict().items():
        parts = key.split(".")
        shifts = parts[0].startswith("layer") and int(parts[1]) % 2 == 0
        state[names.authors_tsm(key) if shifts else names.authors_tsn(key)] = value
    told = recognise(state, 4)
    assert told.options == {"every": 2}
    torch.testing.assert_close(told.net(X), net(X))
    every = ShiftedResNet(4, 5, (2, 3, 3, 1), 8, every=1).eval()
    every.load_state_dict(net.state_dict())
    assert not torch.allclose(every(X), net(X))


def test_a_published_network_is_rebuilt_from_its_card(tmp_path: Path) -> None:
    net = _trained(ShiftedResNet(8, 5, (1, 2, 3, 1), 8, 1, int(Form.DOT_PRODUCT), 0), frames=8)
    torch.save(names.under(names.mmaction2_tsm, net.state_dict()), tmp_path / "a.pth")
    import_weights(tmp_path / "a.pth", "nl", tmp_path, ImportOptions(form=Form.DOT_PRODUCT))
    again = load(tmp_path / "nl", "cpu")
    x = torch.randn(1, 3, 8, 32, 32)
    torch.testing.assert_close(again.net(x), net(x))


def test_other_taps_and_widths_of_the_branches_are_read_from_the_shapes(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    options = {"taps": 5, "alpha": 3, "beta": 2}
    net = tiny_model(options=options).net
    told = recognise(names.under(names.parallel(names.authors_tanet), net.state_dict()))
    assert told.options == options
    assert told.net.frames == 4
    torch.testing.assert_close(told.net(X), net(X))


def test_what_is_wrong_is_named(tiny_model: Callable[..., LoadedModel]) -> None:
    state = names.under(names.parallel(names.authors_tanet), tiny_model().net.state_dict())
    state.pop("module.base_model.layer2.0.net.conv2.weight")
    state["module.base_model.bn1.weight"] = torch.zeros(3)
    with pytest.raises(UserError) as told:
        recognise(state)
    for named in ("missing layer2.0.conv2.weight", "bn1.weight is (3,)"):
        assert named in str(told.value)
    state["module.extra"] = torch.zeros(1)
    with pytest.raises(UserError, match="unexpected extra"):
        recognise(state)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: {"weight": torch.zeros(1)},
        lambda s: {k: v for k, v in s.items() if not k.startswith("fc.")},
        lambda s: {**s, "conv1.weight": torch.zeros(64, 3, 5, 7, 7)},
        lambda s: {**s, "conv1.weight": torch.zeros(64, 3, 7)},
        lambda s: {**s, "fc.weight": torch.zeros(3)},
        lambda s: {**s, "layer1.0.temporal.G.0.weight": torch.zeros(0, 0)},
        lambda s: {**s, "layer1.0.temporal.L.0.weight": torch.zeros(0)},
        lambda s: {**s, "layer9.0.conv1.weight": torch.zeros(1)},
        lambda s: {k: v for k, v in s.items() if "layer2" not in k},
    ],
)
def test_what_is_no_such_network_is_told(
    tiny_model: Callable[..., LoadedModel],
    damage: Callable[[dict[str, Tensor]], dict[str, Tensor]],
) -> None:
    with pytest.raises(UserError):
        recognise(damage(dict(tiny_model().net.state_dict())))


def test_two_names_for_one_tensor_are_told(tiny_model: Callable[..., LoadedModel]) -> None:
    state = dict(tiny_model("none").net.state_dict())
    with pytest.raises(UserError, match=r"both conv1\.weight"):
        recognise({**state, "module.conv1.weight": state["conv1.weight"]})


def test_frames_that_contradict_the_weights_are_told(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    with pytest.raises(UserError, match="takes 4 frames, and 8"):
        recognise(tiny_model().net.state_dict(), frames=8)


def test_frames_that_nobody_says_are_assumed_aloud(
    tiny_model: Callable[..., LoadedModel],
) -> None:
    told = recognise(tiny_model("tsm").net.state_dict())
    assert told.net.frames == 8
    assert any("8 were assumed" in notice for notice in told.notices)
    shifted = recognise(names.under(names.authors_tsm, tiny_model("tsm").net.state_dict()))
    assert any("an eighth each way was assumed" in notice for notice in shifted.notices)


@pytest.mark.parametrize("frames", [0, -1])
def test_a_clip_without_frames_is_refused(
    frames: int, tiny_model: Callable[..., LoadedModel]
) -> None:
    with pytest.raises(UserError, match="1 frame or more"):
        recognise(tiny_model("tsm").net.state_dict(), frames=frames)


def _layout(name: str) -> dict[str, list[int]]:
    shapes: dict[str, list[int]] = json.loads((seeded.PARITY / f"{name}.layout.json").read_text())
    return shapes


@pytest.mark.parametrize(
    "name", [pytest.param(REFERENCES[0], marks=pytest.mark.audits), *REFERENCES[1:]]
)
def test_reference_outputs_of_the_public_code(name: str, tmp_path: Path) -> None:
    """Rebuilt as a file, imported, loaded by its folder, run: as a person does it."""
    audits = name == REFERENCES[0]  # once is enough for networks of this size
    with np.load(seeded.PARITY / f"{name}.npz") as reference:
        state = seeded.weights(_layout(name), int(reference["seed"]))
        if name.startswith("official"):
            state = {f"module.{key}": value for key, value in state.items()}
            data = {"epoch": 1, "arch": "resnet50", "state_dict": state, "optimizer": {}}
        else:
            data = {"meta": {"cfg": "num_segments=8"}, "state_dict": state}
        torch.save(data, tmp_path / "weights.pth.tar")
        card, notices = import_weights(tmp_path / "weights.pth.tar", "net", tmp_path)
        assumed = [notice for notice in notices if "assumed" in notice]
        assert all("shift_div=8" in notice for notice in assumed)  # these settings do not name it
        assert bool(assumed) == ("tsm" in name)
        assert not any("same" in notice for notice in notices)  # random weights are no alarm
        assert any("moves its logits" in notice for notice in notices) == audits
        assert card.input.frames == 8
        x = seeded.clip(int(reference["clip_seed"]), frames=8)
        done = run_tensor(load(tmp_path / "net", "cpu"), x)
        assert np.abs(done.prediction.logits - reference["logits"]).max() < 1e-4
        blocks = () if done.trace is None else done.trace.blocks
        assert len(blocks) == (16 if "tanet" in name else 0)
        for block in blocks:
            v, k = reference[f"{block.name}/importance"], reference[f"{block.name}/kernel"]
            assert np.abs(block.importance - v).max() < 1e-5
            assert np.abs(block.kernel - k).max() < 1e-5


def test_our_names_are_the_authors_without_wrappers() -> None:
    with torch.device("meta"):
        net = video_net("tam", frames=8, classes=400)
    ours = {name: list(tensor.shape) for name, tensor in net.state_dict().items()}
    theirs = {
        key.removeprefix("base_model."): torch.empty(shape, device="meta")
        for key, shape in _layout("official_tanet_r50_8f_k400").items()
    }
    found = {name: list(tensor.shape) for name, tensor in renamed(theirs).tensors.items()}
    assert found == {name: shape for name, shape in ours.items() if not name.startswith("fc.")}


I3D = ((1, 1, 1), (1, 0, 1, 0), (1, 0, 1, 0, 1, 0), (0, 1, 0))
SLOW_ONLY = ((0, 0, 0), (0, 0, 0, 0), (1,) * 6, (1,) * 3)


def _bits(blocks: tuple[tuple[int, ...], ...]) -> int:
    flat = [inflated for stage in blocks for inflated in stage]
    return sum(inflated << number for number, inflated in enumerate(flat))


@pytest.mark.parametrize(
    ("frames", "stem", "blocks", "parameters", "gmacs"),
    [(32, 5, I3D, 28.0, 43.5), (4, 1, SLOW_ONLY, 32.45, 27.38), (8, 1, SLOW_ONLY, 32.45, 54.75)],
)
def test_3d_networks_have_the_published_size_and_cost(
    frames: int, stem: int, blocks: tuple[tuple[int, ...], ...], parameters: float, gmacs: float
) -> None:
    """Of mmaction2, at 256²; its tables also count norms and pooling, less than one percent."""
    with torch.device("meta"):
        net = InflatedResNet(frames, 400, DEPTHS[50], 64, stem, _bits(blocks)).eval()
        x = torch.empty(1, 3, frames, 256, 256)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        net(x)
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(parameters, abs=0.05)
    assert counter.get_total_flops() / 2e9 == pytest.approx(gmacs, rel=0.01)


@pytest.mark.parametrize(("stem", "frames"), [(5, 16), (1, 4)])
def test_3d_networks_are_recognised(stem: int, frames: int) -> None:
    bits = _bits(((1,), (0, 1), (0,), (1,)))
    net = _trained(InflatedResNet(frames, 5, (1, 2, 1, 1), 8, stem, bits), frames=frames)
    told = recognise(names.under(names.mmaction2_tsn, net.state_dict()), frames)
    assert told.temporal == "inflated"
    assert told.options == {"stem": stem, "inflated": bits}
    x = torch.randn(1, 3, frames, 32, 32)
    torch.testing.assert_close(told.net(x), net(x))
    assert net.frame_logits(x).shape == (1, frames // 8 if stem == 5 else frames, 5)
    assumed = recognise(net.state_dict()).net.frames
    assert assumed == (32 if stem == 5 else 8)


def test_an_inflated_block_is_its_convolutions() -> None:
    """The reading of the names: taps×1×1, then 1×3×3 with the stride, then 1×1×1."""
    net = _trained(InflatedResNet(4, 5, (1, 1, 1, 1), 8, 1, 0b10), frames=4)
    block: Any = net.get_submodule("layer2.0")
    x = torch.randn(2, 32, 4, 8, 8)

    def norm(y: Tensor, layer: Any) -> Tensor:
        return F.batch_norm(
            y, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps
        )

    taps = block.conv1.weight
    assert taps.shape == (16, 32, 3, 1, 1)
    padded = F.pad(x, (0, 0, 0, 0, 1, 1))
    parts = [
        torch.einsum("dc,nctij->ndtij", taps[:, :, k, 0, 0], padded[:, :, k : k + 4])
        for k in range(3)
    ]
    y = torch.stack(parts).sum(0)
    y = F.relu(norm(y, block.bn1))
    y = torch.stack(
        [F.conv2d(y[:, :, t], block.conv2.weight[:, :, 0], stride=2, padding=1) for t in range(4)],
        dim=2,
    )
    y = F.relu(norm(y, block.bn2))
    y = norm(torch.einsum("dc,nctij->ndtij", block.conv3.weight[:, :, 0, 0, 0], y), block.bn3)
    short, shrunk = block.downsample
    straight = torch.einsum("dc,nctij->ndtij", short.weight[:, :, 0, 0, 0], x[..., ::2, ::2])
    torch.testing.assert_close(block(x), F.relu(y + norm(straight, shrunk)), rtol=1e-4, atol=1e-5)


def test_another_stem_is_told() -> None:
    state = InflatedResNet(8, 5, (1, 1, 1, 1), 8, 1, 0).state_dict()
    state["conv1.weight"] = torch.zeros(8, 3, 3, 7, 7)
    with pytest.raises(UserError, match="over 3 frames"):
        recognise(state)


def test_a_published_network_takes_its_own_number_of_frames_only() -> None:
    for net in (
        ShiftedResNet(4, 5, (1, 1, 1, 1), 8, every=2),
        InflatedResNet(4, 5, (1, 1, 1, 1), 8, 1, 1),
    ):
        with pytest.raises(UserError, match="takes clips of 4 RGB frames"):
            net(torch.zeros(1, 3, 8, 32, 32))
