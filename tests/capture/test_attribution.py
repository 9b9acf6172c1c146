"""Captum on whole clips: the formulas by hand, for every network, and nothing left behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch import Tensor, nn

from tam_viz.capture.attribution import grad_cam, integrated_gradients
from tam_viz.capture.deletion import frame_deletion
from tam_viz.experiments.studies.untrained import untrained
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import TemporalResNet, VideoNet
from tam_viz.models.preprocess import clip_tensor
from tam_viz.models.published.from_torchvision import TorchvisionNet, torchvision_net
from tam_viz.models.published.inflated import InflatedResNet
from tam_viz.models.published.nets import Form, ShiftedResNet
from tam_viz.models.registry import entries
from tam_viz.types import Card, Clip, Filling, InputSpec, Steps, UserError, result_of
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
T = TypeVar("T")
TARGET = "moves left"
LAYERS = (1, 1, 1, 1)
EIGHT = InputSpec(8, 32, 32)
PUBLISHED: dict[str, Callable[[], VideoNet]] = {
    "shifted": lambda: ShiftedResNet(8, 16, LAYERS, 8, 1, int(Form.DOT_PRODUCT)),
    "i3d": lambda: InflatedResNet(8, 16, LAYERS, 8, 5, 0b0111),
    "slowonly": lambda: InflatedResNet(8, 16, LAYERS, 8, 1, 0b1100),
    "r3d_18": lambda: torchvision_net("torchvision/r3d_18", 8, 16),
    "swin3d_t": lambda: torchvision_net("torchvision/swin3d_t", 8, 16),
}


def last(steps: Steps[T]) -> T:
    seen = list(steps)
    assert seen[-1].done == seen[-1].total
    # so that a bar is there from the beginning
    assert (seen[0].done, seen[0].total, seen[0].result) == (0, seen[-1].total, None)
    return result_of(seen)


def published(name: str) -> LoadedModel:
    card = Card(name, name, LAYERS, 8, CLASSES, EIGHT)
    return LoadedModel(card, PUBLISHED[name]().eval(), torch.device("cpu"))


CLASSES = tuple(f"class {i}" if i else TARGET for i in range(16))


def log_odds(loaded: LoadedModel, x: Tensor, target: str = TARGET) -> float:
    place = loaded.card.classes.index(target)
    with torch.no_grad():
        logits = loaded.net(x)[0].double().numpy()
    return float(logits[place] - logsumexp(np.delete(logits, place)))


def state(loaded: LoadedModel) -> list[bool]:
    flags = [weights.requires_grad for weights in loaded.net.parameters()]
    return [*flags, *(module.training for module in loaded.net.modules())]


def last_maps(net: VideoNet, x: Tensor) -> np.ndarray:
    """The input of the last pooling of a `TemporalResNet`, `(t, c, h, w)`."""
    kept: list[Tensor] = []
    hook = net.get_submodule("layer4").register_forward_hook(lambda *args: kept.append(args[2]))
    with torch.no_grad():
        net(x)
    hook.remove()
    maps: np.ndarray = kept[0].double().numpy()
    return maps


@pytest.mark.parametrize("temporal", ["tam", "none", "nonlocal"])
def test_grad_cam_is_the_formula_by_loop(tiny_model: Model, tiny_clip: Make, temporal: str) -> None:
    """The head is linear, so the gradient of each position is known without autograd."""
    spec = InputSpec(4, 64, 64)
    loaded, clip = tiny_model(temporal, spec), tiny_clip(spec=spec)
    assert isinstance(loaded.net, TemporalResNet)
    x = clip_tensor(clip, spec)
    maps = last_maps(loaded.net, x)
    frames, channels, height, width = maps.shape
    with torch.no_grad():
        logits = loaded.net(x)[0].double().numpy()
    fc = loaded.net.fc
    assert isinstance(fc, nn.Linear)
    weights = fc.weight.detach().double().numpy()
    place = loaded.card.classes.index(TARGET)
    others = [k for k in range(16) if k != place]
    shares = np.exp(logits[others] - logsumexp(logits[others]))
    expected = np.zeros((frames, height, width))
    for t in range(frames):
        for c in range(channels):
            against = sum(s * weights[k, c] for s, k in zip(shares, others, strict=True))
            slope = (weights[place, c] - against) / (frames * height * width)
            for i in range(height):
                for j in range(width):
                    expected[t, i, j] += slope * maps[t, c, i, j]
    found = grad_cam(loaded, clip, TARGET)
    assert (height, width) == (2, 2)
    np.testing.assert_allclose(found.maps, expected, rtol=1e-4, atol=1e-6)
    assert found.score == pytest.approx(log_odds(loaded, x), abs=1e-4)
    assert (found.method, found.target) == ("Grad-CAM", TARGET)
    assert (found.clip_id, found.checkpoint_id) == (clip.id, loaded.card.id)
    assert found.baseline_score is found.steps is found.delta is None


def test_against_a_rival_the_score_is_the_log_ratio(tiny_model: Model, tiny_clip: Make) -> None:
    """The slope of the difference of two logits: by loop for the map, by two passes for frames."""
    loaded, clip = tiny_model(), tiny_clip()
    assert isinstance(loaded.net, TemporalResNet)
    x = clip_tensor(clip, loaded.card.input)
    rival = "moves right"
    places = [loaded.card.classes.index(name) for name in (TARGET, rival)]

    def ratio(given: Tensor) -> float:
        with torch.no_grad():
            logits = loaded.net(given)[0].double().numpy()
        return float(logits[places[0]] - logits[places[1]])

    fc = loaded.net.fc
    assert isinstance(fc, nn.Linear)
    weights = fc.weight.detach().double().numpy()
    maps = last_maps(loaded.net, x)
    expected = np.zeros((len(maps), *maps.shape[2:]))
    for t, c, i, j in np.ndindex(*maps.shape):
        expected[t, i, j] += (weights[places[0], c] - weights[places[1], c]) * maps[t, c, i, j]
    expected /= maps.shape[0] * maps.shape[2] * maps.shape[3]
    cam = grad_cam(loaded, clip, TARGET, rival)
    np.testing.assert_allclose(cam.maps, expected, rtol=1e-4, atol=1e-6)
    ig = last(integrated_gradients(loaded, clip, TARGET, 6, rival))
    lost = last(frame_deletion(loaded, clip, TARGET, "mean colour", rival))
    for found in (cam, ig, lost):
        assert found.score == pytest.approx(ratio(x), abs=1e-4)
        assert (found.target, found.rival) == (TARGET, rival)
    without = x.clone()
    without[:, :, 2] = 0
    assert lost.drops[2] == pytest.approx(ratio(x) - ratio(without), abs=1e-4)
    for wrong in (TARGET, "no such class"):
        with pytest.raises(UserError):
            grad_cam(loaded, clip, TARGET, wrong)


@pytest.mark.parametrize("temporal", entries())
def test_every_network_is_explained_and_left_as_it_was(
    tiny_model: Model, tiny_clip: Make, temporal: str
) -> None:
    loaded, clip = tiny_model(temporal), tiny_clip()
    before = state(loaded)
    cam = grad_cam(loaded, clip, TARGET)
    ig = last(integrated_gradients(loaded, clip, TARGET, 6))
    lost = last(frame_deletion(loaded, clip, TARGET, "mean colour"))
    assert len(cam.maps) == len(lost.drops) == 4
    assert ig.maps.shape == (4, 32, 32)
    assert np.ptp(cam.maps) > 0
    assert np.ptp(ig.maps) > 0
    assert np.ptp(lost.drops) > 0
    assert state(loaded) == before
    assert hooks(loaded.net) == 0
    assert all(weights.grad is None for weights in loaded.net.parameters())


@pytest.mark.parametrize("temporal", entries())
def test_grad_cam_adds_up_to_the_linear_part_of_the_score(
    tiny_model: Model, tiny_clip: Make, temporal: str
) -> None:
    """Also where places are shared among frames and where two pathways are added."""
    loaded, clip = tiny_model(temporal), tiny_clip()
    x = clip_tensor(clip, loaded.card.input)
    fc = loaded.net.fc
    assert isinstance(fc, nn.Linear)
    with torch.no_grad():
        features = loaded.net.features(x)[0].mean(dim=0).double().numpy()
        logits = loaded.net(x)[0].double().numpy()
    weights = fc.weight.detach().double().numpy()
    place = loaded.card.classes.index(TARGET)
    shares = np.exp(logits - logsumexp(np.delete(logits, place)))
    shares[place] = -1.0
    expected = float(-shares @ weights @ features)
    assert float(grad_cam(loaded, clip, TARGET).maps.sum()) == pytest.approx(expected, abs=1e-4)


def test_slow_frames_are_shared_by_those_they_stand_for(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model("slowfast")
    with torch.no_grad():
        fast = loaded.net.get_submodule("fast.3.0.bn3")
        for name in ("weight", "bias"):
            fast.get_parameter(name).zero_()
        loaded.net.get_submodule("fast.3.0.downsample.1").get_parameter("weight").zero_()
        loaded.net.get_submodule("fast.3.0.downsample.1").get_parameter("bias").zero_()
    maps = grad_cam(loaded, tiny_clip(), TARGET).maps  # of the slow pathway alone
    np.testing.assert_array_equal(maps[0], maps[1])
    np.testing.assert_array_equal(maps[2], maps[3])
    assert not np.array_equal(maps[1], maps[2])


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks(name: str, tiny_clip: Make) -> None:
    loaded, clip = published(name), tiny_clip(spec=EIGHT)
    maps = grad_cam(loaded, clip, TARGET).maps
    assert len(maps) == 8
    assert np.isfinite(maps).all()
    places = {"i3d": 1, "r3d_18": 1, "swin3d_t": 4}.get(name, 8)
    assert len(np.unique(maps.reshape(8, -1), axis=0)) == places
    assert not any(state(loaded)[len(list(loaded.net.parameters())) :])
    assert hooks(loaded.net) == 0


def test_a_network_without_feature_maps_is_told(tiny_clip: Make) -> None:
    class Token(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean(dim=(2, 3, 4)) @ torch.ones(3, 16)

    net = torchvision_net("torchvision/r3d_18", 8, 16)
    assert isinstance(net, TorchvisionNet)
    net.net = Token()  # such as MViT, which reads its answer off one token
    loaded = dataclasses.replace(published("slowonly"), net=net.eval())
    with pytest.raises(UserError, match="choose integrated gradients"):
        grad_cam(loaded, tiny_clip(spec=EIGHT), TARGET)
    assert last(integrated_gradients(loaded, tiny_clip(spec=EIGHT), TARGET, 2)).steps == 2


@pytest.mark.parametrize("steps", [1, 7, 128])
def test_integrated_gradients_add_up(tiny_model: Model, tiny_clip: Make, steps: int) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    x = clip_tensor(clip, loaded.card.input)
    found = last(integrated_gradients(loaded, clip, TARGET, steps))
    rise = log_odds(loaded, x) - log_odds(loaded, torch.zeros_like(x))
    assert found.delta is not None
    assert float(found.maps.sum()) == pytest.approx(rise + found.delta, abs=1e-4)
    assert found.score == pytest.approx(log_odds(loaded, x), abs=1e-4)
    assert found.baseline_score == pytest.approx(log_odds(loaded, torch.zeros_like(x)), abs=1e-4)
    assert found.steps == steps
    if steps == 128:
        assert abs(found.delta) < 0.05 * max(1.0, abs(rise))


def test_integrated_gradients_of_a_linear_network_are_known(tiny_clip: Make) -> None:
    """Weight times input, for two classes: the log-odds are the difference of the logits."""

    class Linear(VideoNet):
        def __init__(self) -> None:
            super().__init__(4, 2, 3 * 32 * 32)

        def features(self, x: Tensor) -> Tensor:
            return x.transpose(1, 2).flatten(2)

    net, spec = Linear().eval(), InputSpec(4, 32, 32)
    card = Card("linear", "none", LAYERS, 8, (TARGET, "moves right"), spec)
    clip = tiny_clip()
    found = last(integrated_gradients(LoadedModel(card, net, torch.device("cpu")), clip, TARGET, 3))
    assert isinstance(net.fc, nn.Linear)
    weights = (net.fc.weight[0] - net.fc.weight[1]).detach().numpy().reshape(3, 32, 32) / 4
    x = clip_tensor(clip, spec)[0].numpy()
    expected = (weights[:, None] * x).sum(axis=0)
    np.testing.assert_allclose(found.maps, expected, rtol=1e-4, atol=1e-6)
    assert found.delta == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("filling", ["mean colour", "neighbour"])
@pytest.mark.parametrize("frames", [4, 5])
def test_deletion_is_a_loop_of_forward_passes(
    tiny_model: Model, tiny_clip: Make, filling: Filling, frames: int
) -> None:
    spec = InputSpec(frames, 32, 32)
    loaded, clip = tiny_model("tam", spec), tiny_clip(spec=spec)
    x = clip_tensor(clip, spec)
    whole = log_odds(loaded, x)
    expected = []
    for t in range(frames):
        without = x.clone()
        without[:, :, t] = 0 if filling == "mean colour" else x[:, :, t - 1 if t else 1]
        expected.append(whole - log_odds(loaded, without))
    found = last(frame_deletion(loaded, clip, TARGET, filling))
    np.testing.assert_allclose(found.drops, expected, atol=1e-5)
    assert found.score == pytest.approx(whole, abs=1e-5)
    assert found.filling == filling


def test_only_whole_clips_go_through_the_network(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, seen = tiny_model(), tiny_clip(), []
    hook = loaded.net.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
    grad_cam(loaded, clip, TARGET)
    last(integrated_gradients(loaded, clip, TARGET, 8))
    last(frame_deletion(loaded, clip, TARGET, "neighbour"))
    hook.remove()
    assert {tuple(shape[1:]) for shape in seen} == {(3, 4, 32, 32)}


Explain = Callable[[LoadedModel, Clip, str], object]
WAYS: dict[str, Explain] = {
    "grad_cam": grad_cam,
    "integrated": lambda net, clip, name: last(integrated_gradients(net, clip, name, 4)),
    "deletion": lambda loaded, clip, target: last(
        frame_deletion(loaded, clip, target, "neighbour")
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_class_that_is_not_known_is_told(tiny_model: Model, tiny_clip: Make, way: str) -> None:
    loaded = tiny_model()
    before = state(loaded)
    with pytest.raises(UserError, match="does not know the class 'juggling'"):
        WAYS[way](loaded, tiny_clip(), "juggling")
    assert state(loaded) == before


@pytest.mark.parametrize("way", WAYS)
def test_a_clip_for_another_network_is_told(tiny_model: Model, tiny_clip: Make, way: str) -> None:
    loaded = tiny_model()
    before = state(loaded)
    with pytest.raises(UserError, match="read it with this network's input"):
        WAYS[way](loaded, tiny_clip(spec=EIGHT), TARGET)
    assert state(loaded) == before


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_when_the_network_explodes(
    tiny_model: Model, tiny_clip: Make, way: str
) -> None:
    class Explodes(nn.Module):
        def forward(self, _: Tensor) -> Tensor:
            raise ZeroDivisionError

    loaded = tiny_model()
    loaded.net.fc = Explodes()
    loaded.net.get_submodule("layer1").train()  # whatever the flags are, they come back
    loaded.net.get_parameter("conv1.weight").requires_grad_(False)
    before = state(loaded)
    with pytest.raises(ZeroDivisionError):
        WAYS[way](loaded, tiny_clip(), TARGET)
    assert state(loaded) == before
    assert hooks(loaded.net) == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_network_is_locked_while_it_is_used(
    tiny_model: Model, tiny_clip: Make, way: str
) -> None:
    inside = []

    @contextmanager
    def lock() -> Iterator[None]:
        inside.append(True)
        yield
        inside.pop()

    class Lock:
        def __enter__(self) -> None:
            self.held = lock()
            self.held.__enter__()

        def __exit__(self, *args: object) -> None:
            self.held.__exit__(None, None, None)

    loaded = dataclasses.replace(tiny_model(), lock=Lock())
    used: list[bool] = []
    loaded.net.register_forward_pre_hook(lambda *_: used.append(bool(inside)))
    WAYS[way](loaded, tiny_clip(), TARGET)
    assert used
    assert all(used)
    assert not inside


def test_gradients_are_there_even_where_a_caller_wants_none(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    expected = grad_cam(loaded, clip, TARGET).maps
    with torch.inference_mode():
        np.testing.assert_array_equal(grad_cam(loaded, clip, TARGET).maps, expected)
        assert last(integrated_gradients(loaded, clip, TARGET, 4)).maps.any()


def test_an_untrained_network_is_explained(tiny_model: Model, tiny_clip: Make) -> None:
    base = untrained(tiny_model())
    assert grad_cam(base, tiny_clip(), TARGET).checkpoint_id == "tiny-tam (untrained)"
