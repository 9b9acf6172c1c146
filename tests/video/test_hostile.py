"""What is damaged, hostile or no video at all: frames or a sentence, never more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.clip import read_clip
from tam_viz.video.decode import Limits
from tam_viz.video.library import read_folder
from tests.support.there import there
from tests.video.makers import SPEC, write


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
    huge(path)  # the container lies, the stream in it does not
    honest = read_clip(write(tmp_path / "honest.mp4", count=2, size=(64, 64)), SPEC)
    assert (read_clip(path, SPEC).frames == honest.frames).all()


def test_flipped_bits_end_in_frames_or_in_a_sentence(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mp4"
    noisy(whole, 24)
    data = whole.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for trial in range(8):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 200):
            broken[place] ^= 1 << int(rng.integers(8))
        path = tmp_path / f"{trial}.mp4"
        path.write_bytes(broken)
        try:
            clip = read_clip(path, SPEC, limits=Limits(seconds=20.0))
        except UserError:
            refused += 1
            continue
        assert clip.frames.shape == (8, 32, 32, 3)
    assert 0 < refused < 8  # both happen, or the trials try nothing


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
    assert [there(source.truth).label for source in sources[:2]] == ["moves left", "moves right"]
    assert all(source.path.is_file() for source in sources)
    with pytest.raises(UserError, match="There is no folder"):
        read_folder(videos / "nowhere")
