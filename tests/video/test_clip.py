"""Reading videos of all kinds."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from tam_viz.types import InputSpec, Toolkit, UserError
from tam_viz.video import readers
from tam_viz.video.clip import read_clip, read_views
from tam_viz.video.crops import Crop, crops, cut, resized
from tam_viz.video.sampling import uniform
from tam_viz.video.tempo import retimed
from tests.support.there import there
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


def test_decord_agrees_where_it_is_right(tmp_path: Path) -> None:
    """An independent decoder with an FFmpeg of its own gives the same pixels to the bit."""
    decord = pytest.importorskip("decord")
    path = write(tmp_path / "clip.mp4")
    frames = readers.read_video(path, "clip", np.arange)
    by_decord = decord.VideoReader(str(path)).get_batch(range(24)).asnumpy()
    assert (np.stack([np.asarray(image) for image in frames.images]) == by_decord).all()


def test_turned_phone_video_is_upright(tmp_path: Path) -> None:
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
    frames = readers.read_video(path, "phone", lambda n: uniform(n, 1)[0])
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
        retimed(clip, "reversed").id,
    }
    assert len(ids) == 5


SIZES = pytest.mark.parametrize(
    ("width", "height"), [(340, 256), (256, 340), (64, 64), (1000, 20), (50, 41)]
)


def noise(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


@SIZES
def test_resize_and_crop_like_torchvision(width: int, height: int) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    spec, image = InputSpec(8, resize=48, size=32), noise(width, height)
    expected = transforms.CenterCrop(32)(transforms.Resize(48)(image))
    scaled = resized(image, spec)
    (centre,) = crops(*scaled.size, spec)
    assert (np.asarray(cut(scaled, centre, spec)) == np.asarray(expected)).all()


@SIZES
def test_resize_like_opencv(width: int, height: int) -> None:
    """Bilinear without antialiasing, pixel centres at half, edges repeated."""
    image = noise(width, height)
    scaled = resized(image, InputSpec(8, resize=48, size=32, toolkit="opencv"))
    assert min(scaled.size) == 48
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
    expected = torch.nn.functional.interpolate(
        x, size=scaled.size[::-1], mode="bilinear", align_corners=False, antialias=False
    )
    found = torch.from_numpy(np.array(scaled)).permute(2, 0, 1).float()
    assert (found - expected[0]).abs().max() < 0.51  # rounded to whole levels


def test_sizes_are_rounded_as_each_code_does() -> None:
    image = noise(341, 256)  # 341 · 48 / 256 is 63.94
    assert resized(image, InputSpec(8, 48, 32)).size == (63, 48)
    assert resized(image, InputSpec(8, 48, 32, toolkit="opencv")).size == (64, 48)


@pytest.mark.parametrize(
    ("toolkit", "count", "width", "height", "expected"),
    [
        ("pil", 1, 339, 256, [(58, 16)]),
        ("opencv", 1, 339, 256, [(57, 16)]),
        ("pil", 3, 341, 256, [(0, 0), (84, 0), (42, 0)]),
        ("pil", 3, 256, 341, [(0, 42), (0, 42), (0, 42)]),
        ("opencv", 3, 341, 256, [(0, 0), (84, 0), (42, 0)]),
        ("opencv", 3, 256, 341, [(0, 0), (0, 84), (0, 42)]),
    ],
)
def test_crops_of_the_published_code(
    toolkit: Toolkit, count: int, width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    spec = InputSpec(8, 256, 224 if count == 1 else 256, crops=count, toolkit=toolkit)
    assert [(crop.left, crop.top) for crop in crops(width, height, spec)] == expected


def test_ten_crops_are_corners_and_centre_with_their_mirrors() -> None:
    spec = InputSpec(8, 256, 224, crops=10, toolkit="opencv")
    found = crops(340, 256, spec)
    corners = [(0, 0), (116, 0), (0, 32), (116, 32), (58, 16)]
    assert found == [Crop(*corner, mirrored) for corner in corners for mirrored in (False, True)]
    image = noise(340, 256)
    plain, mirrored = (np.asarray(cut(image, crop, spec)) for crop in found[:2])
    assert (plain[:, ::-1] == mirrored).all()


def test_there_are_no_protocols_of_other_crops() -> None:
    with pytest.raises(UserError, match="no protocol with 5 crops"):
        crops(340, 256, InputSpec(8, 256, 224, crops=5))


def test_all_views_are_those_read_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", count=90)
    spec = InputSpec(8, 48, 32, sampling="dense", views=3, crops=3, toolkit="opencv")
    clips = read_views(path, spec)
    assert len(clips) == spec.all_views == 9
    for view, clip in enumerate(clips):
        alone = read_clip(path, spec, view)
        assert clip.id == alone.id
        assert (clip.frames == alone.frames).all()
        assert (clip.frame_indices == alone.frame_indices).all()
        assert (clip.times_s == alone.times_s).all()
        assert (clip.crop, clip.mirrored) == (alone.crop, alone.mirrored)
    assert len({clip.id for clip in clips}) == 9
    assert {tuple(clip.frame_indices) for clip in clips[:3]} == {tuple(clips[0].frame_indices)}
    assert len({clip.crop for clip in clips[:3]}) == 3


def test_a_clip_knows_its_square(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path / "a.mp4"), SPEC)
    left, top, right, bottom, width, height = there(clip.crop)
    assert (right - left, bottom - top) == (SPEC.size, SPEC.size)
    assert min(width, height) == SPEC.resize
    assert (left, top) == (round((width - SPEC.size) / 2), round((height - SPEC.size) / 2))
    assert not clip.mirrored
