"""Telling a video from another file by its first bytes.

Only files that begin like a video container go to the decoder: playlists and scripts that
FFmpeg would follow to other files or addresses begin otherwise.
"""

from __future__ import annotations

from pathlib import Path

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


_MATROSKA = b"\x1a\x45\xdf\xa3"  # WebM too
_STARTS = (
    _MATROSKA,
    b"GIF87a",
    b"GIF89a",
    b"FLV\x01",
    b"OggS",
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
)
_ISO_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_TS_PACKET = 188


def require_video(path: Path, name: str) -> None:
    """Refuses a file that cannot be a video.

    Args:
        path: The file.
        name: What to call it in the sentence.

    Raises:
        UserError: The file is missing, empty, or does not begin like a video.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_TS_PACKET + 1)
    except FileNotFoundError as error:
        raise UserError(f"There is no file '{name}'; give the path of a video.") from error
    except OSError as error:
        raise UserError(f"'{name}' cannot be opened ({error.strerror}).") from error
    if not head:
        raise UserError(f"'{name}' is empty; choose a video file.")
    if not _is_video(head):
        raise UserError(
            f"'{name}' is not a video, whatever its name says: expected mp4, mov, mkv, webm, avi "
            f"or gif, and the file begins with {head[:8]!r}."
        )


def player_format(path: Path) -> str | None:
    """The media type under which browsers play a file, told by its bytes; None if they do not."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:8] in _ISO_BOXES:
        return "video/mp4"
    if head.startswith(_MATROSKA):
        return "video/webm"
    return "video/ogg" if head.startswith(b"OggS") else None


def _is_video(head: bytes) -> bool:
    return (
        head.startswith(_STARTS)
        or head[4:8] in _ISO_BOXES
        or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
        or (head[:1] == b"G" and head[_TS_PACKET:] == b"G")
    )
