"""Views of a video as `Clip`s."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np

from tam_viz.files import sha256_of
from tam_viz.literal import visible
from tam_viz.types import Clip, InputSpec, Truth, UserError
from tam_viz.video.containers import require_video
from tam_viz.video.decode import DEFAULT_LIMITS, Limits, decode
from tam_viz.video.frames import DAMAGED
from tam_viz.video.image_sequence import image_files


def read_clip(
    path: str | Path,
    spec: InputSpec,
    view: int = 0,
    *,
    name: str | None = None,
    truth: Truth | None = None,
    limits: Limits = DEFAULT_LIMITS,
    fps: float | None = None,
) -> Clip:
    """Reads one view of a video file, or of a folder of images.

    Args:
        path: The file or folder.
        spec: What the network takes.
        view: Which of the `spec.all_views`: crops of the first temporal position, then of the
            next.
        name: What to call the clip; by default the last part of the path.
        truth: What is known of the clip.
        limits: What decoding may cost.
        fps: Images per second of a folder of images; by default what its `fps.txt` says, else 25.

    Raises:
        UserError: There is no such file, it is no video, it cannot be decoded, or `fps` is given
            for a video.
    """
    if not 0 <= view < spec.all_views:
        raise UserError(
            f"There is no view {view}; this protocol has views 0 to {spec.all_views - 1}."
        )
    (clip,) = _read(path, spec, view, name, truth, limits, fps)
    return clip


def read_views(
    path: str | Path,
    spec: InputSpec,
    *,
    name: str | None = None,
    truth: Truth | None = None,
    limits: Limits = DEFAULT_LIMITS,
    fps: float | None = None,
) -> tuple[Clip, ...]:
    """Reads all views of a video, each of its frames once; else like `read_clip`."""
    return _read(path, spec, None, name, truth, limits, fps)


def _read(
    path: str | Path,
    spec: InputSpec,
    view: int | None,
    name: str | None,
    truth: Truth | None,
    limits: Limits,
    fps: float | None,
) -> tuple[Clip, ...]:
    path = Path(path)
    name = visible((name or path.absolute().name).encode("utf-8", "replace").decode())
    if not _is_folder(path):
        require_video(path, name)
        if fps is not None:
            raise UserError(
                f"'{name}' is a video and has a clock of its own; leave out the frames per second, "
                f"which are for folders of images."
            )
    decoded = decode(path, name, spec, view, limits, fps)
    content = content_hash(path)
    return tuple(
        Clip(
            id=_id(content, spec, number if view is None else view),
            frames=pixels,
            frame_indices=decoded.indices[number],
            times_s=decoded.times_s[number],
            source=name,
            video_frames=decoded.video_frames,
            duration_s=decoded.duration_s,
            notices=(
                *decoded.notices,
                *_repeats(decoded.indices[number], decoded.video_frames),
            ),
            truth=truth,
            crop=_box(decoded.crops[number]),
            mirrored=bool(decoded.crops[number][6]),
            reader=decoded.reader,
        )
        for number, pixels in enumerate(decoded.pixels)
    )


def is_damaged(clip: Clip) -> bool:
    """Whether not all frames of its video can be decoded; a player would stop there."""
    return any(notice.startswith(DAMAGED) for notice in clip.notices)


def _box(crop: np.ndarray) -> tuple[int, int, int, int, int, int]:
    left, top, right, bottom, width, height = (int(value) for value in crop[:6])
    return left, top, right, bottom, width, height


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file system takes; opening it will say so
        return False


def _id(content: str, spec: InputSpec, view: int) -> str:
    """Hash of what is in a file (or in the images of a folder), the InputSpec and the view."""
    settings = json.dumps([dataclasses.asdict(spec), view], sort_keys=True)
    return hashlib.sha256(f"{content} {settings}".encode()).hexdigest()[:32]


def content_hash(path: Path) -> str:
    """SHA-256 of the SHA-256 of a file, or of those of the images of a folder in their order."""
    digest = hashlib.sha256()
    for part in image_files(path) if path.is_dir() else [path]:
        digest.update(bytes.fromhex(sha256_of(part)))
    return digest.hexdigest()


def _repeats(indices: np.ndarray, video_frames: int) -> tuple[str, ...]:
    if video_frames < len(indices):
        return (
            f"The network takes {len(indices)} frames and the video has only {video_frames}, so "
            f"frames are given to it more than once.",
        )
    if (np.diff(indices) < 0).any():
        return (
            f"The dense window is longer than the video ({video_frames} frames), so it wraps "
            f"round: the frames are not in their order in time.",
        )
    return ()
