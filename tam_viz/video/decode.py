"""Asking a decoding process for frames, with limits on time and memory for each file."""

from __future__ import annotations

import logging
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from tam_viz.types import InputSpec, UserError
from tam_viz.video.pool import POOL
from tam_viz.video.wire import Reply
from tam_viz.video.worker import NO_MEMORY, Request

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """Limits on the memory and time of decoding one file.

    Attributes:
        seconds: For all of its reading.
        memory_bytes: Address space of the decoding process.
    """

    seconds: float = 60.0
    memory_bytes: int = 4 << 30


@dataclass(frozen=True, eq=False)
class DecodedViews:
    """Frames of views, resized and cropped, and what is known of the video.

    `crops` has left, top, right, bottom, the resized width and height, and whether mirrored.
    """

    pixels: UInt8[np.ndarray, "v t s s 3"]
    indices: Int[np.ndarray, "v t"]
    times_s: Float[np.ndarray, "v t"]
    crops: Int[np.ndarray, "v 7"]
    video_frames: int
    duration_s: float
    notices: tuple[str, ...]
    reader: str


DEFAULT_LIMITS = Limits()


def decode(
    path: Path,
    name: str,
    spec: InputSpec,
    view: int | None,
    limits: Limits = DEFAULT_LIMITS,
    fps: float | None = None,
) -> DecodedViews:
    """Decodes one view, or all for None, of a video file or of a folder of images.

    `fps` is that of a folder of images, where it is given.

    Raises:
        UserError: The file cannot be read, or not within the limits, or the decoder crashed.
    """
    request = Request(str(path.absolute()), name, spec, view, limits.memory_bytes, fps)
    outcome = POOL.ask(request, limits.seconds)
    answer = outcome.answer
    if outcome.timed_out:
        raise UserError(
            f"'{name}' could not be decoded within {limits.seconds:g} s; choose a shorter or "
            f"smaller video."
        )
    if answer is not None and answer.kind == "frames":
        return _decoded(answer, spec, view)
    if answer is not None and answer.kind == "refused":
        raise UserError(answer.text)
    if answer is not None or outcome.code == NO_MEMORY:
        raise UserError(
            f"'{name}' asks for more than the {limits.memory_bytes / 2**30:.3g} GiB of memory that "
            f"one file may have: it is very large, or damaged; choose a smaller video."
        )
    LOG.warning(
        "decoding %s ended with %d: %s", name, outcome.code, outcome.errors.decode(errors="replace")
    )
    raise UserError(_crash(name, outcome.code))


def _decoded(answer: Reply, spec: InputSpec, view: int | None) -> DecodedViews:
    copies = spec.crops if view is None else 1  # crops of a position share its frames
    fields: Any = answer.fields
    return DecodedViews(
        pixels=answer.arrays["pixels"],
        indices=answer.arrays["indices"].repeat(copies, axis=0),
        times_s=answer.arrays["times_s"].repeat(copies, axis=0),
        crops=answer.arrays["crops"],
        video_frames=fields["video_frames"],
        duration_s=fields["duration_s"],
        notices=tuple(fields["notices"]),
        reader=fields["reader"],
    )


def _crash(name: str, code: int) -> str:
    """What became of a decoding process that gave no answer."""
    if code == -getattr(signal, "SIGKILL", 9):
        return (
            f"The system ended the decoding of '{name}', most likely because the machine ran out "
            f"of memory; choose a smaller video, or try again when less is running."
        )
    if code < 0:
        return (
            f"The decoder crashed on '{name}' ({signal.Signals(-code).name}); the file is damaged, "
            f"or the decoder has a fault. Convert it, for example to mp4, and try again."
        )
    return (
        f"Decoding '{name}' ended with an error of the program itself (exit code {code}); its log "
        f"has more. Convert the file, for example to mp4, and try again."
    )
