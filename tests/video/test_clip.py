"""Reading videos of all kinds."""

from __future__ import annotations

import shutil
import sys
import types
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tam_viz.types import InputSpec, UserError
from tam_viz.video import readers
from tam_viz.video.clip import backwards, read_clip
from tam_viz.video.sampling import uniform
from tam_viz.video.worker import resize_crop
from tests.video.makers import CODECS, SPEC, grey_levels, write


@pytest.mark.parametrize("ending", CODECS)
def test_every_format_gives_the_frames_that_the_formula_says(ending: str, tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path / f"clip.{ending}"), SPEC)
    expected = uniform(24, 8)[0]
    assert clip.frames.shape == (8, 32, 32, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.video_frames == 24
    assert clip.frame_indices.tolist() == expected.tolist()
    assert clip.times_s == pytest.approx(expected / 12, abs=0.02)
    assert clip.duration_s == pytest.approx(2.0, abs=0.1)
    assert clip.notices == ()
    tolerance = 40 if ending == "gif" else 6  # a gif has 8 levels of each colour here
    assert np.abs(clip.frames.mean(axis=(1, 2, 3)) - grey_levels(24)[expected]).max() < tolerance


def test_a_folder_of_images_in_natural_order(tmp_path: Path) -> None:
    for i, level in enumerate(grey_levels(12), start=1):
        Image.new("RGB", (50 + i, 40), (int(level),) * 3).save(tmp_path / f"frame{i}.png")
    (tmp_path / "notes.txt").write_text("not an image")
    clip = read_clip(tmp_path, SPEC)
    assert clip.frames.mean(axis=(1, 2, 3)).tolist() == grey_levels(12)[uniform(12, 8)[0]].tolist()
    assert "25 per second" in clip.notices[0]


def test_decord_and_pyav_agree(tmp_path: Path) -> None:
    pytest.importorskip("decord")
    path = write(tmp_path / "clip.mp4")
    by_decord, by_pyav = (
        readers.read_video(path, "clip", lambda n: uniform(n, 8)[0], use_decord=use)
        for use in (True, False)
    )
    assert by_decord.indices.tolist() == by_pyav.indices.tolist()
    assert by_decord.times_s == pytest.approx(by_pyav.times_s, abs=1e-3)
    assert by_decord.duration_s == pytest.approx(by_pyav.duration_s, abs=1e-3)
    for first, second in zip(by_decord.images, by_pyav.images, strict=True):
        assert np.abs(np.asarray(first, int) - np.asarray(second, int)).max() <= 3


@pytest.mark.parametrize("installed", [True, False])
def test_pyav_steps_in_where_decord_fails_or_is_missing(
    installed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __init__(self, *_: object, **__: object) -> None:
            raise RuntimeError("decord has had enough")

    decord = types.SimpleNamespace(VideoReader=Broken)
    monkeypatch.setitem(sys.modules, "decord", decord if installed else None)
    path = write(tmp_path / "clip.mp4")
    frames = readers.read_video(path, "clip", lambda n: uniform(n, 8)[0], use_decord=True)
    assert frames.video_frames == 24


@pytest.mark.parametrize("use_decord", [True, False])
def test_turned_phone_video_is_upright(use_decord: bool, tmp_path: Path) -> None:
    """The display matrix of a portrait phone video: a quarter turn clockwise."""
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        pixels = np.zeros((64, 96, 3), dtype=np.uint8)
        pixels[:, :48] = 255  # bright on the left, so on top when upright
        for _ in range(8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    for i, value in enumerate((0, 1 << 16, 0, -(1 << 16) & 0xFFFFFFFF, 0, 0, 64 << 16, 0, 1 << 30)):
        data[matrix + 4 * i : matrix + 4 * i + 4] = value.to_bytes(4, "big")
    path.write_bytes(data)
    frames = readers.read_video(path, "phone", lambda n: uniform(n, 1)[0], use_decord=use_decord)
    upright = np.asarray(frames.images[0])
    assert upright.shape == (96, 64, 3)
    assert upright[:40].min() > 200
    assert upright[56:].max() < 50


def test_shorter_than_the_view(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path / "short.mp4", count=5), SPEC)
    assert clip.frame_indices.tolist() == [0, 0, 1, 2, 2, 3, 4, 4]
    assert "takes 8 frames and the video has only 5" in clip.notices[0]


def test_a_dense_window_that_wraps_says_so(tmp_path: Path) -> None:
    spec = InputSpec(8, 48, 32, sampling="dense")
    clip = read_clip(write(tmp_path / "clip.mp4", count=30), spec)
    assert clip.frame_indices.tolist() == [0, 8, 16, 24, 2, 10, 18, 26]
    assert "wraps" in clip.notices[0]


def test_views_are_those_of_the_formula(tmp_path: Path) -> None:
    path, spec = write(tmp_path / "clip.mp4"), InputSpec(8, 48, 32, views=2)
    for view in (0, 1):
        assert (
            read_clip(path, spec, view).frame_indices.tolist() == uniform(24, 8, 2)[view].tolist()
        )
    with pytest.raises(UserError, match="views 0 to 1"):
        read_clip(path, spec, 2)


def test_the_id_stands_for_the_pixels(tmp_path: Path) -> None:
    first, other = write(tmp_path / "a.mp4"), write(tmp_path / "b.mp4", count=30)
    copy = tmp_path / "copy.mp4"
    shutil.copy(first, copy)
    clip = read_clip(first, SPEC)
    assert clip == read_clip(copy, SPEC)
    ids = {
        clip.id,
        read_clip(other, SPEC).id,
        read_clip(first, InputSpec(8, 48, 24)).id,
        read_clip(first, InputSpec(8, 48, 32, sampling="dense")).id,
        backwards(clip).id,
    }
    assert len(ids) == 5


def test_backwards_takes_times_along(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path / "a.mp4"), SPEC)
    reverse = backwards(clip)
    assert (reverse.frames == clip.frames[::-1]).all()
    assert (reverse.times_s == clip.times_s[::-1]).all()
    assert (reverse.frame_indices == clip.frame_indices[::-1]).all()


@pytest.mark.parametrize(("width", "height"), [(340, 256), (256, 340), (64, 64), (1000, 20)])
def test_resize_and_crop_like_torchvision(width: int, height: int) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    spec = InputSpec(8, resize=48, size=32)
    expected = transforms.CenterCrop(32)(transforms.Resize(48)(image))
    assert (np.asarray(resize_crop(image, spec)) == np.asarray(expected)).all()
