"""Reading chosen frames of a video: those that decoding it from its beginning gives.

Which library reads was decided by measurement (`benchmarks/reading.py`, docs/reading.md). PyAV
reads everything. decord 0.6 gives the same pixels to the bit where it gives the right frames, but
its seeks go by time stamps of packets: on AVI, MPEG-TS, MPEG-PS, on films that an edit list trims
and on very short Matroska it gives other frames and says nothing, and it has no version for arm64
and macOS. What decord saves on long films, a second for two hours, is what checking costs. So it
reads no clip; the benchmark measures it beside.

This runs in the decoding process only (`worker`), which has limits on time and memory.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Collection
from pathlib import Path

import numpy as np
from jaxtyping import Int
from PIL import Image

from tam_viz.types import UserError
from tam_viz.video.frame_index import FrameIndex, frame_index
from tam_viz.video.frames import DAMAGED, Choose, Frames, Prepare
from tam_viz.video.key_frames import (
    DiffersError,
    EndsError,
    decode_stretches,
    first_frames,
    plan,
    share,
)
from tam_viz.video.opening import FFMPEG, READER
from tam_viz.video.pictures import SIDEWAYS
from tam_viz.video.sequential import decode_all
from tam_viz.video.timeline import Timeline, timeline

LOG = logging.getLogger(__name__)
_SMALL = 100_000_000
"""Pixels, over all frames, up to which a film is decoded whole: about a tenth of a second."""

_SQUARE = 1.02
"""Pixels that are longer than wide, or wider than long, by more than this are told of."""

_MOST = 0.6
"""Share of a film above which it is decoded whole, as it costs little more then."""


def read_video(
    path: Path,
    name: str,
    choose: Choose,
    prepare: Prepare = lambda image: image,
    *,
    use_decord: bool = False,  # noqa: ARG001  # named by callers of earlier versions
) -> Frames:
    """Reads the frames that `choose` asks for.

    Args:
        path: A file whose first bytes are those of a video.
        name: What to call it in a sentence.
        choose: Sampling of the frames that can be read.
        prepare: Makes a frame small; only what it returns is kept in memory.
        use_decord: Changes nothing: the frames are those of sequential decoding either way.

    Raises:
        UserError: The file has no video stream, or no frame of it can be decoded.
        MemoryError: The limit on memory was met.
    """
    index = frame_index(path, name)
    sizes: dict[tuple[int, int], None] = {}
    turned: set[bool] = set()

    def prepared(image: Image.Image) -> Image.Image:
        sizes[image.size] = None
        turned.add(SIDEWAYS in image.info)
        return prepare(image)

    frames = _read(path, name, index, choose, prepared)
    told = (*_assumed(index), *_shape(index, sideways=True in turned), *_changes(list(sizes)))
    return dataclasses.replace(frames, notices=(*frames.notices, *told))


def _read(path: Path, name: str, index: FrameIndex, choose: Choose, prepare: Prepare) -> Frames:
    if len(index.shown) * index.width * index.height > _SMALL and index.order is not None:
        frames = _by_key_frames(path, name, index, index.order, choose, prepare)
        if frames is not None:
            return frames
    return _whole(path, name, index, choose, prepare)


def _whole(path: Path, name: str, index: FrameIndex, choose: Choose, prepare: Prepare) -> Frames:
    """Decodes all frames; again, if there are not as many as the packets made expect."""
    count = len(index.shown)
    while count:
        indices = choose(count)
        decoded = decode_all(path, name, index, set(indices.tolist()), prepare)
        frames_read = len(decoded.numbers)
        if frames_read == count:
            lacks = index.cut_off or (decoded.failed and count < len(index.shown))
            return _frames(index, decoded.numbers, indices, decoded.pictures, lacks=lacks)
        count = frames_read
    raise UserError(
        f"No frame of '{name}' can be decoded; the file is damaged, or in a form "
        f"that FFmpeg {FFMPEG} cannot decode."
    )


def _by_key_frames(
    path: Path,
    name: str,
    index: FrameIndex,
    order: Int[np.ndarray, " n"],
    choose: Choose,
    prepare: Prepare,
) -> Frames | None:
    """Decodes what is needed; None if that is nearly all, or not what the index says."""
    decoded, failed = first_frames(path, name, index, order), False
    while decoded is not None and len(decoded):
        indices = choose(len(decoded))
        wanted: Collection[int] = set(indices.tolist())
        stretches = plan(index, decoded, wanted)
        if share(stretches, len(decoded)) > _MOST:
            break
        try:
            pictures = decode_stretches(path, name, index, decoded, stretches, wanted, prepare)
        except DiffersError:
            break
        except EndsError as error:
            if error.frames >= len(decoded):
                break
            decoded, failed = decoded[: error.frames], failed or error.failed
            continue
        return _frames(index, decoded, indices, pictures, lacks=index.cut_off or failed)
    LOG.info("%s is decoded whole", name)
    return None


def _frames(
    index: FrameIndex,
    numbers: Int[np.ndarray, " n"],
    indices: Int[np.ndarray, " t"],
    pictures: dict[int, Image.Image],
    *,
    lacks: bool,
) -> Frames:
    line = _timeline(index, numbers, damaged=lacks)
    notices = [_damage(index, line)] if lacks else []
    if line.doubted_s:
        notices.append(
            f"The clock of the file says {line.doubted_s:.0f} s from one frame to the next, which "
            f"is no rate of a film; {1 / index.step_s:.3g} frames per second are assumed."
        )
    if line.jumps:
        notices.append(
            "The clock of the file jumps on the way; times are counted on across the jumps."
        )
    return Frames(
        images=[pictures[int(i)] for i in indices],
        indices=indices,
        times_s=line.times_s[indices],
        video_frames=len(numbers),
        duration_s=line.duration_s,
        notices=tuple(notices),
        reader=READER,
    )


def _timeline(index: FrameIndex, numbers: Int[np.ndarray, " n"], *, damaged: bool) -> Timeline:
    clock, durations = index.clock(numbers), index.durations(numbers)
    return timeline(clock, durations, index.step_s, index.promised_s, damaged=damaged)


def _changes(sizes: list[tuple[int, int]]) -> list[str]:
    if len(sizes) < 2:
        return []
    return [
        f"The size of the picture changes on the way "
        f"({', '.join(f'{width}×{height}' for width, height in sizes[:4])}); each frame is "
        f"resized and cut by its own size."
    ]


def _assumed(index: FrameIndex) -> list[str]:
    if index.has_clock:
        return []
    return [
        f"This format carries no clock and no frame rate; {1 / index.step_s:.3g} frames per second "
        f"are assumed."
    ]


def _shape(index: FrameIndex, *, sideways: bool) -> list[str]:
    """All protocols here are published ones, and all of their code reads pixels as stored."""
    ratio = index.pixel_ratio
    if 1 / _SQUARE < ratio < _SQUARE:
        return []
    given, shown = (index.width, index.height), (round(index.width * ratio), index.height)
    if sideways:
        given, shown, ratio = given[::-1], shown[::-1], 1 / ratio
    return [
        f"The pixels of this video are not square ({ratio.numerator}:{ratio.denominator}). A "
        f"player shows it {shown[0]}×{shown[1]}; the network is given it as stored, "
        f"{given[0]}×{given[1]}, as the published code reads videos, so everything in it is "
        f"{'narrower' if ratio > 1 else 'wider'} than it was."
    ]


def _damage(index: FrameIndex, line: Timeline) -> str:
    count = len(line.times_s)
    whole = max(index.promised_s, _timeline(index, index.shown, damaged=True).duration_s)
    of = f" of {whole:.1f} s" if whole - line.duration_s >= 0.05 else ""
    return (
        f"{DAMAGED}: the first {count} frames "
        f"({line.duration_s:.1f} s{of}) could be read and are all that is used."
    )
