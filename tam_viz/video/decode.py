"""Asking the decoding process for frames, with limits on time and memory."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int, UInt8

from tam_viz.types import InputSpec, UserError
from tam_viz.video.worker import REFUSED, Request

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one file may cost.

    Attributes:
        seconds: For each of the two readers.
        memory_bytes: Address space of the decoding process.
    """

    seconds: float = 30.0
    memory_bytes: int = 4 << 30


@dataclass(frozen=True, eq=False)
class Decoded:
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


DEFAULT_LIMITS = Limits()


def decode(
    path: Path, name: str, spec: InputSpec, view: int | None, limits: Limits = DEFAULT_LIMITS
) -> Decoded:
    """Decodes one view, or all for None, of a video file or of a folder of images.

    Raises:
        UserError: The file cannot be read, or not within the limits.
    """
    for use_decord in (True, False):
        request = Request(str(path.absolute()), name, spec, view, use_decord, limits.memory_bytes)
        try:
            done = _ask(request, limits.seconds)
        except subprocess.TimeoutExpired:
            LOG.info("%s was not decoded in %g s (decord: %s)", name, limits.seconds, use_decord)
            continue
        if done.returncode == REFUSED:
            raise UserError(done.stdout.decode())
        if done.returncode == 0:
            return _answer(done.stdout, spec, view)
        tail = done.stderr.decode(errors="replace")[-2000:]
        LOG.info("decoding %s ended with %d: %s", name, done.returncode, tail)
    raise UserError(
        f"'{name}' could not be decoded within {limits.seconds:g} s and "
        f"{limits.memory_bytes / 2**30:g} GiB of memory; choose a shorter or smaller video."
    )


def _ask(request: Request, seconds: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tam_viz.video.worker"],
        input=json.dumps(dataclasses.asdict(request)).encode(),
        capture_output=True,
        timeout=seconds,
        # BLAS would reserve address space for threads that decoding never uses.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        check=False,
    )


def _answer(data: bytes, spec: InputSpec, view: int | None) -> Decoded:
    copies = spec.crops if view is None else 1  # crops of a position share its frames
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        indices, times_s = (
            arrays[name].reshape(-1, spec.frames).repeat(copies, axis=0)
            for name in ("indices", "times_s")
        )
        return Decoded(
            pixels=arrays["pixels"],
            indices=indices,
            times_s=times_s,
            crops=arrays["crops"],
            video_frames=int(arrays["video_frames"]),
            duration_s=float(arrays["duration_s"]),
            notices=tuple(str(notice) for notice in arrays["notices"]),
        )
