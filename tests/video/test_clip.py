"""Reading videos of all kinds, whole, damaged and hostile."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import types
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tam_viz.types import InputSpec, UserError
from tam_viz.video import readers
from tam_viz.video.clip import backwards, read_clip
from tam_viz.video.containers import player_format
from tam_viz.video.decode import Limits
from tam_viz.video.library import read_folder
from tam_viz.video.sampling import uniform
from tam_viz.video.worker import resize_crop

SPEC = InputSpec(frames=8, resize=48, size=32)
CODECS = {
    "mp4": "libx264",
    "mkv": "libx264",
    "mov": "libx264",
    "avi": "mpeg4",
    "webm": "libvpx",
    "gif": "gif",
}


def grey_levels(count: int) -> np.ndarray:
    return np.linspace(20, 235, count).round()


def write(path: Path, count: int = 24, *, fps: int = 12, size: tuple[int, int] = (64, 96)) -> Path:
    """A video whose frame i is one flat grey, brighter from frame to frame."""
    codec = CODECS[path.suffix[1:]]
    options = {"movflags": "faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        stream.height, stream.width = size
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for level in grey_levels(count):
            pixels = np.full((*size, 3), level, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


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


# ------------------------------------------------------------------ what is not a video


def truncated(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def noisy(path: Path, count: int) -> None:
    rng = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=12)
        stream.height, stream.width, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(count):
            pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_truncated_file_is_read_as_far_as_it_goes(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "whole.mp4"
    noisy(path, 48)
    if ending == "mkv":
        source = path
        path = tmp_path / "whole.mkv"
        with av.open(str(source)) as read, av.open(str(path), "w") as written:
            stream = written.add_stream_from_template(read.streams.video[0])
            for packet in read.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    written.mux(packet)
    clip = read_clip(truncated(path, 0.5), SPEC)
    assert 10 < clip.video_frames < 40
    assert clip.frame_indices.max() < clip.video_frames
    assert "cut short" in clip.notices[0]


def text(path: Path) -> None:
    path.write_text("This is not a video at all, only its name says so. " * 10)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def sound(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 44100), dtype=np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def no_index(path: Path) -> None:
    write(path)
    data = path.read_bytes()
    path.write_bytes(data[:32] + b"\x00" * (len(data) - 32))


def playlist(path: Path) -> None:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n")


def concat(path: Path) -> None:
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")


def picture(path: Path) -> None:
    Image.new("RGB", (64, 64)).save(path, "PNG")


def huge(path: Path) -> None:
    write(path, count=2, size=(64, 64))
    data = bytearray(path.read_bytes())
    entry = data.index(b"avc1") + 4 + 24
    data[entry : entry + 4] = (60000).to_bytes(2, "big") * 2
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (text, "is not a video"),
        (empty, "is empty"),
        (sound, "no video stream"),
        (no_index, "cannot be decoded"),
        (playlist, "is not a video"),
        (concat, "is not a video"),
        (picture, "is not a video"),
    ],
)
def test_what_is_no_video_gets_a_sentence(
    make: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    with pytest.raises(UserError, match=said) as told:
        read_clip(path, SPEC, name="clip.mp4")
    assert str(told.value).startswith("'clip.mp4'")


def test_a_header_that_lies_about_the_size_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "huge.mp4"
    huge(path)
    with contextlib.suppress(UserError):
        assert read_clip(path, SPEC).frames.shape == (8, 32, 32, 3)


def test_flipped_bits_end_in_frames_or_in_a_sentence(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mp4"
    noisy(whole, 24)
    data = whole.read_bytes()
    rng = np.random.default_rng(0)
    for trial in range(8):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 200):
            broken[place] ^= 1 << int(rng.integers(8))
        path = tmp_path / f"{trial}.mp4"
        path.write_bytes(broken)
        try:
            clip = read_clip(path, SPEC, limits=Limits(seconds=20.0))
        except UserError:
            continue
        assert clip.frames.shape == (8, 32, 32, 3)


def test_what_is_not_there_or_has_an_impossible_name() -> None:
    with pytest.raises(UserError, match=r"no file 'nowhere\.mp4'"):
        read_clip("nowhere.mp4", SPEC)
    with pytest.raises(UserError, match="cannot be opened"):
        read_clip("x" * 300 + ".mp4", SPEC)


def test_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "12:30.mp4")
    assert read_clip("12:30.mp4", SPEC).source == "12:30.mp4"  # no address of a protocol "12"
    odd = Path(os.fsdecode(b"bad\xff.mp4"))
    shutil.copy("12:30.mp4", odd)
    assert read_clip(odd, SPEC).source == "bad?.mp4"
    (tmp_path / "images" / "z.png").mkdir(parents=True)
    Image.new("RGB", (40, 40)).save(tmp_path / "images" / "²1.png")
    monkeypatch.chdir(tmp_path / "images")
    assert read_clip(".", SPEC).source == "images"


def test_what_a_browser_plays_is_told_by_the_bytes(tmp_path: Path) -> None:
    expected = {"mp4": "video/mp4", "mov": "video/mp4", "webm": "video/webm", "gif": None}
    for ending, kind in expected.items():
        path = write(tmp_path / f"clip.{ending}").rename(tmp_path / f"{ending}.gif")
        assert player_format(path) == kind


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no images"):
        read_clip(tmp_path, SPEC)


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not a png")
    with pytest.raises(UserError, match=r"'a\.png' cannot be read"):
        read_clip(tmp_path, SPEC)


def test_decoding_ends_at_its_time_limit(videos: Path) -> None:
    with pytest.raises(UserError, match=r"within 0\.01 s"):
        read_clip(videos / "moves_left_1.mp4", SPEC, limits=Limits(seconds=0.01))


def test_decoding_ends_at_its_memory_limit(videos: Path) -> None:
    pytest.importorskip("resource")
    with pytest.raises(UserError, match="GiB of memory"):
        read_clip(videos / "moves_left_1.mp4", SPEC, limits=Limits(memory_bytes=1 << 20))


def test_a_list_of_clips_does_not_point_outside_its_folder(videos: Path, tmp_path: Path) -> None:
    listed = (videos / "labels.csv").read_text().replace("moves_left_1.mp4", "../../etc/passwd")
    (tmp_path / "labels.csv").write_text(listed)
    assert read_folder(tmp_path)[0].path == tmp_path / "passwd"


def test_the_list_of_clips_keeps_what_is_known(videos: Path) -> None:
    sources = read_folder(videos)
    assert [source.truth.label for source in sources[:2]] == ["moves left", "moves right"]
    assert all(source.path.is_file() for source in sources)
    with pytest.raises(UserError, match="is not a list of clips"):
        read_folder(videos / "nowhere")
