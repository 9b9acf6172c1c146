"""What a browser is given to play: the file itself, or a small H.264 preview of it."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from tam_viz.video import preview_worker
from tam_viz.video.library import VideoFile
from tam_viz.video.movie import Movie, describe_preview, movie
from tests.support.there import there
from tests.video.makers import write

LEFT, RIGHT = (200, 40, 40), (40, 40, 200)
"""Colours of the halves of a frame."""


def make(
    path: Path,
    container: str,
    codec: str,
    pixels: str = "yuv420p",
    size: tuple[int, int] = (64, 96),
    ratio: Fraction | None = None,
    count: int = 24,
    fps: int = 12,
) -> Path:
    """Frames that are red on the left and blue on the right."""
    frame = np.empty((*size, 3), np.uint8)
    frame[:, : size[1] // 2], frame[:, size[1] // 2 :] = LEFT, RIGHT
    with av.open(str(path), "w", format=container) as written:
        stream = written.add_stream(codec, rate=Fraction(fps))
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = pixels
        if ratio is not None:
            stream.sample_aspect_ratio = ratio
        for _ in range(count):
            image = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pixels)
            written.mux(stream.encode(image))
        written.mux(stream.encode())
    return path


def pictures(shown: Movie | None) -> tuple[str, str, list[np.ndarray], float]:
    """Codec, form of the pixels, frames in RGB and length of what is shown."""
    with av.open(io.BytesIO(there(shown).data), "r") as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        context = stream.codec_context
        seconds = there(container.duration) / 1e6
        return context.codec.canonical_name, there(context.pix_fmt), frames, seconds


PLAYED = {
    "H.264 in mp4": ("mp4", "libx264", "yuv420p", "video/mp4"),
    "H.264 in mov": ("mov", "libx264", "yuv420p", "video/mp4"),
    "VP8 in webm": ("webm", "libvpx", "yuv420p", "video/webm"),
    "VP9 in mp4": ("mp4", "libvpx-vp9", "yuv420p", "video/mp4"),
}


@pytest.mark.parametrize(("container", "codec", "pixels", "kind"), PLAYED.values(), ids=PLAYED)
def test_what_browsers_play_is_given_as_it_is(
    container: str, codec: str, pixels: str, kind: str, tmp_path: Path
) -> None:
    path = make(tmp_path / "clip", container, codec, pixels)
    shown = there(movie(path, "clip"))
    assert (shown.data, shown.media_type, shown.preview) == (path.read_bytes(), kind, False)


NOT_PLAYED = {
    "mp4v, as OpenCV writes it": ("mp4", "mpeg4", "yuv420p"),
    "HEVC": ("mp4", "libx265", "yuv420p"),
    "10 bits": ("mp4", "libx264", "yuv420p10le"),
    "4:2:2": ("mp4", "libx264", "yuv422p"),
    "4:4:4": ("mov", "libx264", "yuv444p"),
    "ProRes": ("mov", "prores_ks", "yuv422p10le"),
    "Matroska": ("matroska", "libx264", "yuv420p"),
    "MPEG-2 in Matroska": ("matroska", "mpeg2video", "yuv420p"),
    "AVI": ("avi", "libx264", "yuv420p"),
    "MPEG-TS": ("mpegts", "libx264", "yuv420p"),
    "WMV": ("asf", "wmv2", "yuv420p"),
    "MJPEG": ("mov", "mjpeg", "yuvj420p"),
}


@pytest.mark.parametrize(("container", "codec", "pixels"), NOT_PLAYED.values(), ids=NOT_PLAYED)
def test_what_browsers_do_not_play_gets_a_preview(
    container: str, codec: str, pixels: str, tmp_path: Path
) -> None:
    if codec not in av.codec.codecs_available:
        pytest.skip(f"this FFmpeg has no encoder {codec}")
    shown = there(movie(make(tmp_path / "clip", container, codec, pixels), "clip"))
    name, form, frames, seconds = pictures(shown)
    assert (shown.media_type, shown.preview, name, form) == ("video/mp4", True, "h264", "yuv420p")
    assert 22 <= len(frames) <= 25
    assert seconds == pytest.approx(2.0, abs=0.15)
    assert frames[0].shape == (64, 96, 3)
    assert np.abs(frames[5][32, 20].astype(int) - LEFT).max() < 20
    assert np.abs(frames[5][32, 76].astype(int) - RIGHT).max() < 20
    assert "the file itself" in describe_preview(shown)


def test_a_preview_is_small_and_in_the_shape_that_a_player_shows(tmp_path: Path) -> None:
    path = make(tmp_path / "clip", "avi", "mpeg4", size=(480, 640), ratio=Fraction(4, 3), count=5)
    _, _, frames, _ = pictures(movie(path, "clip"))
    assert frames[0].shape == (270, 480, 3)


@pytest.mark.parametrize(("turn", "top"), [(90, RIGHT), (-90, LEFT)])
def test_a_preview_is_upright(turn: int, top: tuple[int, int, int], tmp_path: Path) -> None:
    source, path = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    make(source, "mp4", "mpeg4")
    with av.open(str(source)) as read, av.open(str(path), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        stream.set_display_rotation(turn)
        for packet in read.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                written.mux(packet)
    _, _, frames, _ = pictures(movie(path, "clip"))
    assert frames[0].shape == (96, 64, 3)
    assert np.abs(frames[0][20, 32].astype(int) - top).max() < 20


def test_a_long_film_is_previewed_in_part_with_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_worker, "LONGEST_S", 3.0)
    monkeypatch.setattr(preview_worker, "_TOLD_S", 0.0)
    path = make(tmp_path / "clip", "avi", "mpeg4", count=120)
    told: list[float] = []
    request = preview_worker.PreviewRequest(str(path), "clip", 20.0, 4 << 30)
    answer = preview_worker.make(request, told.append)
    assert answer.fields["seconds"] == pytest.approx(3.0, abs=0.1)
    assert answer.fields["whole_s"] == pytest.approx(10.0, abs=0.1)
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1
    shown = Movie(b"", "video/mp4", preview=True, seconds=3.0, whole_s=10.0)
    assert "preview of its first 3 s" in describe_preview(shown)


def test_making_a_preview_ends_when_its_time_is_over(tmp_path: Path) -> None:
    path = make(tmp_path / "clip", "avi", "mpeg4", count=120)
    answer = preview_worker.make(
        preview_worker.PreviewRequest(str(path), "x", 0.0, 4 << 30), lambda _: None
    )
    assert answer.fields["seconds"] == 0.0


def test_a_folder_of_images_plays(tmp_path: Path) -> None:
    for i in range(10):
        Image.new("RGB", (50, 30), (20 * i, 0, 0)).save(tmp_path / f"{i}.png")
    (tmp_path / "fps.txt").write_text("5")
    _, _, frames, seconds = pictures(VideoFile("x", tmp_path).player())
    assert seconds == pytest.approx(2.0, abs=0.1)
    assert frames[0].shape == (30, 50, 3)


def test_what_cannot_be_shown_has_no_movie(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    names = ("text.mp4", "noise.mp4", "nothing.mp4")
    assert [VideoFile(name, tmp_path / name).movie() for name in names] == [None] * 3


def test_a_damaged_mp4_gets_a_preview_of_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", 120)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    shown = there(movie(path, "clip"))
    assert shown.preview
    assert len(pictures(shown)[2]) > 10
