"""Recognising videos by their content, with FFmpeg's own detection of formats.

FFmpeg also recognises playlists and scripts that lead it to other files or addresses (m3u8, concat,
SDP, MPD), subtitles, pictures and sound. None of those is among `DEMUXERS`, so it opens none of
them; texts are refused before it sees them.
"""

from __future__ import annotations

import stat
from pathlib import Path

from av.container import InputContainer

from tam_viz.types import UserError

EXTENSIONS = (
    # What phones, cameras, screen recorders and data sets write.
    *("mp4", "m4v", "mov", "qt", "3gp", "3g2", "f4v", "mkv", "webm", "avi", "divx", "gif", "apng"),
    *("mts", "m2ts", "m2t", "ts", "tod", "mod", "mpg", "mpeg", "mpe", "m1v", "m2v", "vob"),
    *("wmv", "asf", "flv", "ogv", "ogg", "ogm", "rm", "rmvb", "dv", "mxf", "gxf", "wtv"),
    # What encoders and laboratories write.
    *("mjpeg", "mjpg", "h261", "h263", "h264", "264", "avc", "hevc", "h265", "265", "vvc", "266"),
    *("obu", "ivf", "av1", "nut", "y4m", "nuv", "nsv", "dav", "vc1", "dnxhd", "cine", "ser"),
)
"""Endings of the videos of a folder; what a file holds is decided by its bytes."""


def is_named_video(name: str) -> bool:
    """Whether a file of a folder is listed as a video; hidden files (`._a.mp4`) are not."""
    return not name.startswith(".") and Path(name).suffix.lower()[1:] in EXTENSIONS


DEMUXERS = ",".join(
    (
        *("mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "asf", "flv", "live_flv"),
        *("ogg", "gif", "apng", "mxf", "gxf", "lxf", "dv", "nut", "ivf", "obu", "av1", "rm", "ivr"),
        *("yuv4mpegpipe", "mjpeg", "mjpeg_2000", "smjpeg", "h261", "h263", "h264", "hevc", "vvc"),
        *("evc", "vc1", "vc1test", "dirac", "dnxhd", "cavsvideo", "avs2", "avs3", "wtv", "nuv"),
        *("nsv", "pva", "swf", "kux", "dhav", "ty", "cine", "ser", "ipu", "flic", "smk", "bink"),
        *("roq", "thp", "xmv", "film_cpk", "4xm", "jv", "mtv", "mv", "pmp", "vivo", "siff"),
    )
)
"""FFmpeg's names of the formats that may be opened, for its option `format_whitelist`.

Formats that open other files beside them (`mlv`, `vobsub`, `imf`) are left out.
"""

_MATROSKA = b"\x1a\x45\xdf\xa3"  # WebM too
_STARTS = (
    _MATROSKA,
    b"GIF87a",
    b"GIF89a",
    b"FLV\x01",
    b"OggS",
    b"YUV4MPEG2",
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01",  # MXF
    b"DKIF",
    b"nut/",
    b".RMF",
)
_ISO_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_HEAD = 2048
_SCRIPTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<?xml", b"<MPD", b"<smil", b"v=0")
_TEXT = frozenset({7, 8, 9, 10, 12, 13, 27} | set(range(0x20, 0x100)) - {0x7F})
"""Bytes of texts in UTF-8 and older encodings; videos hold others within their first ones."""


def require_video(path: Path, name: str) -> None:
    """Refuses what cannot be a video before anything opens it.

    Args:
        path: The file.
        name: What to call it in the sentence.

    Raises:
        UserError: The file is missing, empty, a text, or no file at all.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe may never answer
            raise UserError(f"'{name}' is a pipe or a device; save the video as a file.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError as error:
        raise UserError(f"There is no file '{name}'; give the path of a video.") from error
    except OSError as error:
        raise UserError(f"'{name}' cannot be opened ({error.strerror}).") from error
    if not head:
        raise UserError(f"'{name}' is empty; choose a video file.")
    if _is_text(head):
        raise UserError(
            f"'{name}' is not a video, whatever its name says: it is a text that begins with "
            f"{head[:20]!r}."
        )


def not_opened(path: Path, name: str, reason: str) -> UserError:
    """Why FFmpeg opened no file: it is no video, or it is damaged.

    Args:
        path: The file.
        name: What to call it in the sentence.
        reason: What FFmpeg says.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if _begins_like_video(head):
        return UserError(
            f"'{name}' cannot be decoded ({reason}); it may be damaged, or cut off before its "
            f"index."
        )
    return UserError(
        f"'{name}' is not a video, whatever its name says, or in a format that is not read: it "
        f"begins with {head[:8]!r}. Formats such as mp4, mov, mkv, webm, avi, MPEG, WMV and 3gp "
        f"are read."
    )


def played_as(path: Path, container: InputContainer, stream: int) -> str | None:
    """The media type under which browsers play a file as it is; None if they may not.

    What they play depends on the codec and the form of its pixels, not on the container alone:
    H.264, VP8, VP9 and AV1 with 8 bits in 4:2:0. They take the first stream of pictures.

    Args:
        path: The file.
        container: The same, opened.
        stream: Number of the stream that is the film.
    """
    first = container.streams.video[0]
    if first.index != stream or first.codec_context.pix_fmt not in ("yuv420p", "yuvj420p"):
        return None
    codec = first.codec_context.codec.canonical_name
    if container.format.name.startswith("mov"):
        return "video/mp4" if codec in ("h264", "vp9", "av1") else None
    with path.open("rb") as file:
        webm = b"webm" in file.read(64)
    return "video/webm" if webm and codec in ("vp8", "vp9", "av1") else None


def _is_text(head: bytes) -> bool:
    if head.startswith(b"YUV4MPEG2 "):
        return False
    marked = head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    return marked or head.lstrip().startswith(_SCRIPTS) or all(byte in _TEXT for byte in head)


def _begins_like_video(head: bytes) -> bool:
    return (
        head.startswith(_STARTS)
        or head[4:8] in _ISO_BOXES
        or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
        or any(head[at] == head[at + size] == 0x47 for at, size in _TS if len(head) > at + size)
    )


_TS = ((0, 188), (4, 192))
"""Where a transport stream has its first mark, and how far the second one is from it."""
