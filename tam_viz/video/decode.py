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
    """Frames of one view, resized and cropped, and what is known of the video."""

    pixels: UInt8[np.ndarray, "t s s 3"]
    indices: Int[np.ndarray, " t"]
    times_s: Float[np.ndarray, " t"]
    video_frames: int
    duration_s: float
    notices: tuple[str, ...]


DEFAULT_LIMITS = Limits()


def decode(
    path: Path, name: str, spec: InputSpec, view: int, limits: Limits = DEFAULT_LIMITS
) -> Decoded:
    """Decodes one view of a video file or of a folder of images.

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
            return _answer(done.stdout)
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


def _answer(data: bytes) -> Decoded:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Decoded(
            pixels=arrays["pixels"],
            indices=arrays["indices"],
            times_s=arrays["times_s"],
            video_frames=int(arrays["video_frames"]),
            duration_s=float(arrays["duration_s"]),
            notices=tuple(str(notice) for notice in arrays["notices"]),
        )
