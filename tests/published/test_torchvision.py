"""torchvision's video networks as rivals: its own weights, preprocessing and names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tam_viz.capture.run import run
from tam_viz.experiments.importing import import_weights
from tam_viz.models.engine import load
from tam_viz.models.published import from_torchvision
from tam_viz.models.published.catalogue import offers
from tam_viz.models.published.choose import recognise
from tam_viz.models.published.from_torchvision import FRAMES, PREFIX, given
from tam_viz.types import UserError
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.crops import crops, cut, resized
from tests.support.there import there

models = pytest.importorskip("torchvision.models")


def offer_id(name: str) -> str:
    return f"torchvision-{name.replace('_', '-')}-k400"


@pytest.mark.parametrize("name", FRAMES)
def test_the_catalogue_says_what_torchvision_says(name: str) -> None:
    weights = models.get_model_weights(name).DEFAULT
    offer = offers()[offer_id(name)]
    assert offer.address == weights.url
    assert offer.sha256 in weights.url.rsplit("-", 1)[-1]
    accuracy = weights.meta["_metrics"]["Kinetics-400"]
    assert offer.top1 == pytest.approx(accuracy["acc@1"], abs=0.006)
    assert offer.top5 == pytest.approx(accuracy["acc@5"], abs=0.006)
    assert offer.gflops == pytest.approx(weights.meta["_ops"], abs=0.006)
    assert f"`clip_len={offer.frames}`" in weights.meta["_docs"]
    single, test = given(name)
    assert f"`clips_per_video={there(test).views}`" in weights.meta["_docs"]
    rate = 30 / single.interval
    assert f"`frame_rate={rate:g}`" in weights.meta["_docs"]


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_prepared_as_torchvision_does(name: str) -> None:
    preset = models.get_model_weights(name).DEFAULT.transforms()
    rng = np.random.default_rng(0)
    low = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    image = low.resize((400, 300), Image.Resampling.BICUBIC)
    expected = preset(torch.from_numpy(np.array(image)).permute(2, 0, 1)[None])[:, 0]
    spec, _ = given(name)
    scaled = resized(image, spec)
    (centre,) = crops(*scaled.size, spec)
    pixels = torch.from_numpy(np.array(cut(scaled, centre, spec))).permute(2, 0, 1).float() / 255
    mean, std = (torch.tensor(v)[:, None, None] for v in (spec.mean, spec.std))
    found = (pixels - mean) / std
    assert found.shape == expected.shape
    assert (found - expected).abs().mean() < 0.02  # half a level of 255 is 0.009
    assert (found - expected).abs().max() < 0.1


@pytest.mark.parametrize(
    "name", ["r3d_18", "mc3_18", "r2plus1d_18", "s3d", "mvit_v2_s", "swin3d_t"]
)
def test_a_network_is_told_by_its_weights(name: str) -> None:
    with torch.device("meta"):
        state = models.get_model(name, num_classes=7).state_dict()
    assert from_torchvision.which(state) == name


@pytest.mark.parametrize("name", ["mc3_18", "mvit_v2_s"])
def test_from_the_file_to_the_answer(name: str, tmp_path: Path, videos: Path) -> None:
    net = models.get_model(name, num_classes=5).eval()
    torch.save(net.state_dict(), tmp_path / "w.pth")
    card, _ = import_weights(tmp_path / "w.pth", "it", tmp_path)
    assert card.temporal == PREFIX + name
    assert len(card.classes) == 5
    loaded = load(tmp_path / "it", "cpu")
    clip = read_clip(videos / "approaches_1.mp4", card.input)
    done = run(loaded, clip)
    mean, std = (torch.tensor(v) for v in (card.input.mean, card.input.std))
    x = ((torch.from_numpy(clip.frames).float() / 255 - mean) / std).permute(3, 0, 1, 2)[None]
    with torch.no_grad():
        expected = net(x)[0].numpy()
    np.testing.assert_allclose(done.prediction.logits, expected, rtol=1e-3, atol=1e-4)
    assert done.trace is None
    assert done.prediction.frame_logits.shape == (1, 5)
    assert card.published is not None
    assert len(read_views(videos / "approaches_1.mp4", card.published)) == 5


def test_a_clip_of_another_length_is_refused() -> None:
    state = models.get_model("mc3_18", num_classes=5).state_dict()
    net = recognise({"": state}).net
    with pytest.raises(UserError, match="16 RGB frames"):
        net(torch.zeros(1, 3, 8, 32, 32))


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UserError, match="torchvision's network 'x' is not known"):
        from_torchvision.torchvision_net("torchvision/x", 8, 5)
