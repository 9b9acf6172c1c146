"""What FFmpeg opens may come in, whatever it is called; what leads it elsewhere may not."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.format import ContainerFormat
from av.video.stream import VideoStream
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.clip import read_clip
from tam_viz.video.containers import DEMUXERS, is_named_video
from tests.video.makers import SPEC, write

PAL = (576, 720)
FORMATS = {
    "3gp": ("3gp", "h263", (288, 352)),
    "3g2": ("3g2", "mpeg4", (64, 96)),
    "MTS": ("mpegts", "libx264", (64, 96)),
    "mpg": ("mpeg", "mpeg1video", (64, 96)),
    "vob": ("vob", "mpeg2video", (64, 96)),
    "wmv": ("asf", "wmv2", (64, 96)),
    "flv": ("flv", "flv", (64, 96)),
    "f4v": ("f4v", "libx264", (64, 96)),
    "mxf": ("mxf", "mpeg2video", (64, 96)),
    "ogv": ("ogg", "libvpx", (64, 96)),
    "dv": ("dv", "dvvideo", PAL),
    "nut": ("nut", "ffv1", (64, 96)),
    "rm": ("rm", "rv10", (144, 176)),
    "mjpeg": ("mjpeg", "mjpeg", (64, 96)),
    "h264": ("h264", "libx264", (64, 96)),
    "hevc": ("hevc", "libx265", (64, 96)),
    "m2v": ("mpeg2video", "mpeg2video", (64, 96)),
    "y4m": ("yuv4mpegpipe", "wrapped_avframe", (64, 96)),
    "ivf": ("ivf", "libvpx", (64, 96)),
    "apng": ("apng", "apng", (64, 96)),
}
PIXELS = {"mjpeg": "yuvj420p", "apng": "rgb24"}


def make(path: Path, container: str, codec: str, size: tuple[int, int]) -> None:
    """25 grey frames; the options of 192-byte packets are those of AVCHD."""
    options = {"mpegts_m2ts_mode": "1"} if path.suffix == ".MTS" else {}
    with av.open(str(path), "w", format=container, options=options) as written:
        stream = written.add_stream(codec, rate=Fraction(25))
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = PIXELS.get(codec, "yuv420p")
        if codec == "libx265":
            stream.options = {"x265-params": "log-level=none"}
        for level in np.linspace(40, 200, 25):
            pixels = np.full((*size, 3), level, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            written.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        written.mux(stream.encode())


@pytest.mark.parametrize("ending", FORMATS)
def test_what_ffmpeg_reads_is_taken_by_its_content(ending: str, tmp_path: Path) -> None:
    container, codec, size = FORMATS[ending]
    if codec not in av.codec.codecs_available:
        pytest.skip(f"this FFmpeg has no encoder {codec}")
    path = tmp_path / f"clip.{ending}"
    make(path, container, codec, size)
    assert is_named_video(path.name)
    clip = read_clip(path.rename(tmp_path / "upload"), SPEC)  # uploads have no ending
    levels = clip.frames.mean(axis=(1, 2, 3))
    assert (np.diff(levels) > 5).all()
    assert clip.video_frames >= 24


def test_every_format_that_is_allowed_exists() -> None:
    for name in DEMUXERS.split(","):
        ContainerFormat(name, "r")


def texts(video: Path) -> dict[str, str]:
    """Texts that FFmpeg would follow to a video, or would show as one."""
    return {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{video}\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile {video}\n",
        "concat": f"file '{video}'\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
        "srt": "1\n00:00:00,000 --> 00:00:02,000\nhello\n",
        "ass": "[Script Info]\nTitle: x\n",
        "svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    }


@pytest.mark.parametrize("kind", texts(Path()))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_texts_that_lead_elsewhere_are_refused(kind: str, encoding: str, tmp_path: Path) -> None:
    video = write(tmp_path / "real.mp4")
    path = tmp_path / "clip.mp4"
    path.write_text(texts(video)[kind], encoding=encoding)
    with pytest.raises(UserError, match="not a video, whatever its name says: it is a text"):
        read_clip(path, SPEC)


@pytest.mark.parametrize("start", [b"#EXTM3U\n", b"ffconcat version 1.0\n"])
def test_a_script_with_other_bytes_behind_it_is_refused(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.ts"
    path.write_bytes(start + f"file {tmp_path / 'a.mp4'}\n".encode() + bytes(range(256)) * 20)
    with pytest.raises(UserError, match="not a video"):
        read_clip(path, SPEC)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_a_picture_is_no_video(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    Image.new("RGB", (64, 48), (9, 99, 200)).save(path, kind)
    with pytest.raises(UserError, match="not a video, whatever its name says"):
        read_clip(path, SPEC)


def test_sound_and_noise_are_no_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        container.mux(stream.encode(silence))
    with pytest.raises(UserError, match="not a video"):
        read_clip(path, SPEC)
    path.write_bytes(np.random.default_rng(0).bytes(4096))
    with pytest.raises(UserError, match="not a video"):
        read_clip(path, SPEC)


def test_a_damaged_video_is_called_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[:32] + np.random.default_rng(0).bytes(4096))
    with pytest.raises(UserError, match="may be damaged, or cut off"):
        read_clip(path, SPEC)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mp4")
    with pytest.raises(UserError, match=r"'film\.mp4' is a pipe"):
        read_clip(tmp_path / "film.mp4", SPEC)
